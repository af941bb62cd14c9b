//! A file that is written beside the one it will replace.

use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{FileType, Mode, OFlags, RawMode, Stat, fchmod, fstat, openat};
use rustix::io::{Errno, fcntl_dupfd_cloexec};

use super::aside::{rename, rename_new, under_new_name, unlink};
use super::place::Place;
use super::{Durability, Options, keep, sync};
use crate::engine;
use crate::file::{close, write_all};
use crate::fs::retry;

/// For nobody but its owner.
const PRIVATE: RawMode = 0o600;

/// The contents a file will have. Dropped before it was committed, nothing of it is left.
#[derive(Debug)]
pub struct Staged {
    pub(super) place: Place,
    /// What it is called until then; None when that name is gone.
    pub(super) temporary: Option<CString>,
    file: Option<OwnedFd>,
    /// What is replaced.
    old: Option<Stat>,
    /// The permissions of a new file here.
    usual: RawMode,
    pub(super) options: Options,
    /// The process that may remove it.
    generation: u64,
}

impl Staged {
    /// Makes the file to write to. Errors that can be known by now are told now.
    pub fn begin(path: &CStr, options: Options) -> io::Result<Self> {
        let follow = options.follow_symlinks && options.overwrite;
        let place = Place::find(path, follow, options.durability)?;
        let old = place.replaceable()?;
        if old.is_some() && !options.overwrite {
            return Err(Errno::EXIST.into());
        }
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        // Only the system knows the permissions of a new file here: the umask and the directory's own rules are in them.
        let first = Mode::from_raw_mode(if old.is_some() { PRIVATE } else { 0o666 });
        let (temporary, file) = under_new_name(|name| openat(place.fd(), name, flags, first))?;
        let generation = engine::generation();
        let mut staged =
            Self { place, temporary: Some(temporary), file: Some(file), old, usual: PRIVATE, options, generation };
        if old.is_none() {
            staged.usual = retry(|| fstat(staged.fd()?))?.st_mode & 0o777;
            staged.set_mode(PRIVATE)?;
        }
        Ok(staged)
    }

    fn fd(&self) -> rustix::io::Result<BorrowedFd<'_>> {
        self.file.as_ref().map(AsFd::as_fd).ok_or(Errno::BADF)
    }

    fn set_mode(&self, mode: RawMode) -> io::Result<()> {
        Ok(retry(|| fchmod(self.fd()?, Mode::from_raw_mode(mode)))?)
    }

    /// Adds to the new contents.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        write_all(self.fd()?, bytes).1
    }

    /// Another descriptor of the file.
    pub fn descriptor(&self) -> io::Result<OwnedFd> {
        Ok(retry(|| fcntl_dupfd_cloexec(self.fd()?, 3))?)
    }

    /// Makes the file all that it will be, but for its name.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        if self.file.is_none() {
            return Ok(());
        }
        let old = self.old.filter(|old| FileType::from_raw_mode(old.st_mode) == FileType::RegularFile);
        if let Some(old) = &old {
            if self.options.keep_owner {
                keep::owner(self.fd()?, old)?;
            }
            if self.options.keep_xattrs {
                keep::xattrs(self.fd()?, &self.place.path)?;
            }
        }
        // Rights beyond those of who runs it are lost, as by a write.
        let kept = old.map(|old| old.st_mode & 0o1777);
        #[allow(clippy::unnecessary_cast, clippy::cast_possible_truncation)]
        // permissions fit into the type of any platform
        let asked = self.options.mode.map(|mode| mode as RawMode);
        self.set_mode(asked.or(kept).unwrap_or(self.usual))?;
        if self.options.durability != Durability::None {
            sync::file(self.fd()?)?;
        }
        self.close()
    }

    fn close(&mut self) -> io::Result<()> {
        let closed = self.file.take().map_or(Ok(()), close);
        engine::fd_freed();
        closed
    }

    /// The file takes its name. After an error everything is as it was, unless it is the directory that could not be
    /// written to the disk: then the new file is there, and may be gone after a power cut.
    pub fn commit(mut self) -> io::Result<()> {
        self.finish()?;
        self.take_name()?;
        if self.options.durability == Durability::Full {
            sync::directory(self.place.fd())?;
        }
        Ok(())
    }

    fn take_name(&mut self) -> io::Result<()> {
        let Some(temporary) = &self.temporary else { return Err(Errno::NOENT.into()) };
        let (from, to) = ((self.place.fd(), &**temporary), (self.place.fd(), &*self.place.name));
        if self.options.overwrite { rename(from, to) } else { rename_new(from, to) }?;
        self.temporary = None;
        Ok(())
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        // A forked child has a copy of this, and no right to the file.
        if let Some(temporary) = self.temporary.take().filter(|_| self.generation == engine::generation()) {
            // Who can't remove it has the reason in the error that is on its way.
            let _left = unlink((self.place.fd(), &temporary));
        }
        self.file = None;
        engine::fd_freed();
    }
}
