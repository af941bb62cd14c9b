//! Asking the system about paths.

use std::ffi::CStr;
use std::os::fd::{AsFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, openat, statat};
use rustix::io::{Errno, Result};

use super::options::From;
use crate::find::open::patiently;
use crate::fs::retry;

impl From {
    /// In the directory of a descriptor, which may be closed afterwards.
    pub fn descriptor(number: RawFd) -> std::io::Result<Self> {
        // SAFETY: a system call on a number; what it returns is a descriptor of our own.
        let fd = unsafe {
            let copy = libc::fcntl(number, libc::F_DUPFD_CLOEXEC, 0);
            (copy >= 0).then(|| OwnedFd::from_raw_fd(copy))
        };
        fd.map_or_else(
            || match std::io::Error::last_os_error() {
                error if error.raw_os_error() == Some(libc::EBADF) => Ok(Self::Nowhere),
                error => Err(error),
            },
            |fd| Ok(Self::Directory(fd)),
        )
    }

    fn of(&self, path: &[u8]) -> Result<BorrowedFd<'_>> {
        match self {
            Self::Directory(fd) => Ok(fd.as_fd()),
            Self::Nowhere if !path.starts_with(b"/") => Err(Errno::BADF),
            Self::Current | Self::Nowhere => Ok(CWD),
        }
    }

    /// A directory, to be read. Where all descriptors are in use it waits for one, while `wanted`.
    pub(super) fn open(&self, path: &[u8], wanted: &dyn Fn() -> bool) -> Result<OwnedFd> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let from = self.of(path)?;
        let path = if path.is_empty() { b"." } else { path };
        patiently(|| openat(from, path, flags, Mode::empty()), wanted)
    }

    /// Whether there is something, be it a link that leads nowhere.
    pub(super) fn exists(&self, path: &[u8]) -> bool {
        let look = |from| retry(|| statat(from, path, AtFlags::SYMLINK_NOFOLLOW));
        self.of(path).and_then(look).is_ok()
    }

    /// Whether it is a directory, or a link to one.
    pub(super) fn is_directory(&self, path: &[u8]) -> bool {
        self.of(path).is_ok_and(|from| leads_to_directory(from, path))
    }

    /// Whether an entry of a directory is one. `path` is its own. `kind`: what the directory says.
    pub(super) fn is_directory_in(&self, directory: BorrowedFd<'_>, name: &CStr, path: &[u8], kind: FileType) -> bool {
        match kind {
            FileType::Directory => true,
            FileType::Symlink | FileType::Unknown => match self {
                // Links are counted from there, as `os.scandir` of a descriptor does.
                Self::Directory(_) => leads_to_directory(directory, name.to_bytes()),
                _ => self.is_directory(path),
            },
            _ => false,
        }
    }
}

/// Whether an entry of a directory is a symbolic link. `kind`: what the directory says.
pub(super) fn is_link_in(directory: BorrowedFd<'_>, name: &CStr, kind: FileType) -> bool {
    let look = || retry(|| statat(directory, name, AtFlags::SYMLINK_NOFOLLOW));
    match kind {
        FileType::Unknown => look().is_ok_and(|status| FileType::from_raw_mode(status.st_mode) == FileType::Symlink),
        kind => kind == FileType::Symlink,
    }
}

fn leads_to_directory(from: BorrowedFd<'_>, path: &[u8]) -> bool {
    let status = retry(|| statat(from, path, AtFlags::empty()));
    status.is_ok_and(|status| FileType::from_raw_mode(status.st_mode) == FileType::Directory)
}
