//! Moving within a filesystem.

use std::ffi::CStr;
use std::io;
use std::os::fd::BorrowedFd;

use rustix::fs::{CWD, renameat};
#[cfg(any(target_os = "linux", target_vendor = "apple"))]
use rustix::fs::{RenameFlags, renameat_with};

use super::parents::{c_string, exists, split};
use super::{Failure, dir, retry};

/// Gives a file or directory another name; what has that name is replaced.
pub fn rename(from: (BorrowedFd<'_>, &CStr), to: (BorrowedFd<'_>, &CStr)) -> io::Result<()> {
    Ok(retry(|| renameat(from.0, from.1, to.0, to.1))?)
}

/// Gives a file or directory another name, which nothing may have.
#[cfg(any(target_os = "linux", target_vendor = "apple"))]
pub fn rename_new(from: &CStr, to: &CStr) -> io::Result<()> {
    Ok(retry(|| renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE))?)
}

/// Lets two names change places.
#[cfg(any(target_os = "linux", target_vendor = "apple"))]
pub fn exchange(one: &CStr, other: &CStr) -> io::Result<()> {
    Ok(retry(|| renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE))?)
}

/// Elsewhere there is no call for it.
#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
pub fn rename_new(_: &CStr, _: &CStr) -> io::Result<()> {
    Err(io::Error::from_raw_os_error(libc::ENOTSUP))
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
