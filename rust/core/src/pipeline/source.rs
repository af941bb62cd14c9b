//! Where the bytes of a pipeline come from.

use std::ffi::CString;
use std::io;
use std::os::fd::OwnedFd;

use rustix::fs::{CWD, FileType, Mode, OFlags, fstat, openat};
use rustix::io::Errno;

use crate::engine;
use crate::error::retry;

/// Bytes of somebody else's that stay as they are.
pub type Chunk = Box<dyn AsRef<[u8]> + Send>;

/// What there is at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    /// So many bytes.
    Bytes(usize),
    /// No more.
    End,
    /// None until it is fed.
    Hungry,
    /// The time is over.
    Late,
}

/// Where bytes come from.
pub enum Source {
    /// A file.
    Path(CString),
    /// What is fed to it.
    Fed,
}

pub(super) enum Inlet {
    Fresh(CString),
    File(OwnedFd),
    Fed { chunk: Option<Chunk>, at: usize, last: bool },
    Closed,
}

impl Inlet {
    pub(super) fn new(source: Source) -> Self {
        match source {
            Source::Path(path) => Inlet::Fresh(path),
            Source::Fed => Inlet::Fed { chunk: None, at: 0, last: false },
        }
    }

    /// Opens it, if it is a file; how large it is, as far as it says so.
    pub(super) fn open(&mut self) -> io::Result<Option<u64>> {
        let Inlet::Fresh(path) = self else { return Ok(None) };
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let fd = retry(|| openat(CWD, path.as_c_str(), flags, Mode::empty()))?;
        let status = fstat(&fd)?;
        let kind = FileType::from_raw_mode(status.st_mode);
        match kind {
            FileType::Directory => return Err(Errno::ISDIR.into()),
            // Nobody could stop who waits for their writers.
            FileType::Fifo => return Err(Errno::OPNOTSUPP.into()),
            _ => {}
        }
        *self = Inlet::File(fd);
        Ok(u64::try_from(status.st_size).ok().filter(|_| kind == FileType::RegularFile))
    }

    pub(super) fn read(&mut self, into: &mut [u8]) -> io::Result<Flow> {
        match self {
            Inlet::File(fd) => match retry(|| rustix::io::read(&*fd, &mut *into))? {
                0 => Ok(Flow::End),
                count => Ok(Flow::Bytes(count)),
            },
            Inlet::Fed { chunk, at, last } => {
                let rest = chunk.as_ref().map_or(&[][..], |chunk| &(**chunk).as_ref()[*at..]);
                let count = rest.len().min(into.len());
                if count == 0 {
                    // It stays until the next comes: whose it is may want to let it go on a thread of their own.
                    return Ok(if *last { Flow::End } else { Flow::Hungry });
                }
                into[..count].copy_from_slice(&rest[..count]);
                *at += count;
                Ok(Flow::Bytes(count))
            }
            Inlet::Fresh(_) | Inlet::Closed => Err(io::Error::from_raw_os_error(libc::EBADF)),
        }
    }

    /// The next bytes; None: there are no more.
    pub(super) fn feed(&mut self, next: Option<Chunk>) {
        if let Inlet::Fed { chunk, at, last } = self {
            *last = next.is_none();
            (*chunk, *at) = (next, 0);
        }
    }

    pub(super) fn close(&mut self) {
        if matches!(self, Inlet::File(_)) {
            *self = Inlet::Closed;
            engine::fd_freed();
        }
    }
}
