//! Moving within a filesystem.

use std::ffi::CStr;
use std::io;
use std::os::fd::BorrowedFd;

use rustix::fs::{AtFlags, CWD, FileType, Mode, linkat, lstat, mkdirat, renameat, unlinkat};
#[cfg(any(target_os = "linux", target_vendor = "apple"))]
use rustix::fs::{RenameFlags, renameat_with};
#[cfg(any(target_os = "linux", target_vendor = "apple"))]
use rustix::io::Errno;

use super::parents::{c_string, exists, split};
use super::{Failure, dir, retry};

/// Gives a file or directory another name; what has that name is replaced.
pub fn rename(from: (BorrowedFd<'_>, &CStr), to: (BorrowedFd<'_>, &CStr)) -> io::Result<()> {
    Ok(retry(|| renameat(from.0, from.1, to.0, to.1))?)
}

/// Gives a file or directory another name, which nothing may have.
pub fn rename_new(from: &CStr, to: &CStr) -> io::Result<()> {
    #[cfg(any(target_os = "linux", target_vendor = "apple"))]
    match retry(|| renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE)) {
        // Some filesystems can't, and some containers refuse it. What is wrong without flags too is said below.
        Err(Errno::INVAL | Errno::NOSYS | Errno::PERM | Errno::OPNOTSUPP) => {}
        renamed => return Ok(renamed?),
    }
    Ok(take_name(from, to)?)
}

/// The same with calls that refuse a name that is taken: a directory is made, or the file gets a second name.
fn take_name(from: &CStr, to: &CStr) -> rustix::io::Result<()> {
    if FileType::from_raw_mode(retry(|| lstat(from))?.st_mode) != FileType::Directory {
        retry(|| linkat(CWD, from, CWD, to, AtFlags::empty()))?;
        return retry(|| unlinkat(CWD, from, AtFlags::empty()));
    }
    retry(|| mkdirat(CWD, to, Mode::RWXU))?;
    retry(|| renameat(CWD, from, CWD, to)).inspect_err(|_| {
        // It is empty and ours, or somebody else's by now and not empty.
        let _stays = unlinkat(CWD, to, AtFlags::REMOVEDIR);
    })
}

/// Lets two names change places.
#[cfg(any(target_os = "linux", target_vendor = "apple"))]
pub fn exchange(one: &CStr, other: &CStr) -> io::Result<()> {
    Ok(retry(|| renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE))?)
}

/// Elsewhere there is no call for it.
#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
pub fn exchange(_: &CStr, _: &CStr) -> io::Result<()> {
    Err(io::Error::from_raw_os_error(libc::ENOTSUP))
}

/// Renames, making directories for the new name and removing those that the old one leaves empty.
pub fn rename_all(from: &CStr, to: &CStr) -> Result<(), Failure> {
    let (head, tail) = split(to.to_bytes());
    let head_c = c_string(head);
    if !head.is_empty() && !tail.is_empty() && !exists(&head_c) {
        dir::make_all(&head_c, 0o777, false).map_err(|failure| failure.given_was(head))?;
    }
    rename((CWD, from), (CWD, to))?;
    let (head, tail) = split(from.to_bytes());
    if !head.is_empty() && !tail.is_empty() {
        // The renaming is done; what is left of its way stays.
        let _in_use = dir::remove_all(&c_string(head));
    }
    Ok(())
}
