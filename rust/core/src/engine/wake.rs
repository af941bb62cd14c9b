//! Waking an event loop: an eventfd on Linux, a pipe on other Unixes.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};

/// A file descriptor that becomes readable when [`Wake::signal`] was called.
pub struct Wake {
    read: OwnedFd,
    /// Only a pipe has two ends.
    write: Option<OwnedFd>,
}

impl Wake {
    #[cfg(target_os = "linux")]
    pub fn new() -> io::Result<Self> {
        use rustix::event::{EventfdFlags, eventfd};
        let read = eventfd(0, EventfdFlags::NONBLOCK | EventfdFlags::CLOEXEC)?;
        Ok(Self { read, write: None })
    }

    #[cfg(not(target_os = "linux"))]
    pub fn new() -> io::Result<Self> {
        use rustix::io::{FdFlags, fcntl_setfd, ioctl_fionbio};
        let (read, write) = rustix::pipe::pipe()?;
        for end in [&read, &write] {
            fcntl_setfd(end, FdFlags::CLOEXEC)?;
            ioctl_fionbio(end, true)?;
        }
        Ok(Self { read, write: Some(write) })
    }

    /// Makes the descriptor readable. It can't fail but by being readable already.
    pub fn signal(&self) {
        let end: BorrowedFd<'_> = self.write.as_ref().map_or(self.read.as_fd(), AsFd::as_fd);
        let _already_readable = rustix::io::write(end, &1u64.to_ne_bytes());
    }

    /// Makes it unreadable again.
    pub fn clear(&self) {
        let mut bytes = [0; 64];
        while rustix::io::read(&self.read, &mut bytes).is_ok_and(|n| n == bytes.len()) {}
    }

    /// Waits until it is readable.
    pub fn wait(&self) {
        use rustix::event::{PollFd, PollFlags, poll};
        let _interrupted = poll(&mut [PollFd::new(&self.read, PollFlags::IN)], None);
    }

    pub fn raw_fd(&self) -> RawFd {
        self.read.as_raw_fd()
    }
}
