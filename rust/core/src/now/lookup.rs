//! Opening and asking for metadata without blocking.

use std::ffi::CStr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{AtFlags, CWD, Mode, OFlags, ResolveFlags, Statx, StatxFlags, openat2, statx};
use rustix::io::Errno;

use super::local::{Answer, known};
use super::trust;
use crate::error::{Result, Stop};

/// A file opened without blocking, with what was learnt on the way.
pub struct Found {
    /// The open file, in blocking mode as far as regular files have one.
    pub fd: OwnedFd,
    /// Its metadata.
    pub status: Statx,
    /// How its filesystem answers reads.
    pub answer: Answer,
}

/// Opens an existing regular file if the kernel needs no disk for it. Anything else would block.
pub fn open(path: &CStr, flags: OFlags) -> Result<Found> {
    let bytes = path.to_bytes();
    let mut resolve = ResolveFlags::CACHED;
    if trust::trusted(bytes) {
        resolve |= ResolveFlags::NO_SYMLINKS;
    } else {
        probe(path)?;
    }
    let fd = match cached(path, flags | OFlags::NONBLOCK, resolve) {
        Ok(fd) => fd,
        Err(Errno::LOOP) => {
            probe(path)?;
            cached(path, flags | OFlags::NONBLOCK, ResolveFlags::CACHED).map_err(refused)?
        }
        Err(errno) => return Err(refused(errno)),
    };
    let status = ask(fd.as_fd())?;
    let answer = regular(&status)?;
    Ok(Found { fd, status, answer })
}

/// Opens an existing regular file beneath a directory if the kernel needs no disk for it, and nothing on the way is of another filesystem.
pub fn open_beneath(directory: &CStr, relative: &CStr, flags: OFlags) -> Result<Found> {
    let root = local(directory)?;
    let flags = flags | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    let fd = openat2(&root, relative, flags, Mode::empty(), BENEATH).map_err(refused)?;
    let status = ask(fd.as_fd())?;
    let answer = regular(&status)?;
    Ok(Found { fd, status, answer })
}

/// The metadata of what is beneath a directory, in the same way.
pub fn status_beneath(directory: &CStr, relative: &CStr) -> Result<Statx> {
    let root = local(directory)?;
    let flags = OFlags::PATH | OFlags::CLOEXEC;
    let fd = openat2(&root, relative, flags, Mode::empty(), BENEATH).map_err(refused)?;
    status_of(fd.as_fd())
}

/// A directory on a filesystem that answers. What is on the same one answers too.
fn local(directory: &CStr) -> Result<OwnedFd> {
    let fd = cached(directory, OFlags::PATH | OFlags::DIRECTORY, ResolveFlags::CACHED).map_err(refused)?;
    status_of(fd.as_fd())?;
    Ok(fd)
}

/// Nothing leads out of the directory, or into another filesystem: that would be one to be asked first.
const BENEATH: ResolveFlags =
    ResolveFlags::CACHED.union(ResolveFlags::BENEATH).union(ResolveFlags::NO_MAGICLINKS).union(ResolveFlags::NO_XDEV);

/// The metadata of a path, followed from a directory, if the kernel has them at hand.
pub fn status(dir: BorrowedFd<'_>, path: &CStr, follow: bool) -> Result<Statx> {
    let mut flags = OFlags::PATH | OFlags::CLOEXEC;
    flags.set(OFlags::NOFOLLOW, !follow);
    let fd = openat2(dir, path, flags, Mode::empty(), ResolveFlags::CACHED).map_err(refused)?;
    status_of(fd.as_fd())
}

/// The metadata of an open file if the kernel has them at hand.
pub fn status_of(fd: BorrowedFd<'_>) -> Result<Statx> {
    let status = ask(fd)?;
    match known(device(&status)) {
        None | Some(Answer::Never) => Err(Stop::WouldBlock),
        Some(_) => Ok(status),
    }
}

/// The device number of a file's filesystem.
pub fn device(status: &Statx) -> u64 {
    rustix::fs::makedev(status.stx_dev_major, status.stx_dev_minor)
}

/// Looks at a path without opening what it names: only a regular file on a local filesystem may be opened.
fn probe(path: &CStr) -> Result<()> {
    let fd = cached(path, OFlags::PATH, ResolveFlags::CACHED).map_err(refused)?;
    regular(&ask(fd.as_fd())?)?;
    trust::trust(path.to_bytes());
    Ok(())
}

/// `Ok` for a regular file on a filesystem that answers.
fn regular(status: &Statx) -> Result<Answer> {
    let is_file = u32::from(status.stx_mode) & libc::S_IFMT == libc::S_IFREG;
    match known(device(status)) {
        Some(answer) if is_file && answer != Answer::Never => Ok(answer),
        _ => Err(Stop::WouldBlock),
    }
}

/// Never asks the filesystem's server: `AT_STATX_DONT_SYNC`.
fn ask(fd: BorrowedFd<'_>) -> Result<Statx> {
    let flags = AtFlags::EMPTY_PATH | AtFlags::STATX_DONT_SYNC;
    statx(fd, c"", flags, StatxFlags::BASIC_STATS | StatxFlags::BTIME).map_err(refused)
}

fn cached(path: &CStr, flags: OFlags, resolve: ResolveFlags) -> std::result::Result<OwnedFd, Errno> {
    openat2(CWD, path, flags | OFlags::CLOEXEC, Mode::empty(), resolve)
}

/// Only what a cached lookup can know for certain is an answer; all else is asked again where it may block.
fn refused(errno: Errno) -> Stop {
    match errno {
        Errno::NOENT | Errno::NOTDIR | Errno::ACCESS | Errno::NAMETOOLONG => Stop::Failed(errno.into()),
        _ => Stop::WouldBlock,
    }
}
