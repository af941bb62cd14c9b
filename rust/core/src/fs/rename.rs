//! Moving within a filesystem.

use std::ffi::CStr;
use std::io;
use std::os::fd::BorrowedFd;

use rustix::fs::{CWD, renameat};

use super::parents::{c_string, exists, split};
use super::{Failure, dir, retry};

/// Gives a file or directory another name; what has that name is replaced.
pub fn rename(from: (BorrowedFd<'_>, &CStr), to: (BorrowedFd<'_>, &CStr)) -> io::Result<()> {
    Ok(retry(|| renameat(from.0, from.1, to.0, to.1))?)
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
