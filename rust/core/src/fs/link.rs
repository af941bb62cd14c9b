//! Hard and symbolic links.

use std::ffi::CStr;
use std::io;
use std::os::fd::BorrowedFd;

use rustix::fs::{AtFlags, CWD, linkat, readlinkat, symlinkat};

use super::retry;

/// Makes a symbolic link that says `target`, which need not be there.
pub fn symlink(target: &CStr, dir: BorrowedFd<'_>, path: &CStr) -> io::Result<()> {
    Ok(retry(|| symlinkat(target, dir, path))?)
}

/// Gives a file another name. A symbolic link gets the name itself, not what it leads to.
pub fn link(from: (BorrowedFd<'_>, &CStr), to: (BorrowedFd<'_>, &CStr)) -> io::Result<()> {
    Ok(retry(|| linkat(from.0, from.1, to.0, to.1, AtFlags::empty()))?)
}

/// Gives what a path leads to another name.
pub fn link_followed(from: &CStr, to: &CStr) -> io::Result<()> {
    Ok(retry(|| linkat(CWD, from, CWD, to, AtFlags::SYMLINK_FOLLOW))?)
}

/// What a symbolic link says. Never asked without a thread: the access time may have to be written, which can wait
/// for the disk.
pub fn read(dir: BorrowedFd<'_>, path: &CStr) -> io::Result<Vec<u8>> {
    Ok(retry(|| readlinkat(dir, path, Vec::with_capacity(256)))?.into_bytes())
}
