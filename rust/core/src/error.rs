//! The two ways an operation is asked for, and the two reasons why it stops.

use std::{fmt, io};

/// How far an operation may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Only system calls that the kernel guarantees not to block. May stop with [`Stop::WouldBlock`].
    Now,
    /// No system call at all: a worker has made everything ready, and what isn't there doesn't exist.
    Held,
    /// Whatever it takes. Never stops with [`Stop::WouldBlock`].
    Soon,
}

/// Why an operation stopped before it was done.
#[derive(Debug)]
pub enum Stop {
    /// Asked for [`Way::Now`], and the kernel would have to wait. Nothing is lost: ask again with [`Way::Soon`].
    WouldBlock,
    /// The system said no. The error is the kernel's own, errno included.
    Failed(io::Error),
}

impl Stop {
    /// The error of an operation that was asked for with [`Way::Soon`].
    pub fn into_error(self) -> io::Error {
        match self {
            Stop::Failed(error) => error,
            Stop::WouldBlock => io::Error::from_raw_os_error(libc::EAGAIN),
        }
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Stop::Failed(error)
    }
}

impl From<rustix::io::Errno> for Stop {
    fn from(errno: rustix::io::Errno) -> Self {
        Stop::Failed(errno.into())
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stop::WouldBlock => f.write_str("would block"),
            Stop::Failed(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Stop {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Stop::WouldBlock => None,
            Stop::Failed(error) => Some(error),
        }
    }
}

/// What operations return.
pub type Result<T> = std::result::Result<T, Stop>;

/// A signal is nobody's error.
pub(crate) fn retry<T>(mut call: impl FnMut() -> rustix::io::Result<T>) -> rustix::io::Result<T> {
    loop {
        match call() {
            Err(rustix::io::Errno::INTR) => {}
            other => return other,
        }
    }
}
