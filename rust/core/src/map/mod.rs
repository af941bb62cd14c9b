//! Files in memory: a copy that is nobody else's, or the system's own pages.
//!
//! A file that is cut short while it is mapped leaves pages behind that nobody may touch: whoever does is killed. So a [`Map`] is a copy,
//! unless it was asked to be shared; and of a shared one, this module itself never touches a page but through the kernel.

mod open;
mod region;

use std::io;
use std::os::fd::OwnedFd;

use rustix::io::pread;

use crate::engine;
use crate::error::retry;

pub use open::{Opening, Wanted};
use region::Region;

/// What is looked at in one go.
const BLOCK: usize = 1 << 20;

/// A part of a file, in memory.
#[derive(Debug)]
pub struct Map {
    region: Region,
    /// Where the part begins in the region.
    skip: usize,
    length: usize,
    /// The file, and where the part begins in it, if it is shared.
    file: Option<(OwnedFd, u64)>,
}

impl Map {
    /// How many bytes it has: it never changes.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Where its bytes are. Those of a shared map may be gone: who reads them then is killed.
    pub fn memory(&self) -> *const u8 {
        self.region.start().wrapping_add(self.skip)
    }

    /// Whether others who write to the file change it.
    pub fn is_shared(&self) -> bool {
        self.file.is_some()
    }

    /// Copies bytes from an offset on. Fewer than there is room for, if it ends there or the file was cut short.
    pub fn read(&self, offset: usize, into: &mut [u8]) -> io::Result<usize> {
        let count = into.len().min(self.length.saturating_sub(offset));
        let Some((fd, start)) = &self.file else {
            // SAFETY: a copy's memory is ours, and it has so many bytes from there on.
            let bytes = unsafe { std::slice::from_raw_parts(self.memory().add(offset.min(self.length)), count) };
            into[..count].copy_from_slice(bytes);
            return Ok(count);
        };
        let mut done = 0;
        while done < count {
            match retry(|| pread(fd, &mut into[done..count], start + (offset + done) as u64))? {
                0 => break,
                more => done += more,
            }
        }
        Ok(done)
    }

    /// Where bytes are found first, between two offsets.
    pub fn find(&self, what: &[u8], start: usize, stop: usize) -> io::Result<Option<usize>> {
        let stop = stop.min(self.length);
        let finder = memchr::memmem::Finder::new(what);
        // Blocks overlap, so that what lies across their ends is found.
        let mut block = vec![0; BLOCK + what.len().saturating_sub(1)];
        let mut at = start;
        while at <= stop && what.len() <= stop - at {
            let room = block.len().min(stop - at);
            let count = self.read(at, &mut block[..room])?;
            if let Some(found) = finder.find(&block[..count]) {
                return Ok(Some(at + found));
            }
            if count < room || at + count >= stop {
                break;
            }
            at += BLOCK;
        }
        Ok(None)
    }

    /// Has the system bring pages into memory, up to a block of them from an offset on: where it ended. A file that was cut
    /// short has none any more.
    pub fn load(&self, start: usize, stop: usize) -> usize {
        let stop = stop.min(self.length).min(start.saturating_add(BLOCK));
        if start < stop && self.is_shared() && !self.region.populate(self.skip + start, self.skip + stop) {
            // What a system call brings into the page cache is there as well, to be mapped quickly.
            let _cut_short = self.read(start, &mut vec![0; stop - start]);
        }
        stop
    }
}

impl Drop for Map {
    fn drop(&mut self) {
        if self.file.take().is_some() {
            engine::fd_freed();
        }
    }
}
