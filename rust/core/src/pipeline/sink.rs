//! Where the bytes of a pipeline go.

use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{CWD, FileType, Mode, OFlags, openat, stat};
use rustix::io::Errno;

use crate::atomic::{Options, Staged};
use crate::engine;
use crate::error::retry;
use crate::file::{close, write_all};

/// Where bytes go.
pub enum Sink {
    /// A file, which has its name when it is whole; or a device.
    File {
        /// Its path.
        path: CString,
        /// How a file is made or replaced.
        options: Options,
    },
    /// Nowhere: it is enough that they have passed. Or to whoever pulls them.
    Nothing,
}

pub(super) enum Outlet {
    Fresh(CString, Options),
    File(Box<Staged>),
    Device(OwnedFd),
    Nothing,
}

impl Outlet {
    pub(super) fn new(sink: Sink) -> Self {
        match sink {
            Sink::File { path, options } => Outlet::Fresh(path, options),
            Sink::Nothing => Outlet::Nothing,
        }
    }

    pub(super) fn open(&mut self) -> io::Result<()> {
        if let Outlet::Fresh(path, options) = self {
            *self = match device(path)? {
                Some(device) => Outlet::Device(device),
                None => Outlet::File(Box::new(Staged::begin(path, *options)?)),
            };
        }
        Ok(())
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Outlet::File(staged) => staged.write(bytes),
            Outlet::Device(fd) => write_all(fd.as_fd(), bytes).1,
            Outlet::Fresh(..) | Outlet::Nothing => Ok(()),
        }
    }

    pub(super) fn finish(&mut self) -> io::Result<()> {
        match std::mem::replace(self, Outlet::Nothing) {
            Outlet::File(staged) => staged.commit(),
            Outlet::Device(fd) => {
                let closed = close(fd);
                engine::fd_freed();
                closed
            }
            Outlet::Fresh(..) | Outlet::Nothing => Ok(()),
        }
    }

    pub(super) fn give_up(&mut self) {
        if let Outlet::Device(_) = std::mem::replace(self, Outlet::Nothing) {
            engine::fd_freed();
        }
    }
}

/// What is there, if it isn't to be replaced but written to. FIFOs are refused: nobody could stop who waits for their readers.
fn device(path: &CStr) -> io::Result<Option<OwnedFd>> {
    let Ok(status) = retry(|| stat(path)) else { return Ok(None) };
    match FileType::from_raw_mode(status.st_mode) {
        FileType::CharacterDevice | FileType::BlockDevice => {
            let flags = OFlags::WRONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
            Ok(Some(retry(|| openat(CWD, path, flags, Mode::empty()))?))
        }
        FileType::Fifo => Err(Errno::OPNOTSUPP.into()),
        _ => Ok(None),
    }
}
