//! An error of an operation that may meet it on another path than the one it was given.

use std::io;

use rustix::io::Errno;

/// Where an error happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Blame {
    /// On what the caller gave.
    Given,
    /// Of two paths that the caller gave, on the first alone.
    Source,
    /// Of two paths that the caller gave, on the second alone.
    Target,
    /// On a path on the way there, or on the way back.
    Path(Vec<u8>),
    /// On two paths: one that was read or moved, and the one that was to become of it.
    Paths(Vec<u8>, Vec<u8>),
    /// On nothing that has a name.
    Nobody,
}

/// The system's error, and where it happened.
#[derive(Debug)]
pub struct Failure {
    /// The error, errno included.
    pub error: io::Error,
    /// What it happened on.
    pub on: Blame,
}

impl Failure {
    /// Whether too many files are open.
    pub fn lacks_fd(&self) -> bool {
        matches!(self.error.raw_os_error(), Some(libc::EMFILE | libc::ENFILE))
    }

    pub(crate) fn on(path: &[u8], error: impl Into<io::Error>) -> Self {
        Self { error: error.into(), on: Blame::Path(path.to_vec()) }
    }

    /// What was given was only a part of what the caller gave.
    pub(crate) fn given_was(self, path: &[u8]) -> Self {
        match self.on {
            Blame::Given => Self::on(path, self.error),
            _ => self,
        }
    }

    pub(crate) fn from_source(error: impl Into<io::Error>) -> Self {
        Self { error: error.into(), on: Blame::Source }
    }

    pub(crate) fn at_target(error: impl Into<io::Error>) -> Self {
        Self { error: error.into(), on: Blame::Target }
    }

    pub(crate) fn of_nobody(error: impl Into<io::Error>) -> Self {
        Self { error: error.into(), on: Blame::Nobody }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self { error, on: Blame::Given }
    }
}

impl From<Errno> for Failure {
    fn from(errno: Errno) -> Self {
        Self::from(io::Error::from(errno))
    }
}
