//! A directory that nothing is opened outside of, whatever a path says and whoever changes the tree meanwhile.
//!
//! The kernel confines the lookup itself (`openat2` with `RESOLVE_BENEATH`) where it can. Where it can't, the path is walked
//! component by component from descriptor to descriptor. A path that is checked first and opened afterwards can be swapped in between.

#[cfg(target_os = "linux")]
mod kernel;
mod walk;

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::io::Errno;

use crate::error::retry;

#[cfg(target_os = "linux")]
const PATH: u32 = OFlags::PATH.bits();
#[cfg(not(target_os = "linux"))]
const PATH: u32 = 0;

/// How directories are opened on the way: for what is below them only.
pub(crate) const WAY: OFlags = OFlags::DIRECTORY.union(OFlags::CLOEXEC).union(OFlags::from_bits_retain(PATH));

/// An open directory, and all that is beneath it.
#[derive(Debug)]
pub struct Root {
    fd: OwnedFd,
}

impl Root {
    /// Opens the directory. Its own path may be anything: it is trusted.
    pub fn open(directory: &CStr) -> io::Result<Self> {
        Ok(Self { fd: retry(|| openat(CWD, directory, WAY, Mode::empty()))? })
    }

    /// A directory that is open already.
    pub fn of(fd: OwnedFd) -> Self {
        Self { fd }
    }

    /// Opens what a relative path leads to. Symbolic links are followed as long as they are relative and stay beneath.
    ///
    /// A way out is `EXDEV` (see [`escapes`]). Nothing is waited for: a FIFO opens at once or not at all.
    pub fn open_file(&self, relative: &CStr, flags: OFlags) -> io::Result<OwnedFd> {
        let mut flags = flags | OFlags::CLOEXEC;
        // What is opened for its path only isn't opened: there is nothing to wait for.
        if flags.bits() & PATH == 0 {
            flags |= OFlags::NONBLOCK | OFlags::NOCTTY;
        }
        #[cfg(target_os = "linux")]
        if let Some(answer) = kernel::open(self.fd.as_fd(), relative, flags) {
            return Ok(answer?);
        }
        Ok(walk::open(self.fd.as_fd(), relative, flags)?)
    }

    /// The directory itself.
    pub fn fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

/// Whether an error of [`Root::open_file`] says that the path leads out.
pub fn escapes(error: &io::Error) -> bool {
    error.raw_os_error() == Some(Errno::XDEV.raw_os_error())
}

#[cfg(test)]
mod tests;
