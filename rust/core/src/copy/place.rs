//! Where something is: a name, and the directory it begins in.

use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;

use rustix::fs::{AtFlags, CWD, Mode, OFlags, Stat, openat, statat};
use rustix::io::Result;

use crate::fs::{Fd, retry};

/// A path, from a directory that is open or from the working directory.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    dir: Option<Arc<Fd>>,
    name: Vec<u8>,
}

impl Place {
    /// A path from the working directory.
    pub(crate) fn path(path: &[u8]) -> Self {
        Self { dir: None, name: path.to_vec() }
    }

    /// A name in an open directory.
    pub(crate) fn within(dir: Arc<Fd>, name: &[u8]) -> Self {
        Self { dir: Some(dir), name: name.to_vec() }
    }

    pub(crate) fn dir(&self) -> BorrowedFd<'_> {
        self.dir.as_ref().map_or(CWD, |dir| dir.as_fd())
    }

    pub(crate) fn name(&self) -> &[u8] {
        &self.name
    }

    /// Another name in the same directory.
    pub(crate) fn sibling(&self, name: &[u8]) -> Self {
        Self { dir: self.dir.clone(), name: [self.before_name(), name].concat() }
    }

    /// The part of the path that leads to the directory: empty, or with a slash at its end.
    pub(super) fn before_name(&self) -> &[u8] {
        let start = memchr::memrchr(b'/', &self.name).map_or(0, |slash| slash + 1);
        &self.name[..start]
    }

    /// The rest of the path.
    pub(crate) fn last_name(&self) -> &[u8] {
        &self.name[self.before_name().len()..]
    }

    /// What it is; of a link, that or what it leads to.
    pub(crate) fn status(&self, follow: bool) -> Result<Stat> {
        let flags = if follow { AtFlags::empty() } else { AtFlags::SYMLINK_NOFOLLOW };
        retry(|| statat(self.dir(), self.name(), flags))
    }

    pub(crate) fn open(&self, flags: OFlags, mode: Mode) -> Result<Fd> {
        retry(|| openat(self.dir(), self.name(), flags | OFlags::CLOEXEC, mode)).map(Fd::from)
    }

    /// The directory it is in.
    pub(crate) fn open_directory(&self) -> Result<Fd> {
        let before = self.before_name();
        let before = if before.is_empty() { b"." } else { before };
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        retry(|| openat(self.dir(), before, flags, Mode::empty())).map(Fd::from)
    }
}
