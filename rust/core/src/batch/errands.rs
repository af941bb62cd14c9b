//! What is done to each item: written, removed, looked at, copied.

use std::convert::Infallible;
use std::ffi::CStr;
use std::time::Instant;

use rustix::fs::CWD;
use rustix::io::Errno;

use super::{Errand, Went};
use crate::copy::{How, Transfer};
use crate::fs::stat::{Status, Subject, stat};
use crate::fs::{Failure, remove};
use crate::long::Long;
use crate::{engine, whole};

/// Files are made or emptied, and written.
#[derive(Debug)]
pub struct Writes<P, B> {
    /// Each file, and what it gets.
    pub files: Vec<(P, B)>,
}

impl<P, B> Errand for Writes<P, B>
where
    P: AsRef<CStr> + Send + Sync + 'static,
    B: AsRef<[u8]> + Send + Sync + 'static,
{
    type Done = usize;
    type Begun = Infallible;

    fn total(&self) -> usize {
        self.files.len()
    }

    fn path(&self, index: usize) -> &CStr {
        self.files[index].0.as_ref()
    }

    fn go_on(&self, index: usize, _: Option<Infallible>, _: Instant) -> Result<Went<usize, Infallible>, Failure> {
        let (path, bytes) = &self.files[index];
        let written = whole::write(path.as_ref(), bytes.as_ref());
        engine::fd_freed();
        written?;
        let count = bytes.as_ref().len();
        Ok(Went::Done(count, count as u64))
    }
}

/// Files are removed: whether there was one.
#[derive(Debug)]
pub struct Removal<P> {
    /// The files.
    pub paths: Vec<P>,
    /// Whether it is fine if one isn't there.
    pub missing_ok: bool,
}

impl<P: AsRef<CStr> + Send + Sync + 'static> Errand for Removal<P> {
    type Done = bool;
    type Begun = Infallible;

    fn total(&self) -> usize {
        self.paths.len()
    }

    fn path(&self, index: usize) -> &CStr {
        self.paths[index].as_ref()
    }

    fn go_on(&self, index: usize, _: Option<Infallible>, _: Instant) -> Result<Went<bool, Infallible>, Failure> {
        match remove::remove(CWD, self.paths[index].as_ref()) {
            Ok(()) => Ok(Went::Done(true, 0)),
            Err(error) if self.missing_ok && error.raw_os_error() == Some(Errno::NOENT.raw_os_error()) => {
                Ok(Went::Done(false, 0))
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// Metadata are asked for.
#[derive(Debug)]
pub struct Looks<P> {
    /// Of what.
    pub paths: Vec<P>,
    /// Whether a symbolic link stands for what it leads to.
    pub follow: bool,
}

impl<P: AsRef<CStr> + Send + Sync + 'static> Errand for Looks<P> {
    type Done = Status;
    type Begun = Infallible;

    fn total(&self) -> usize {
        self.paths.len()
    }

    fn path(&self, index: usize) -> &CStr {
        self.paths[index].as_ref()
    }

    fn go_on(&self, index: usize, _: Option<Infallible>, _: Instant) -> Result<Went<Status, Infallible>, Failure> {
        let subject = Subject::Path { dir: CWD, path: self.paths[index].as_ref(), follow: self.follow };
        Ok(Went::Done(stat(subject)?, 0))
    }
}

/// Files are copied or moved: how many bytes were copied.
#[derive(Debug)]
pub struct Transfers<P> {
    /// Each file, and the path that it or its copy gets.
    pub pairs: Vec<(P, P)>,
    /// How.
    pub how: How,
}

impl<P: AsRef<CStr> + Send + Sync + 'static> Errand for Transfers<P> {
    type Done = u64;
    type Begun = Transfer;

    fn total(&self) -> usize {
        self.pairs.len()
    }

    fn path(&self, index: usize) -> &CStr {
        self.pairs[index].0.as_ref()
    }

    fn go_on(&self, index: usize, begun: Option<Transfer>, end: Instant) -> Result<Went<u64, Transfer>, Failure> {
        let mut transfer = begun.unwrap_or_else(|| {
            let (source, target) = &self.pairs[index];
            Transfer::new(source.as_ref().to_bytes(), target.as_ref().to_bytes(), self.how)
        });
        let finished = transfer.advance(end.saturating_duration_since(Instant::now()))?;
        let bytes = transfer.progress().bytes;
        Ok(if finished { Went::Done(bytes, bytes) } else { Went::Later(transfer) })
    }
}
