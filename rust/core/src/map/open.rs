//! Bringing a file into memory, a block at a time.

use std::ffi::CString;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

use rustix::fs::{CWD, FileType, Mode, OFlags, fstat, openat};
use rustix::io::{Errno, pread};

use super::region::{Region, page_size};
use super::{BLOCK, Map};
use crate::engine;
use crate::error::retry;
use crate::fs::Failure;
use crate::long::{Long, Progress};

/// Which part of which file, and how.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The file.
    pub path: CString,
    /// Where the part begins.
    pub offset: u64,
    /// How many bytes it has; None: up to the end.
    pub length: Option<u64>,
    /// The system's pages, instead of a copy.
    pub shared: bool,
    /// A copy may have so many bytes.
    pub limit: u64,
}

/// A file on its way into memory.
pub struct Opening {
    wanted: Wanted,
    begun: Option<Begun>,
    map: Option<Map>,
    done: usize,
}

struct Begun {
    fd: OwnedFd,
    region: Region,
    skip: usize,
    length: usize,
}

impl Opening {
    /// Nothing is opened yet.
    pub fn new(wanted: Wanted) -> Self {
        Self { wanted, begun: None, map: None, done: 0 }
    }

    /// The map, once everything is done.
    pub fn take(&mut self) -> Option<Map> {
        self.map.take()
    }

    fn begin(&self) -> io::Result<Begun> {
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let fd = retry(|| openat(CWD, self.wanted.path.as_c_str(), flags, Mode::empty()))?;
        let status = retry(|| fstat(&fd))?;
        match FileType::from_raw_mode(status.st_mode) {
            FileType::RegularFile => {}
            FileType::Directory => return Err(Errno::ISDIR.into()),
            _ => return Err(Errno::NODEV.into()),
        }
        let size = u64::try_from(status.st_size).unwrap_or(0);
        let rest = size.checked_sub(self.wanted.offset);
        let length =
            rest.and_then(|rest| self.wanted.length.map_or(Some(rest), |length| (length <= rest).then_some(length)));
        let length = length.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "the file has no such part"))?;
        if !self.wanted.shared && length > self.wanted.limit {
            return Err(Errno::FBIG.into());
        }
        let length = usize::try_from(length).map_err(|_| io::Error::from(io::ErrorKind::OutOfMemory))?;
        let (region, skip) = self.region(&fd, length)?;
        Ok(Begun { fd, region, skip, length })
    }

    fn region(&self, fd: &OwnedFd, length: usize) -> io::Result<(Region, usize)> {
        if !self.wanted.shared || length == 0 {
            return Ok((Region::fresh(length)?, 0));
        }
        let page = page_size() as u64;
        let start = self.wanted.offset / page * page;
        let skip = usize::try_from(self.wanted.offset - start).unwrap_or(0);
        Ok((Region::of_file(fd.as_fd(), start, skip + length)?, skip))
    }

    /// A block more of the copy. A file that was cut short ends the copy where it ends.
    fn copy(begun: &mut Begun, done: usize, offset: u64) -> io::Result<usize> {
        let end = begun.length.min(done + BLOCK);
        let count = retry(|| pread(&begun.fd, &mut begun.region.memory()[done..end], offset + done as u64))?;
        if count == 0 {
            begun.length = done;
        }
        Ok(done + count)
    }

    fn finish(&mut self) {
        if let Some(Begun { fd, region, skip, length }) = self.begun.take() {
            let file = self.wanted.shared.then_some((fd, self.wanted.offset));
            if file.is_none() {
                engine::fd_freed();
            }
            self.map = Some(Map { region, skip, length, file });
        }
    }
}

impl Long for Opening {
    fn advance(&mut self, slice: Duration) -> Result<bool, Failure> {
        let until = Instant::now() + slice;
        if self.begun.is_none() && self.map.is_none() {
            self.begun = Some(self.begin()?);
        }
        if !self.wanted.shared {
            while let Some(begun) = self.begun.as_mut().filter(|begun| self.done < begun.length) {
                self.done = Self::copy(begun, self.done, self.wanted.offset)?;
                if Instant::now() >= until {
                    return Ok(false);
                }
            }
        }
        self.finish();
        let Some(map) = self.map.as_ref().filter(|map| map.is_shared()) else { return Ok(true) };
        while self.done < map.len() {
            self.done = map.load(self.done, map.len());
            if Instant::now() >= until {
                return Ok(self.done >= map.len());
            }
        }
        Ok(true)
    }

    fn progress(&self) -> Progress {
        let length = self.begun.as_ref().map(|begun| begun.length).or(self.map.as_ref().map(Map::len));
        let done = self.done as u64;
        Progress { done, total: length.map_or(done, |length| length as u64), bytes: done }
    }

    fn give_up(&mut self) {
        if self.begun.take().is_some() {
            engine::fd_freed();
        }
        self.map = None;
    }
}
