//! From one file to another within the kernel.

use std::io;
use std::os::fd::BorrowedFd;

use super::retry;

/// Sends at most `count` bytes, from `offset` or from where the file stands, and returns how many they were.
pub fn sendfile(to: BorrowedFd<'_>, from: BorrowedFd<'_>, offset: Option<u64>, count: usize) -> io::Result<usize> {
    let mut offset = offset;
    Ok(retry(|| rustix::fs::sendfile(to, from, offset.as_mut(), count))?)
}
