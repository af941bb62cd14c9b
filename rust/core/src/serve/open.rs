//! Opening regular files, and nothing else.

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, fstat, openat, statat};

use crate::error::{Result, Stop, retry};
use crate::fs::stat::{Status, Subject, stat_now};
use crate::now::{self, Answer};
use crate::root::Root;

/// Where the file is.
#[derive(Clone, Copy, Debug)]
pub enum Place<'a> {
    /// Where a path leads.
    Path(&'a CStr),
    /// Where a relative path leads beneath a directory, and nowhere else.
    Beneath {
        /// The directory.
        directory: &'a CStr,
        /// The way from there.
        relative: &'a CStr,
    },
}

/// An open regular file.
#[derive(Debug)]
pub struct Opened {
    /// The file.
    pub fd: OwnedFd,
    /// What it was when it was opened.
    pub status: Status,
    /// How it can be read without blocking.
    pub answer: Option<Answer>,
}

/// Metadata if the kernel has them at hand.
pub fn look_now(place: Place<'_>) -> Result<Status> {
    match place {
        Place::Path(path) => stat_now(Subject::Path { dir: CWD, path, follow: true }),
        Place::Beneath { .. } if !now::enabled() => Err(Stop::WouldBlock),
        Place::Beneath { directory, relative } => Ok(Status::from(&now::status_beneath(directory, relative)?)),
    }
}

/// Metadata, whatever it takes.
pub fn look(place: Place<'_>) -> io::Result<Status> {
    match place {
        Place::Path(path) => Ok(Status::from(&retry(|| statat(CWD, path, AtFlags::empty()))?)),
        Place::Beneath { directory, relative } => look_beneath(&Root::open(directory)?, relative),
    }
}

#[cfg(target_os = "linux")]
fn look_beneath(root: &Root, relative: &CStr) -> io::Result<Status> {
    Ok(Status::from(&fstat(root.open_file(relative, OFlags::PATH)?)?))
}

/// Elsewhere what can't be opened has no metadata.
#[cfg(not(target_os = "linux"))]
fn look_beneath(root: &Root, relative: &CStr) -> io::Result<Status> {
    Ok(Status::from(&fstat(root.open_file(relative, OFlags::RDONLY)?)?))
}

/// Opens a regular file if the kernel needs no disk for it.
pub fn open_now(place: Place<'_>) -> Result<Opened> {
    if !now::enabled() {
        return Err(Stop::WouldBlock);
    }
    let found = match place {
        Place::Path(path) => now::open(path, OFlags::RDONLY)?,
        Place::Beneath { directory, relative } => now::open_beneath(directory, relative, OFlags::RDONLY)?,
    };
    Ok(Opened { fd: found.fd, status: Status::from(&found.status), answer: Some(found.answer) })
}

/// Opens a regular file, whatever it takes. Of anything else there are only the metadata.
pub fn open(place: Place<'_>) -> io::Result<std::result::Result<Opened, Status>> {
    let directory = match place {
        Place::Path(_) => None,
        Place::Beneath { directory, relative } => Some((Root::open(directory)?, relative)),
    };
    // To open a device may do something to it.
    let first = match (&directory, place) {
        (Some((root, relative)), _) => look_beneath(root, relative)?,
        (None, place) => look(place)?,
    };
    if !is_regular(&first) {
        return Ok(Err(first));
    }
    // What it has been replaced by meanwhile isn't waited for.
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    let fd = match (&directory, place) {
        (Some((root, relative)), _) => root.open_file(relative, flags)?,
        (None, Place::Path(path)) => retry(|| openat(CWD, path, flags, Mode::empty()))?,
        (None, Place::Beneath { .. }) => return Err(io::ErrorKind::NotFound.into()),
    };
    let status = Status::from(&fstat(&fd)?);
    if !is_regular(&status) {
        return Ok(Err(status));
    }
    let answer = now::enabled().then(|| now::learn(status.device, fd.as_fd()));
    Ok(Ok(Opened { fd, status, answer }))
}

fn is_regular(status: &Status) -> bool {
    #[allow(clippy::useless_conversion, clippy::unnecessary_cast)] // narrower elsewhere
    let kind = FileType::from_raw_mode(status.mode as rustix::fs::RawMode);
    kind == FileType::RegularFile
}
