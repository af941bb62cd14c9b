//! Where a name is: an open directory, and what it is called there.

use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, Stat, fstat, openat, readlinkat, statat};
use rustix::io::Errno;

use super::Durability;
use crate::fs::parents::{c_string, split};
use crate::fs::retry;

/// As many links may follow one another as the kernel allows.
const LINKS: usize = 40;

/// A name in an open directory: it stays the same if directories above are renamed.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) dir: Arc<OwnedFd>,
    /// Which directory that is.
    pub(super) identity: (u64, u64),
    pub(super) name: CString,
    /// The path that led here, for what knows no descriptors.
    pub(super) path: CString,
}

impl Place {
    /// Where a path leads. `follow`: through symbolic links at its end, also one that leads nowhere yet.
    pub(super) fn find(path: &CStr, follow: bool, durability: Durability) -> io::Result<Self> {
        let path = if follow { followed(path)? } else { path.to_bytes().to_vec() };
        let (head, name) = split(&path);
        if path.is_empty() {
            return Err(Errno::NOENT.into());
        }
        if name.is_empty() {
            return Err(not_a_name(&path).into());
        }
        let head = if head.is_empty() { c"." } else { &c_string(head) };
        let dir = retry(|| openat(CWD, head, OFlags::DIRECTORY | OFlags::CLOEXEC | access(durability), Mode::empty()))?;
        let identity = identity(&dir)?;
        Ok(Self { dir: Arc::new(dir), identity, name: c_string(name), path: c_string(&path) })
    }

    pub(super) fn fd(&self) -> BorrowedFd<'_> {
        self.dir.as_fd()
    }

    /// What is there, links not followed.
    pub(super) fn status(&self) -> rustix::io::Result<Option<Stat>> {
        match retry(|| statat(self.fd(), &self.name, AtFlags::SYMLINK_NOFOLLOW)) {
            Ok(status) => Ok(Some(status)),
            Err(Errno::NOENT) => Ok(None),
            Err(errno) => Err(errno),
        }
    }

    /// What is there, if a file could stand in its place.
    pub(super) fn replaceable(&self) -> rustix::io::Result<Option<Stat>> {
        let Some(status) = self.status()? else { return Ok(None) };
        match FileType::from_raw_mode(status.st_mode) {
            FileType::RegularFile | FileType::Symlink => Ok(Some(status)),
            FileType::Directory => Err(Errno::ISDIR),
            // As it can't be opened either.
            FileType::Socket => Err(Errno::NXIO),
            // To replace a device or a FIFO is hardly what was meant.
            _ => Err(Errno::OPNOTSUPP),
        }
    }

    /// Whether another name is in the same directory.
    pub(super) fn is_beside(&self, other: &Self) -> bool {
        self.identity == other.identity
    }
}

#[allow(clippy::unnecessary_cast)] // the types differ between platforms
fn identity(dir: &OwnedFd) -> io::Result<(u64, u64)> {
    let status = retry(|| fstat(dir))?;
    Ok((status.st_dev as u64, status.st_ino as u64))
}

/// A directory that is synced has to be open for reading.
fn access(durability: Durability) -> OFlags {
    match durability {
        #[cfg(target_os = "linux")]
        Durability::Rename | Durability::None => OFlags::PATH,
        _ => OFlags::RDONLY,
    }
}

/// A path that ends with a slash can't be a file's.
fn not_a_name(path: &[u8]) -> Errno {
    match retry(|| rustix::fs::stat(c_string(path))) {
        Err(errno) if errno != Errno::NOENT => errno,
        _ => Errno::ISDIR,
    }
}

/// The path with the links at its end replaced by what they say.
fn followed(path: &CStr) -> io::Result<Vec<u8>> {
    let mut path = path.to_bytes().to_vec();
    for _ in 0..LINKS {
        let says = match retry(|| readlinkat(CWD, &path[..], Vec::with_capacity(256))) {
            Ok(says) => says.into_bytes(),
            Err(Errno::INVAL | Errno::NOENT) => return Ok(path),
            Err(errno) => return Err(errno.into()),
        };
        if says.first() == Some(&b'/') {
            path = says;
        } else {
            let start = memchr::memrchr(b'/', &path).map_or(0, |slash| slash + 1);
            path.truncate(start);
            path.extend_from_slice(&says);
        }
    }
    Err(Errno::LOOP.into())
}
