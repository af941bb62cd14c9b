//! The file that is locked.

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{CWD, FileType, FlockOperation, Mode, OFlags, Stat, flock, fstat, openat, stat};
use rustix::io::Errno;

use crate::error::retry;
use crate::now::{self, Answer};

/// Which file it is, whatever its name.
pub(super) type Key = (u64, u64);

#[derive(Debug)]
pub(super) struct LockFile {
    fd: OwnedFd,
    pub(super) key: Key,
    /// Whether the system answers without asking anybody else.
    pub(super) local: bool,
}

impl LockFile {
    /// Opens a file, or makes it. To lock it one need not be allowed to write to it.
    pub(super) fn open(path: &CStr) -> io::Result<Self> {
        let fd = match open(path, OFlags::RDWR) {
            // Only now: a file of somebody else's in a directory like /tmp may be opened, but not by who would make it.
            Err(Errno::NOENT) => open(path, OFlags::RDWR | OFlags::CREATE),
            Err(Errno::ACCESS | Errno::PERM | Errno::ROFS | Errno::TXTBSY) => open(path, OFlags::RDONLY),
            opened => opened,
        }?;
        let status = retry(|| fstat(&fd))?;
        let regular = FileType::from_raw_mode(status.st_mode) == FileType::RegularFile;
        let local = regular && now::learn(status.st_dev, fd.as_fd()) != Answer::Never;
        Ok(Self { fd, key: key(&status), local })
    }

    /// Locks it, if nobody else has.
    pub(super) fn try_lock(&self, exclusive: bool) -> io::Result<bool> {
        let operation =
            if exclusive { FlockOperation::NonBlockingLockExclusive } else { FlockOperation::NonBlockingLockShared };
        match retry(|| flock(&self.fd, operation)) {
            Err(Errno::WOULDBLOCK) => Ok(false),
            locked => Ok(locked.map(|()| true)?),
        }
    }

    /// Explicitly: a child may have the same open file.
    pub(super) fn unlock(&self) {
        // Closing does it too, and that comes next.
        let _ends_anyway = retry(|| flock(&self.fd, FlockOperation::Unlock));
    }

    /// Whether the path still leads to it. A lock on a file that was replaced excludes nobody.
    pub(super) fn is_at(&self, path: &CStr) -> bool {
        retry(|| stat(path)).is_ok_and(|status| key(&status) == self.key)
    }
}

fn open(path: &CStr, flags: OFlags) -> rustix::io::Result<OwnedFd> {
    let flags = flags | OFlags::CLOEXEC | OFlags::NOCTTY | OFlags::NONBLOCK;
    retry(|| openat(CWD, path, flags, Mode::from_raw_mode(0o666)))
}

#[allow(clippy::unnecessary_cast)] // the types differ between platforms
fn key(status: &Stat) -> Key {
    (status.st_dev as u64, status.st_ino as u64)
}
