//! The contents of a file on their way into another, block by block.

use std::io;
use std::os::fd::BorrowedFd;

use rustix::fs::{Stat, fstat, ftruncate};
#[cfg(target_os = "linux")]
use rustix::io::Errno;
use rustix::io::{pread, pwrite};

use crate::fs::retry;

/// What is copied by the kernel in one go: moments, on any disk.
const BLOCK: u64 = 8 << 20;
/// What is copied through memory of our own.
const BUFFER: usize = 1 << 20;
/// Up to here reading and writing is faster than having the kernel copy.
const SMALL: usize = 128 << 10;

/// Who copies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    /// Nobody: both files share their blocks.
    Sharing,
    /// The kernel.
    Kernel,
    /// We do.
    Hand,
}

/// What is left to copy.
#[derive(Debug)]
pub(super) struct Contents {
    size: u64,
    offset: u64,
    /// Where the data end that are being copied, if holes are left out.
    data_end: Option<u64>,
    by: By,
    refused: bool,
}

impl Contents {
    /// `share`: whether it is worth asking for the same blocks.
    pub(super) fn of(status: &Stat, share: bool) -> Self {
        let number = |value| u64::try_from(value).unwrap_or(0);
        let size = number(status.st_size);
        // As many blocks as it takes: no holes. A size of nothing may be no size at all, as in /proc.
        let holes = cfg!(target_os = "linux") && size > 0 && number(status.st_blocks) * 512 < size;
        let by = match size {
            0 => By::Hand,
            _ if share && cfg!(target_os = "linux") => By::Sharing,
            _ => otherwise(size),
        };
        Self { size, offset: 0, data_end: holes.then_some(0), by, refused: false }
    }

    /// Whether sharing blocks was tried and can't be done between these files.
    pub(super) fn refused_to_share(&self) -> bool {
        self.refused
    }

    /// Copies some more: how many bytes, None at the end.
    pub(super) fn block(
        &mut self,
        from: BorrowedFd<'_>,
        to: BorrowedFd<'_>,
        buffer: &mut Vec<u8>,
    ) -> io::Result<Option<u64>> {
        if self.by == By::Sharing {
            if share(from, to) {
                (self.offset, self.data_end) = (self.size, None);
                self.by = By::Hand;
                return Ok(Some(self.size));
            }
            (self.by, self.refused) = (otherwise(self.size), true);
        }
        let mut length = BLOCK;
        if let Some(end) = self.data_end {
            if self.offset >= end && !self.find_data(from)? {
                return Ok(None);
            }
            length = self.data_end.map_or(BLOCK, |end| (end - self.offset).min(BLOCK));
        }
        let count = self.pass(from, to, length, buffer)?;
        self.offset += count;
        Ok((count > 0).then_some(count))
    }

    /// Gives the copy its size: a hole at the end has not been written.
    pub(super) fn finish(&self, from: BorrowedFd<'_>, to: BorrowedFd<'_>) -> io::Result<()> {
        if self.data_end.is_some() {
            // Whoever has written to the file in the meantime may have made it longer or shorter.
            let size = u64::try_from(retry(|| fstat(from))?.st_size).unwrap_or(0);
            if size != self.offset {
                retry(|| ftruncate(to, size))?;
            }
        }
        Ok(())
    }

    /// Goes on to the next data; false if there are none any more.
    #[cfg(target_os = "linux")]
    fn find_data(&mut self, from: BorrowedFd<'_>) -> io::Result<bool> {
        use rustix::fs::{SeekFrom, seek};
        match retry(|| seek(from, SeekFrom::Data(self.offset))) {
            Ok(start) => {
                self.offset = start;
                let end = retry(|| seek(from, SeekFrom::Hole(start)))?;
                self.data_end = Some(end.max(start + 1));
                Ok(true)
            }
            Err(Errno::NXIO) => Ok(false),
            Err(_) => {
                self.data_end = None;
                Ok(true)
            }
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn find_data(&mut self, _from: BorrowedFd<'_>) -> io::Result<bool> {
        self.data_end = None;
        Ok(true)
    }

    fn pass(&mut self, from: BorrowedFd<'_>, to: BorrowedFd<'_>, length: u64, buffer: &mut Vec<u8>) -> io::Result<u64> {
        #[cfg(target_os = "linux")]
        if self.by == By::Kernel {
            let (mut read, mut written) = (self.offset, self.offset);
            let length = usize::try_from(length).unwrap_or(usize::MAX);
            let copy = || rustix::fs::copy_file_range(from, Some(&mut read), to, Some(&mut written), length);
            match retry(copy) {
                // Some filesystems say that a file has ended which has not.
                Ok(0) if self.offset < self.size => self.by = By::Hand,
                Ok(count) => return Ok(count as u64),
                Err(error @ (Errno::NOSPC | Errno::DQUOT | Errno::IO | Errno::FBIG)) => return Err(error.into()),
                // Not between these two.
                Err(_) => self.by = By::Hand,
            }
        }
        let most = if self.size <= SMALL as u64 { SMALL } else { BUFFER };
        let length = usize::try_from(length).unwrap_or(most).min(most);
        if buffer.len() < length {
            buffer.resize(length, 0);
        }
        let count = retry(|| pread(from, &mut buffer[..length], self.offset))?;
        let mut done = 0;
        while done < count {
            match retry(|| pwrite(to, &buffer[done..count], self.offset + done as u64))? {
                0 => return Err(io::ErrorKind::WriteZero.into()),
                more => done += more,
            }
        }
        Ok(count as u64)
    }
}

fn otherwise(size: u64) -> By {
    if cfg!(target_os = "linux") && size > SMALL as u64 { By::Kernel } else { By::Hand }
}

/// Has the copy share the original's blocks, where the filesystem can do that.
#[cfg(target_os = "linux")]
fn share(from: BorrowedFd<'_>, to: BorrowedFd<'_>) -> bool {
    retry(|| rustix::fs::ioctl_ficlone(to, from)).is_ok()
}

#[cfg(not(target_os = "linux"))]
fn share(_from: BorrowedFd<'_>, _to: BorrowedFd<'_>) -> bool {
    false
}
