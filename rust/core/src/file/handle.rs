//! The file itself: what it holds and how it is let go.

use std::ffi::{CStr, CString};
use std::io;
use std::mem::ManuallyDrop;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};

use super::ahead::Ahead;
use super::mode::OpenOptions;
use super::read::Reach;
use crate::engine;
use crate::error::{Result, Stop, Way};
use crate::now::Answer;

/// An open file with its buffers. Whoever holds it may use it: it has no lock of its own.
#[derive(Debug)]
pub struct File {
    /// Taken by `close`; never closed if it was only borrowed (`closefd=False`).
    pub(super) fd: Option<ManuallyDrop<OwnedFd>>,
    pub(super) owned: bool,
    pub(super) options: OpenOptions,
    pub(super) regular: bool,
    pub(super) answer: Answer,
    /// Bytes read and not yet consumed.
    pub(super) ahead: Ahead,
    /// Whether the last read met the end of the file.
    pub(super) ended: bool,
    /// How far it is read ahead.
    pub(super) reach: Reach,
    /// When it was seen to have a name, on the clock that costs least.
    pub(super) named_at: Option<(i64, i64)>,
    /// Bytes accepted and not yet written.
    pub(super) pending: Vec<u8>,
    /// What is removed once the file is closed.
    pub(super) remove: Option<CString>,
}

/// How long a file that had a name is taken to have one still, in nanoseconds.
const NAMED: i64 = 8_000_000;

pub(super) fn coarse_clock() -> (i64, i64) {
    #[cfg(target_os = "linux")]
    let clock = rustix::time::ClockId::MonotonicCoarse;
    #[cfg(not(target_os = "linux"))]
    let clock = rustix::time::ClockId::Monotonic;
    let now = rustix::time::clock_gettime(clock);
    (now.tv_sec, now.tv_nsec)
}

impl File {
    /// Wraps a descriptor. `owned`: it is closed with the file.
    pub fn from_fd(fd: OwnedFd, owned: bool, options: OpenOptions, regular: bool, answer: Answer) -> Self {
        Self {
            fd: Some(ManuallyDrop::new(fd)),
            owned,
            options,
            regular,
            answer,
            ahead: Ahead::default(),
            ended: false,
            reach: Reach::default(),
            named_at: None,
            pending: Vec::new(),
            remove: None,
        }
    }

    pub(super) fn fd(&self) -> io::Result<BorrowedFd<'_>> {
        match &self.fd {
            Some(fd) => Ok(fd.as_fd()),
            None => Err(io::Error::from_raw_os_error(libc::EBADF)),
        }
    }

    /// The descriptor's number, while there is one.
    pub fn raw_fd(&self) -> Option<RawFd> {
        self.fd.as_ref().map(|fd| fd.as_raw_fd())
    }

    /// Whether it is a regular file.
    pub fn is_regular(&self) -> bool {
        self.regular
    }

    /// Whether an operation may wait for somebody else rather than for a disk.
    pub fn lane(&self) -> engine::Lane {
        if self.regular { engine::Lane::Disk } else { engine::Lane::Stream }
    }

    /// Bytes read ahead and not yet consumed.
    #[inline]
    pub fn buffered(&self) -> &[u8] {
        self.ahead.bytes()
    }

    /// How large its buffer was asked to be, or is usually.
    pub fn declared_buffer(&self) -> usize {
        self.options.declared
    }

    /// Marks bytes of [`File::buffered`] as read.
    #[inline]
    pub fn consume(&mut self, count: usize) {
        self.ahead.consume(count);
    }

    /// Memory that a large read has left behind. Freeing it takes its time: not on the loop's thread.
    pub fn shed(&mut self) -> Option<Vec<u8>> {
        self.ahead.shed()
    }

    /// Bytes accepted and not yet written.
    pub fn pending(&self) -> usize {
        self.pending.len()
    }

    /// Has a path removed as soon as the file is closed, as temporary files are.
    pub fn remove_when_closed(&mut self, path: Option<CString>) {
        self.remove = path;
    }

    /// Whether something is lost if the process ends before the file is closed.
    pub fn leaves_something(&self) -> bool {
        !self.pending.is_empty() || self.remove.is_some()
    }

    /// Whether the last read met the end of the file.
    pub fn at_end(&self) -> bool {
        self.ended
    }

    /// Writes what is pending and closes. Closes also when the write fails; the first error is returned.
    ///
    /// Now, only a file that was opened for reading and still has a name is closed: the last close of an
    /// unlinked file frees its blocks.
    pub fn close(&mut self, way: Way) -> Result<()> {
        if self.fd.is_none() {
            return Ok(());
        }
        if way != Way::Soon && self.owned && !self.closes_at_once() {
            return Err(Stop::WouldBlock);
        }
        if way != Way::Soon && !self.pending.is_empty() {
            return Err(Stop::WouldBlock);
        }
        let flushed = self.flush(Way::Soon);
        let closed = self.close_fd();
        flushed.and(closed.map_err(Stop::from))
    }

    /// Gives the memory of a closed file back, on the thread that got it: see [`engine::Parcel`].
    pub fn free(&mut self) {
        self.pending = Vec::new();
        self.ahead = Ahead::default();
    }

    fn named_lately(&self) -> bool {
        let Some((seconds, nanoseconds)) = self.named_at else { return false };
        let now = coarse_clock();
        (now.0 - seconds) * 1_000_000_000 + now.1 - nanoseconds <= NAMED
    }

    fn closes_at_once(&self) -> bool {
        let named =
            || self.named_lately() || self.fd().is_ok_and(|fd| rustix::fs::fstat(fd).is_ok_and(|s| s.st_nlink > 0));
        let kept = self.remove.is_none();
        self.regular && kept && self.answer != Answer::Never && !self.options.mode.writable && named()
    }

    fn close_fd(&mut self) -> io::Result<()> {
        self.pending.clear();
        let Some(fd) = self.fd.take() else { return Ok(()) };
        if !self.owned {
            return Ok(());
        }
        let closed = close(ManuallyDrop::into_inner(fd));
        engine::fd_freed();
        closed.and(self.remove.take().map_or(Ok(()), |path| remove(&path)))
    }

    /// Lets the descriptor go without closing it; what is pending is lost to this file and given back. Nothing is
    /// removed any more.
    pub fn detach(&mut self) -> (Option<OwnedFd>, Vec<u8>) {
        (self.fd.take().map(ManuallyDrop::into_inner), std::mem::take(&mut self.pending))
    }
}

impl Drop for File {
    /// A file dropped without `close` still writes what it accepted; nobody is left to hear of an error.
    fn drop(&mut self) {
        let _nobody_left = self.close(Way::Soon);
    }
}

/// Removes what somebody else may have removed already.
fn remove(path: &CStr) -> io::Result<()> {
    match rustix::fs::unlink(path) {
        Err(rustix::io::Errno::NOENT) => Ok(()),
        other => Ok(other?),
    }
}

/// Closes and says how it went, which dropping doesn't. The descriptor is gone in any case.
pub(crate) fn close(fd: OwnedFd) -> io::Result<()> {
    use std::os::fd::IntoRawFd;
    // SAFETY: the descriptor is owned and given up here.
    if unsafe { libc::close(fd.into_raw_fd()) } == 0 {
        return Ok(());
    }
    match io::Error::last_os_error() {
        error if error.raw_os_error() == Some(libc::EINTR) => Ok(()),
        error => Err(error),
    }
}
