//! Where a file stands, and how long it is.

use rustix::fs::SeekFrom;

use super::handle::File;
use super::read::Reach;
use crate::error::{Result, Stop, Way};

/// What an offset counts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From {
    /// The beginning.
    Start(u64),
    /// Where the reader stands.
    Current(i64),
    /// The end.
    End(i64),
    /// The next data (`SEEK_DATA`) or hole (`SEEK_HOLE`), as the kernel's number for it.
    Kernel(i32, i64),
}

impl File {
    /// Where the next byte is read or written.
    pub fn tell(&self) -> Result<u64> {
        let position = rustix::fs::tell(self.fd()?)?;
        Ok((position + self.pending.len() as u64).saturating_sub(self.buffered().len() as u64))
    }

    /// Whether what is pending lands elsewhere than where the file stands: at the end, which may be somewhere else.
    pub fn strayed(&self) -> bool {
        self.options.mode.append && !self.pending.is_empty() && !(self.is_local() && self.is_at_end())
    }

    /// Whether the file is as long as where it stands. It may be shorter, too.
    fn is_at_end(&self) -> bool {
        self.fd().is_ok_and(|fd| {
            let size = rustix::fs::fstat(fd).map(|status| u64::try_from(status.st_size).unwrap_or(0));
            size.is_ok() && size == rustix::fs::tell(fd)
        })
    }

    /// Goes elsewhere and returns where that is. What is pending is written first.
    pub fn seek(&mut self, way: Way, to: From) -> Result<u64> {
        if way != Way::Soon && !self.regular {
            return Err(Stop::WouldBlock);
        }
        self.flush(way)?;
        if let Some(position) = self.seek_in_buffer(to)? {
            return Ok(position);
        }
        let unread = i64::try_from(self.buffered().len()).unwrap_or(i64::MAX);
        let position = match to {
            From::Start(offset) => self.lseek(SeekFrom::Start(offset)),
            From::Current(offset) => self.lseek(SeekFrom::Current(offset.saturating_sub(unread))),
            From::End(offset) => self.lseek(SeekFrom::End(offset)),
            From::Kernel(whence, offset) => self.lseek_kernel(whence, offset),
        }?;
        self.forget_ahead();
        Ok(position)
    }

    /// A short way forward needs no new read. (What is consumed is gone, so never back.)
    fn seek_in_buffer(&mut self, to: From) -> Result<Option<u64>> {
        if self.buffered().is_empty() {
            return Ok(None);
        }
        let here = self.tell()?;
        let target = match to {
            From::Start(offset) => Some(offset),
            From::Current(offset) => here.checked_add_signed(offset),
            From::End(_) | From::Kernel(..) => None,
        };
        let Some(target) = target else { return Ok(None) };
        let Some(forward) = target.checked_sub(here) else { return Ok(None) };
        match usize::try_from(forward) {
            Ok(forward) if forward <= self.buffered().len() => {
                self.consume(forward);
                Ok(Some(target))
            }
            _ => Ok(None),
        }
    }

    /// Sets the size; the position stays. What is pending is written first. Of what was read ahead, only the first
    /// `taken` bytes are kept: a decoder has seen them already.
    pub fn truncate(&mut self, size: u64, taken: usize) -> Result<()> {
        self.flush(Way::Soon)?;
        let beyond = self.buffered().len().saturating_sub(taken);
        self.back(beyond)?;
        self.ahead.shorten(beyond);
        crate::error::retry(|| rustix::fs::ftruncate(self.fd().map_err(|_| rustix::io::Errno::BADF)?, size))?;
        Ok(())
    }

    /// Whether the file has a position.
    pub fn seekable(&self) -> bool {
        self.fd().is_ok_and(|fd| rustix::fs::tell(fd).is_ok())
    }

    /// Whether it is a terminal.
    pub fn is_terminal(&self) -> bool {
        self.fd().is_ok_and(|fd| std::io::IsTerminal::is_terminal(&fd))
    }

    pub(super) fn forget_ahead(&mut self) {
        self.ahead.clear();
        self.ended = false;
        self.reach = Reach::default();
    }

    fn lseek(&self, to: SeekFrom) -> Result<u64> {
        Ok(rustix::fs::seek(self.fd()?, to)?)
    }

    fn lseek_kernel(&self, whence: i32, offset: i64) -> Result<u64> {
        use std::os::fd::AsRawFd;
        // SAFETY: plain numbers go in and come out.
        let position = unsafe { libc::lseek(self.fd()?.as_raw_fd(), offset, whence) };
        u64::try_from(position).map_err(|_| std::io::Error::last_os_error().into())
    }
}
