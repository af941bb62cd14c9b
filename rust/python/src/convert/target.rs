//! What operations are done to.

use std::os::fd::{BorrowedFd, RawFd};

use pyo3::prelude::*;
use rapfiles_core::fs::stat::Subject;

use crate::convert::path::PathArg;

/// Somebody's descriptor: it may be closed at any time, and then the system says so.
#[derive(Clone, Copy, Debug)]
pub struct Fd(RawFd);

impl Fd {
    /// None for numbers that no descriptor has.
    pub fn new(number: RawFd) -> Option<Self> {
        (number >= 0).then_some(Self(number))
    }

    pub fn borrow(&self) -> BorrowedFd<'_> {
        // SAFETY: it isn't -1, and all that is done with it are system calls, which say EBADF if it is closed.
        unsafe { BorrowedFd::borrow_raw(self.0) }
    }
}

impl From<Fd> for Dir {
    fn from(fd: Fd) -> Self {
        Self(fd.0)
    }
}

/// Where a path begins: the directory of a descriptor, or the working directory.
#[derive(Clone, Copy, Debug)]
pub struct Dir(RawFd);

impl Dir {
    pub const CWD: Self = Self(libc::AT_FDCWD);

    pub fn borrow(&self) -> BorrowedFd<'_> {
        // SAFETY: as above; the working directory has a number of its own, which is not -1 either.
        unsafe { BorrowedFd::borrow_raw(self.0) }
    }

    pub fn is_cwd(self) -> bool {
        self.0 == libc::AT_FDCWD
    }
}

/// What something is done to.
pub enum Target {
    Path(PathArg, Dir),
    Fd(Fd, Py<PyAny>),
}

impl Target {
    /// What errors call it.
    pub fn given(&self) -> &Py<PyAny> {
        match self {
            Target::Path(path, _) => &path.given,
            Target::Fd(_, given) => given,
        }
    }

    pub fn subject(&self, follow: bool) -> Subject<'_> {
        match self {
            Target::Path(path, dir) => Subject::Path { dir: dir.borrow(), path: path.as_c(), follow },
            Target::Fd(fd, _) => Subject::Open(fd.borrow()),
        }
    }
}
