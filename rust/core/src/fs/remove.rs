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
