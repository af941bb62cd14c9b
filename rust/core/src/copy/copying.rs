//! A file that is being copied: it has its name when it is whole.

use std::io;
use std::os::fd::AsFd;

use rustix::fs::{AtFlags, FileType, Mode, OFlags, Stat, fstat, fsync, unlinkat};

use super::contents::Contents;
use super::kept::{Also, Kept};
use super::name::{beside, rename};
use super::place::Place;
use crate::fs::{Failure, Fd, retry};

/// How a copy begins.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Begin {
    /// Whether the original may be a link.
    pub(crate) follow: bool,
    /// Whether nobody else knows the directory of the copy yet: it has its name from the beginning.
    pub(crate) fresh: bool,
    /// Whether it is worth asking for the same blocks.
    pub(crate) share: bool,
}

/// How a copy ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct End {
    pub(crate) also: Also,
    /// Whether it is on the disk before it has its name, and its name is when it has it.
    pub(crate) durable: bool,
}

/// A file that is being copied. If it is given up, nothing of it is left.
pub(crate) struct Copying {
    from: Fd,
    to: Option<Fd>,
    target: Place,
    /// What it is called until it is whole; nothing any more once it is.
    named: Option<Place>,
    fresh: bool,
    status: Stat,
    contents: Contents,
}

impl Copying {
    pub(crate) fn begin(source: &Place, target: &Place, begin: Begin) -> Result<Self, Failure> {
        let mut flags = OFlags::RDONLY | OFlags::NONBLOCK;
        flags.set(OFlags::NOFOLLOW, !begin.follow);
        let from = source.open(flags, Mode::empty()).map_err(Failure::from_source)?;
        let status = retry(|| fstat(&from)).map_err(Failure::from_source)?;
        if FileType::from_raw_mode(status.st_mode) != FileType::RegularFile {
            return Err(Failure::from_source(special(status.st_mode)));
        }
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW;
        let made = if begin.fresh {
            target.open(flags, Kept::from(&status).permissions()).map(|to| (target.clone(), to))
        } else {
            beside(target, |place| place.open(flags, Mode::RUSR | Mode::WUSR))
        };
        let (named, to) = made.map_err(Failure::at_target)?;
        let contents = Contents::of(&status, begin.share);
        let target = target.clone();
        Ok(Self { from, to: Some(to), target, named: Some(named), fresh: begin.fresh, status, contents })
    }

    /// Copies some more: how many bytes, None at the end. The buffer is anybody's.
    pub(crate) fn block(&mut self, buffer: &mut Vec<u8>) -> io::Result<Option<u64>> {
        match &self.to {
            Some(to) => self.contents.block(self.from.as_fd(), to.as_fd(), buffer),
            None => Ok(None),
        }
    }

    /// Whether sharing blocks was tried and can't be done between these files.
    pub(super) fn refused_to_share(&self) -> bool {
        self.contents.refused_to_share()
    }

    /// Gives the copy its size, its mode and what else is kept, and closes it.
    pub(super) fn complete(&mut self, end: End) -> io::Result<()> {
        let Some(to) = self.to.take() else { return Ok(()) };
        self.contents.finish(self.from.as_fd(), to.as_fd())?;
        Kept::from(&self.status).give(Some(self.from.as_fd()), to.as_fd(), end.also)?;
        if end.durable {
            retry(|| fsync(&to))?;
        }
        to.close()
    }

    /// Completes it and gives it its name. `replaces`: even if something has that name.
    pub(crate) fn finish(mut self, replaces: bool, end: End) -> io::Result<()> {
        self.complete(end)?;
        if let Some(named) = self.named.as_ref().filter(|_| !self.fresh) {
            rename(named, &self.target, replaces)?;
        }
        self.named = None;
        if end.durable { sync_directory(&self.target) } else { Ok(()) }
    }

    /// What it is called for now; whoever takes it sees to it.
    pub(super) fn take_name(&mut self) -> Option<Place> {
        self.named.take()
    }
}

impl Drop for Copying {
    fn drop(&mut self) {
        if let Some(named) = self.named.take() {
            // Who can't remove it has the reason in the error that is on its way.
            let _left = remove(&named);
        }
    }
}

/// The error of a file that can't be copied, for it is none.
pub(super) fn special(mode: rustix::fs::RawMode) -> io::Error {
    let errno = match FileType::from_raw_mode(mode) {
        FileType::Directory => libc::EISDIR,
        // Devices, FIFOs and sockets: a copy would be another one.
        _ => libc::EOPNOTSUPP,
    };
    io::Error::from_raw_os_error(errno)
}

pub(super) fn remove(place: &Place) -> rustix::io::Result<()> {
    retry(|| unlinkat(place.dir(), place.name(), AtFlags::empty()))
}

pub(super) fn sync_directory(place: &Place) -> io::Result<()> {
    let directory = place.open_directory()?;
    match retry(|| fsync(&directory)) {
        // Some filesystems don't, and need not.
        Ok(()) | Err(rustix::io::Errno::INVAL | rustix::io::Errno::OPNOTSUPP) => Ok(()),
        Err(errno) => Err(errno.into()),
    }
}
