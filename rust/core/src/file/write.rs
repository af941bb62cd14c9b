//! Getting bytes out.

use std::io;
use std::os::fd::BorrowedFd;

use super::handle::File;
use super::read::Reach;
use crate::error::{Result, Stop, Way};

impl File {
    /// Takes bytes into the buffer if they fit; they are then as good as written.
    #[inline]
    pub fn write_buffered(&mut self, bytes: &[u8]) -> bool {
        if !self.ahead.is_empty() || self.pending.len() + bytes.len() > self.options.write_buffer {
            return false;
        }
        if self.pending.capacity() == 0 {
            self.pending.reserve_exact(bytes.len().max(4096));
        }
        self.pending.extend_from_slice(bytes);
        true
    }

    /// Whether [`File::write`] can take so many bytes without a system call that may block.
    pub fn takes(&self, size: usize) -> bool {
        (self.regular || self.ahead.is_empty()) && self.pending.len() + size <= self.options.write_buffer
    }

    /// Writes: into the buffer if it fits, else what is pending and then these.
    pub fn write(&mut self, way: Way, bytes: &[u8]) -> Result<()> {
        self.rewind(way)?;
        if self.write_buffered(bytes) {
            return Ok(());
        }
        self.flush(way)?;
        if self.write_buffered(bytes) {
            return Ok(());
        }
        if way != Way::Soon {
            return Err(Stop::WouldBlock);
        }
        let (_, result) = self.write_all(bytes);
        result.map_err(Stop::from)
    }

    /// One system call, as a raw file writes. `Ok(None)`: a non-blocking descriptor took nothing.
    pub fn write_raw(&mut self, bytes: &[u8]) -> io::Result<Option<usize>> {
        let fd = self.fd()?;
        match crate::error::retry(|| rustix::io::write(fd, bytes)) {
            Err(rustix::io::Errno::AGAIN) => Ok(None),
            other => Ok(other.map(Some)?),
        }
    }

    /// Hands everything pending to the kernel. What an error leaves over stays pending.
    pub fn flush(&mut self, way: Way) -> Result<()> {
        if self.pending.is_empty() {
            return Ok(());
        }
        if way != Way::Soon {
            return Err(Stop::WouldBlock);
        }
        let bytes = std::mem::take(&mut self.pending);
        let (written, result) = self.write_all(&bytes);
        self.pending = bytes;
        match result {
            Ok(()) => self.pending.clear(),
            Err(_) => drop(self.pending.drain(..written)),
        }
        result.map_err(Stop::from)
    }

    /// Before a write, the bytes read ahead are given back: the file's position is where the reader stands.
    pub(super) fn rewind(&mut self, way: Way) -> Result<()> {
        let unread = self.buffered().len();
        if unread > 0 {
            if way != Way::Soon && !self.regular {
                return Err(Stop::WouldBlock);
            }
            self.back(unread)?;
            self.consume(unread);
        }
        self.reach = Reach::default();
        Ok(())
    }

    /// Moves the kernel's idea of the position back.
    pub(super) fn back(&self, count: usize) -> Result<()> {
        if count > 0 {
            let back = -i64::try_from(count).unwrap_or(i64::MAX);
            rustix::fs::seek(self.fd()?, rustix::fs::SeekFrom::Current(back))?;
        }
        Ok(())
    }

    fn write_all(&self, bytes: &[u8]) -> (usize, io::Result<()>) {
        match self.fd() {
            Ok(fd) => write_all(fd, bytes),
            Err(error) => (0, Err(error)),
        }
    }
}

/// The most that is written in one system call, so that it doesn't keep the processor from the loop's thread for
/// long: 64 MiB in one took it for 20 ms.
const ONE_CALL: usize = 512 * 1024;

/// How much of so many bytes one system call takes. All where the file appends: others append too, and nothing of
/// theirs may come in between.
fn one_call(fd: BorrowedFd<'_>, size: usize) -> usize {
    let appends = || rustix::fs::fcntl_getfl(fd).is_ok_and(|flags| flags.contains(rustix::fs::OFlags::APPEND));
    if size <= ONE_CALL || appends() { size } else { ONE_CALL }
}

/// Writes until all is written, through short writes and signals. Says how much was, also when it failed.
pub(crate) fn write_all(fd: BorrowedFd<'_>, bytes: &[u8]) -> (usize, io::Result<()>) {
    let step = one_call(fd, bytes.len());
    let mut done = 0;
    while done < bytes.len() {
        let end = bytes.len().min(done + step);
        match rustix::io::write(fd, &bytes[done..end]) {
            Ok(0) => return (done, Err(io::ErrorKind::WriteZero.into())),
            Ok(count) => done += count,
            Err(rustix::io::Errno::INTR) => {}
            Err(errno) => return (done, Err(errno.into())),
        }
    }
    (done, Ok(()))
}
