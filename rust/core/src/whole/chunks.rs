//! A file in pieces, one after the other, read ahead while somebody takes them.

use std::ffi::CString;
use std::os::fd::OwnedFd;

use rustix::fs::{CWD, FileType, Mode, OFlags, SeekFrom, fstat, openat, seek};
use rustix::io::Errno;

use crate::engine;
use crate::engine::channel::{Batch, Producer};
use crate::error::retry;
use crate::find::open::patiently;
use crate::fs::Failure;
use crate::lent::Lent;

/// So much is read at once if pieces are smaller: as much as is lent.
pub(super) const BLOCK: usize = 64 * 1024;
/// So many bytes count as one item: about 4 MiB wait for who takes them.
pub(super) const WEIGHT: usize = 256;

/// Pieces that were read at once.
#[derive(Debug)]
pub struct Chunks {
    memory: Lent,
    size: usize,
}

impl Chunks {
    /// The piece at an index.
    pub fn chunk(&self, index: usize) -> &[u8] {
        let start = index * self.size;
        &self.memory[start..self.memory.len().min(start + self.size)]
    }
}

impl Default for Chunks {
    fn default() -> Self {
        Self { memory: Lent::default(), size: 1 }
    }
}

impl Batch for Chunks {
    fn len(&self) -> usize {
        self.memory.len().div_ceil(self.size)
    }

    fn weight(&self) -> usize {
        self.memory.len() / WEIGHT + 1
    }
}

/// What is to be read.
#[derive(Debug)]
pub struct Reading {
    /// The file.
    pub path: CString,
    /// The length of each piece but the last.
    pub size: usize,
    /// How many bytes are left out at the start.
    pub offset: u64,
    /// How many bytes are read at most.
    pub limit: u64,
}

impl Reading {
    /// Reads to the end, or until nobody wants more.
    pub fn run(self, producer: &Producer<Chunks, Failure>) {
        if let Err(errno) = self.pieces(producer) {
            producer.fail(errno.into());
        }
    }

    fn pieces(&self, producer: &Producer<Chunks, Failure>) -> rustix::io::Result<()> {
        let file = Input::open(&self.path, self.offset, &|| !producer.is_closed())?;
        let block = self.size * (BLOCK / self.size).max(1);
        let mut left = self.limit;
        while left > 0 {
            let wanted = usize::try_from(left).unwrap_or(usize::MAX).min(block);
            let mut memory = Lent::new(wanted);
            let count = file.read(memory.memory())?;
            memory.truncate(count);
            left -= count as u64;
            if producer.send(Chunks { memory, size: self.size }).is_err() || count < wanted {
                break;
            }
        }
        Ok(())
    }
}

/// A file that is read from some place on.
pub(super) struct Input(Option<OwnedFd>);

impl Input {
    pub(super) fn open(path: &CString, offset: u64, wanted: &dyn Fn() -> bool) -> rustix::io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::CLOEXEC;
        let file = Self(Some(patiently(|| openat(CWD, path.as_c_str(), flags, Mode::empty()), wanted)?));
        let fd = file.fd()?;
        if FileType::from_raw_mode(retry(|| fstat(fd))?.st_mode) == FileType::Directory {
            return Err(Errno::ISDIR);
        }
        if offset > 0 {
            retry(|| seek(fd, SeekFrom::Start(offset)))?;
        }
        Ok(file)
    }

    fn fd(&self) -> rustix::io::Result<&OwnedFd> {
        self.0.as_ref().ok_or(Errno::BADF)
    }

    /// Reads until the memory is full or the file ends.
    pub(super) fn read(&self, memory: &mut [u8]) -> rustix::io::Result<usize> {
        let mut done = 0;
        while done < memory.len() {
            match self.read_some(&mut memory[done..])? {
                0 => break,
                count => done += count,
            }
        }
        Ok(done)
    }

    /// Reads what one call gives; nothing at the end of the file.
    pub(super) fn read_some(&self, memory: &mut [u8]) -> rustix::io::Result<usize> {
        retry(|| rustix::io::read(self.fd()?, &mut *memory))
    }
}

impl Drop for Input {
    fn drop(&mut self) {
        self.0 = None;
        engine::fd_freed();
    }
}
