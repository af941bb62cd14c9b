//! Opening.

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use rustix::fs::{CWD, FileType, Mode as Permissions, fstat, openat, stat};
use rustix::io::Errno;

use super::handle::{File, coarse_clock};
use super::mode::OpenOptions;
use crate::engine::Lane;
use crate::error::{Result, Stop};
use crate::now::{self, Answer};

/// How far an open got.
#[derive(Debug)]
pub enum Opened {
    /// The file is open.
    File(File),
    /// It has to wait for somebody else's end: to be opened with `lane` [`Lane::Stream`].
    Waits,
}

/// Opens an existing file for reading (or both) if the kernel needs no disk for it.
pub fn open_now(path: &CStr, options: &OpenOptions) -> Result<File> {
    if options.mode.create || options.mode.truncate || !now::enabled() {
        return Err(Stop::WouldBlock);
    }
    let found = now::open(path, options.mode.flags())?;
    let mut file = File::from_fd(found.fd, true, *options, true, found.answer);
    if found.status.stx_nlink > 0 {
        file.named_at = Some(coarse_clock());
    }
    Ok(file)
}

/// Opens, whatever it takes. In [`Lane::Disk`] a FIFO or device is left to [`Lane::Stream`].
pub fn open(path: &CStr, options: &OpenOptions, lane: Lane) -> io::Result<Opened> {
    if lane == Lane::Disk && stat(path).is_ok_and(|s| waits(FileType::from_raw_mode(s.st_mode))) {
        return Ok(Opened::Waits);
    }
    let fd = crate::error::retry(|| openat(CWD, path, options.mode.flags(), Permissions::from_raw_mode(0o666)))?;
    opened(fd, true, options).map(Opened::File)
}

/// Wraps an open descriptor after a look at what it is.
pub fn opened(fd: OwnedFd, owned: bool, options: &OpenOptions) -> io::Result<File> {
    let mut file = File::from_fd(fd, owned, *options, false, Answer::Never);
    let fd = file.fd()?;
    let status = crate::error::retry(|| fstat(fd))?;
    let kind = FileType::from_raw_mode(status.st_mode);
    if kind == FileType::Directory {
        return Err(Errno::ISDIR.into());
    }
    file.regular = kind == FileType::RegularFile;
    if file.regular {
        file.answer = now::learn(status.st_dev, file.fd()?.as_fd());
    }
    if options.mode.append {
        // As the standard library: the position is the end from the start.
        let fd = file.fd()?;
        match crate::error::retry(|| rustix::fs::seek(fd, rustix::fs::SeekFrom::End(0))) {
            Ok(_) | Err(Errno::SPIPE) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
    Ok(file)
}

fn waits(kind: FileType) -> bool {
    matches!(kind, FileType::Fifo | FileType::CharacterDevice | FileType::Socket)
}

impl File {
    /// Opens a file of a path on this thread, however long it takes.
    pub fn open(path: &Path, options: &OpenOptions) -> io::Result<Self> {
        use std::os::unix::ffi::OsStrExt;
        let path = std::ffi::CString::new(path.as_os_str().as_bytes())?;
        match open(&path, options, Lane::Stream)? {
            Opened::File(file) => Ok(file),
            Opened::Waits => Err(Errno::AGAIN.into()),
        }
    }

    /// Wraps a descriptor that is open already, such as one given as a number. It stays open if that fails.
    pub fn adopt(fd: OwnedFd, owned: bool, options: &OpenOptions) -> io::Result<Self> {
        let mut file = opened(fd, false, options)?;
        file.owned = owned;
        Ok(file)
    }
}
