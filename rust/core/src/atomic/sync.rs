//! Onto the disk. A failure is told and not tried again: the kernel tells it once, and a second attempt would succeed without
//! the data.

use std::io;
use std::os::fd::AsFd;

use rustix::io::Errno;

use crate::fs::retry;

/// A file, with its size and permissions.
pub(super) fn file(fd: impl AsFd) -> io::Result<()> {
    let fd = fd.as_fd();
    #[cfg(target_vendor = "apple")]
    match retry(|| rustix::fs::fcntl_fullfsync(fd)) {
        // Not every filesystem can have its disk empty its cache.
        Err(Errno::INVAL | Errno::NOTTY | Errno::OPNOTSUPP) => {}
        synced => return Ok(synced?),
    }
    // An interrupted call has told of no failure.
    Ok(retry(|| rustix::fs::fsync(fd))?)
}

/// The names in a directory.
pub(super) fn directory(fd: impl AsFd) -> io::Result<()> {
    match retry(|| rustix::fs::fsync(fd.as_fd())) {
        // There is nothing that could be done for names there.
        Err(Errno::INVAL | Errno::OPNOTSUPP) => Ok(()),
        synced => Ok(synced?),
    }
}
