//! Removing files.

use std::ffi::CStr;
use std::io;
use std::os::fd::BorrowedFd;

use rustix::fs::{AtFlags, unlinkat};

use super::retry;

/// Removes a name. The file goes with its last name, when nobody has it open.
pub fn remove(dir: BorrowedFd<'_>, path: &CStr) -> io::Result<()> {
    Ok(retry(|| unlinkat(dir, path, AtFlags::empty()))?)
}

/// Not to be there is what was wanted.
pub fn or_missing(removed: io::Result<()>) -> io::Result<()> {
    removed.or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })
}
