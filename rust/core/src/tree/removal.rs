//! Removing a tree.

use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, SeekFrom, fstat, openat, seek, stat, unlinkat};
use rustix::io::Errno;

use super::crew::Crew;
use super::node::{Node, Shelf};
use super::work::{Found, Left, Tally, Tools, Tree};
use crate::copy::Place;
use crate::fs::spot::Identity;
use crate::fs::{Failure, Fd, retry};
use crate::long::{Long, Progress};

/// Who puts something into a directory that is removed is faster so many times at most.
const ROUNDS: usize = 8;

/// What is known of a directory that is removed.
#[derive(Default)]
pub(crate) struct Doomed {
    /// How many times everything in it was removed.
    rounds: AtomicUsize,
    /// Whether it was none, and is gone.
    gone: AtomicBool,
}

/// Removing: everything in a directory, then the directory.
struct Removing {
    /// The directory that the tree is in.
    around: Fd,
    /// Its name there.
    name: Vec<u8>,
    /// What errors call it.
    path: Vec<u8>,
}

impl Removing {
    fn failure(&self, node: &Node<Doomed>, name: Option<&[u8]>, errno: Errno) -> Failure {
        let path = node.path(&self.path);
        Failure::on(&name.map_or_else(|| path.clone(), |name| crate::fs::join(&path, name)), errno)
    }

    /// Removes a name from the directory that a directory is in.
    fn unlink(&self, node: &Arc<Node<Doomed>>, fds: &Shelf<Doomed>, flags: AtFlags) -> Result<(), Errno> {
        match node.above() {
            None => retry(|| unlinkat(&self.around, &self.name[..], flags)),
            Some(above) => {
                let above = above.fd(0, fds)?;
                retry(|| unlinkat(above.as_fd(), node.name(), flags))
            }
        }
    }
}

/// Whoever has removed it already wanted the same.
fn or_gone(removed: Result<(), Errno>) -> Result<(), Errno> {
    removed.or_else(|errno| if errno == Errno::NOENT { Ok(()) } else { Err(errno) })
}

impl Tree for Removing {
    type Extra = Doomed;
    type Step = ();

    fn enter(&self, node: &Arc<Node<Doomed>>, fds: &Shelf<Doomed>) -> Result<Option<Arc<Fd>>, Failure> {
        let opened = node.fd(0, fds).and_then(|fd| {
            if node.extra.rounds.load(Ordering::Relaxed) > 0 {
                retry(|| seek(&*fd, SeekFrom::Start(0)))?;
            }
            Ok(fd)
        });
        match opened {
            Ok(fd) => return Ok(Some(fd)),
            // Somebody has put something else in its place: that is what is in the tree now.
            Err(Errno::NOTDIR | Errno::LOOP) if node.above().is_some() => {
                let removed = self.unlink(node, fds, AtFlags::empty());
                or_gone(removed).map_err(|errno| self.failure(node, None, errno))?;
            }
            Err(Errno::NOENT) => {}
            Err(errno) => return Err(self.failure(node, None, errno)),
        }
        node.extra.gone.store(true, Ordering::Relaxed);
        Ok(None)
    }

    fn unreadable(&self, node: &Node<Doomed>, errno: Errno) -> Option<Failure> {
        // Whoever has removed it already wanted the same.
        (errno != Errno::NOENT).then(|| self.failure(node, None, errno))
    }

    fn entry(
        &self,
        node: &Arc<Node<Doomed>>,
        fds: &Shelf<Doomed>,
        (name, kind): (&[u8], FileType),
        _tools: &mut Tools,
    ) -> Result<Found<()>, Failure> {
        if kind == FileType::Directory {
            return Ok(Found::Below { follow: false });
        }
        let removed = node.fd(0, fds).and_then(|fd| retry(|| unlinkat(&*fd, name, AtFlags::empty())));
        match or_gone(removed) {
            Ok(()) => Ok(Found::Done),
            // Only now it is one, or the listing didn't tell.
            Err(Errno::ISDIR) => Ok(Found::Below { follow: false }),
            Err(errno) => Err(self.failure(node, Some(name), errno)),
        }
    }

    fn step(&self, _: &Arc<Node<Doomed>>, _: &[u8], (): (), _: &mut Tools) -> Result<Option<()>, Failure> {
        Ok(None)
    }

    fn leave(&self, node: &Arc<Node<Doomed>>, fds: &Shelf<Doomed>, whole: bool) -> Result<Left, Failure> {
        if node.extra.gone.load(Ordering::Relaxed) {
            return Ok(Left::Done);
        }
        if !whole {
            return Ok(Left::Stays);
        }
        match or_gone(self.unlink(node, fds, AtFlags::REMOVEDIR)) {
            Ok(()) => Ok(Left::Done),
            Err(Errno::NOTEMPTY | Errno::EXIST) if node.extra.rounds.fetch_add(1, Ordering::Relaxed) < ROUNDS => {
                Ok(Left::Again)
            }
            Err(errno) => Err(self.failure(node, None, errno)),
        }
    }
}

/// A tree that is being removed.
pub struct Removal {
    path: Vec<u8>,
    missing_ok: bool,
    collect: bool,
    threads: usize,
    crew: Option<Crew<Removing>>,
    done: bool,
}

impl Removal {
    /// `missing_ok`: whether it may be gone already. `collect`: whether errors are kept and the rest goes on.
    pub fn new(path: &[u8], missing_ok: bool, collect: bool, threads: usize) -> Self {
        Self { path: path.to_vec(), missing_ok, collect, threads, crew: None, done: false }
    }

    /// Takes what went wrong.
    pub fn troubles(&self) -> Vec<Failure> {
        self.crew.as_ref().map(Crew::troubles).unwrap_or_default()
    }

    /// How far it is.
    pub fn tally(&self) -> Tally {
        self.crew.as_ref().map(Crew::tally).unwrap_or_default()
    }

    fn begin(&self) -> Result<Crew<Removing>, Errno> {
        let trimmed = crate::fs::trimmed(&self.path);
        let place = Place::path(trimmed);
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let fd = Fd::from(retry(|| openat(CWD, trimmed, flags, Mode::empty()))?);
        let name = place.last_name();
        match name {
            b"" => return Err(Errno::BUSY),
            b"." | b".." => return Err(Errno::INVAL),
            _ => {}
        }
        // Whatever it is called.
        if Identity::from(&retry(|| fstat(&fd))?) == Identity::from(&retry(|| stat("/"))?) {
            return Err(Errno::BUSY);
        }
        let root = Node::root();
        root.set_root(0, Arc::new(fd))?;
        let tree = Removing { around: place.open_directory()?, name: name.to_vec(), path: self.path.clone() };
        Ok(Crew::new(tree, root, self.collect, self.threads))
    }
}

impl Long for Removal {
    fn advance(&mut self, slice: Duration) -> Result<bool, Failure> {
        if self.done {
            return Ok(true);
        }
        let crew = match self.crew.take() {
            Some(crew) => crew,
            None => match self.begin() {
                Err(Errno::NOENT) if self.missing_ok && !self.path.is_empty() => {
                    self.done = true;
                    return Ok(true);
                }
                begun => begun?,
            },
        };
        self.done = self.crew.insert(crew).advance(slice)?;
        Ok(self.done)
    }

    fn progress(&self) -> Progress {
        let tally = self.tally();
        Progress { done: tally.files + tally.directories, total: tally.found, bytes: 0 }
    }

    fn give_up(&mut self) {
        if let Some(crew) = &self.crew {
            crew.give_up();
        }
    }
}
