//! A descriptor of the core's own. Whoever waits for one learns when it is closed.

use std::io;
use std::mem::ManuallyDrop;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use crate::engine;
use crate::file::close;

/// An open file or directory.
#[derive(Debug)]
pub(crate) struct Fd(ManuallyDrop<OwnedFd>);

impl Fd {
    /// Closes it and says how it went, which dropping doesn't: some filesystems tell only then that there was no room.
    pub(crate) fn close(mut self) -> io::Result<()> {
        // SAFETY: it is taken once, for what is forgotten here is not dropped.
        let fd = unsafe { ManuallyDrop::take(&mut self.0) };
        std::mem::forget(self);
        let closed = close(fd);
        engine::fd_freed();
        closed
    }
}

impl From<OwnedFd> for Fd {
    fn from(fd: OwnedFd) -> Self {
        Self(ManuallyDrop::new(fd))
    }
}

impl AsFd for Fd {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl Drop for Fd {
    fn drop(&mut self) {
        // SAFETY: nobody has it after this.
        unsafe { ManuallyDrop::drop(&mut self.0) };
        engine::fd_freed();
    }
}
