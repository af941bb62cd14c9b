//! Copying a directory with all that is in it.

use std::io;
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rustix::fs::{FileType, Mode, OFlags, fstat, mkdirat};
use rustix::io::Errno;

use super::copying::{Begin, Copying, End, special};
use super::kept::{Also, Kept};
use super::link::copy_link;
use super::place::Place;
use crate::fs::spot::{Identity, Spot};
use crate::fs::{Blame, Failure, Fd, c_string, dir, retry, trimmed};
use crate::long::{Long, Progress};
use crate::tree::{Crew, Found, Left, Node, Shelf, Tally, Tools, Tree};

const SOURCE: usize = 0;
const TARGET: usize = 1;

/// How a tree is copied.
#[derive(Clone, Copy, Debug, Default)]
#[allow(clippy::struct_excessive_bools)] // they are told apart by name
pub struct Manner {
    /// Whether directories that are there are added to, and files in them replaced.
    pub overwrite: bool,
    /// Whether links are followed; otherwise they are copied as links.
    pub follow: bool,
    /// Whether copies have the times of the originals.
    pub times: bool,
    /// Whether they have their extended attributes.
    pub xattrs: bool,
    /// Whether errors are kept and the rest goes on.
    pub collect: bool,
    /// How many threads copy.
    pub threads: usize,
}

/// What is known of a directory that is copied.
#[derive(Default)]
pub(crate) struct Known {
    /// What its copy gets in the end, if it was made for it.
    kept: OnceLock<Kept>,
}

impl Known {
    /// Whether nobody else knows the copy yet.
    fn is_fresh(&self) -> bool {
        self.kept.get().is_some()
    }
}

/// Copying: a directory is made, what is in it is copied, and it gets its mode and times.
pub(super) struct CopyingTree {
    source: Vec<u8>,
    target: Vec<u8>,
    also: Also,
    follow: bool,
    overwrite: bool,
    /// Whether it is worth asking for the same blocks.
    share: AtomicBool,
}

type Dir = Arc<Node<Known>>;

impl CopyingTree {
    fn at_source(&self, node: &Node<Known>, name: Option<&[u8]>, error: impl Into<io::Error>) -> Failure {
        Failure::on(&path(node, &self.source, name), error)
    }

    fn at_target(&self, node: &Node<Known>, name: Option<&[u8]>, error: impl Into<io::Error>) -> Failure {
        Failure::on(&path(node, &self.target, name), error)
    }

    /// Tells the paths of what went wrong with something in a directory.
    fn told(&self, node: &Node<Known>, name: &[u8], failure: Failure) -> Failure {
        match failure.on {
            Blame::Source => self.at_source(node, Some(name), failure.error),
            Blame::Target => self.at_target(node, Some(name), failure.error),
            Blame::Given => {
                let (from, to) = (path(node, &self.source, Some(name)), path(node, &self.target, Some(name)));
                Failure { error: failure.error, on: Blame::Paths(from, to) }
            }
            _ => failure,
        }
    }

    /// Makes the copy of a directory. False if it was there.
    fn make(&self, node: &Dir, fds: &Shelf<Known>) -> Result<bool, Errno> {
        let Some(above) = node.above() else { return Ok(false) };
        let fd = above.fd(TARGET, fds)?;
        match retry(|| mkdirat(fd.as_fd(), node.name(), Mode::RWXU)) {
            Ok(()) => Ok(true),
            Err(Errno::EXIST) if self.overwrite => Ok(false),
            Err(errno) => Err(errno),
        }
    }

    /// Some blocks of a file: a small one is whole after that.
    fn go_on(&self, mut copying: Box<Copying>, tools: &mut Tools) -> io::Result<Option<Box<Copying>>> {
        for _ in 0..2 {
            let Some(count) = copying.block(&mut tools.buffer)? else {
                copying.finish(self.overwrite, End { also: self.also, durable: false })?;
                return Ok(None);
            };
            tools.bytes += count;
            if copying.refused_to_share() {
                self.share.store(false, Ordering::Relaxed);
            }
        }
        Ok(Some(copying))
    }
}

impl Tree for CopyingTree {
    type Extra = Known;
    type Step = Box<Copying>;

    fn enter(&self, node: &Dir, fds: &Shelf<Known>) -> Result<Option<Arc<Fd>>, Failure> {
        let opened = node.fd(SOURCE, fds).and_then(|fd| retry(|| fstat(&*fd)).map(|status| (fd, status)));
        let (fd, status) = opened.map_err(|errno| self.at_source(node, None, errno))?;
        if self.follow && node.is_in_itself(SOURCE) {
            return Err(self.at_source(node, None, Errno::LOOP));
        }
        if !node.extra.is_fresh() && self.make(node, fds).map_err(|errno| self.at_target(node, None, errno))? {
            let _once = node.extra.kept.set(Kept::from(&status));
        }
        node.fd(TARGET, fds).map_err(|errno| self.at_target(node, None, errno))?;
        Ok(Some(fd))
    }

    fn unreadable(&self, node: &Node<Known>, errno: Errno) -> Option<Failure> {
        Some(self.at_source(node, None, errno))
    }

    fn entry(
        &self,
        node: &Dir,
        fds: &Shelf<Known>,
        (name, mut kind): (&[u8], FileType),
        tools: &mut Tools,
    ) -> Result<Found<Box<Copying>>, Failure> {
        let told = |failure| self.told(node, name, failure);
        let (source, target) = places(node, fds, name).map_err(told)?;
        // Some filesystems don't keep it with the name.
        let looks = kind == FileType::Unknown || (self.follow && kind == FileType::Symlink);
        if looks {
            let status = source.status(self.follow).map_err(|errno| self.at_source(node, Some(name), errno))?;
            kind = FileType::from_raw_mode(status.st_mode);
        }
        match kind {
            FileType::Directory => Ok(Found::Below { follow: looks && self.follow }),
            FileType::RegularFile => {
                let share = self.share.load(Ordering::Relaxed);
                let begin = Begin { follow: self.follow, fresh: node.extra.is_fresh(), share };
                let copying = Copying::begin(&source, &target, begin).map_err(told)?;
                let more = self.go_on(Box::new(copying), tools).map_err(|error| told(error.into()))?;
                Ok(more.map_or(Found::Done, Found::More))
            }
            FileType::Symlink => {
                let copied = copy_link(&source, &target, self.overwrite, node.extra.is_fresh());
                copied.map(|()| Found::Done).map_err(|error| told(error.into()))
            }
            other => Err(self.at_source(node, Some(name), special(other.as_raw_mode()))),
        }
    }

    fn step(
        &self,
        node: &Dir,
        name: &[u8],
        copying: Box<Copying>,
        tools: &mut Tools,
    ) -> Result<Option<Box<Copying>>, Failure> {
        self.go_on(copying, tools).map_err(|error| self.told(node, name, error.into()))
    }

    fn leave(&self, node: &Dir, fds: &Shelf<Known>, _whole: bool) -> Result<Left, Failure> {
        // What was there keeps what it is.
        if let Some(kept) = node.extra.kept.get() {
            let given = (|| {
                let fd = node.fd(TARGET, fds)?;
                let from = if self.also.xattrs { Some(node.fd(SOURCE, fds)?) } else { None };
                kept.give(from.as_ref().map(AsFd::as_fd), fd.as_fd(), self.also)
            })();
            given.map_err(|error: io::Error| self.at_target(node, None, error))?;
        }
        Ok(Left::Done)
    }
}

fn path(node: &Node<Known>, root: &[u8], name: Option<&[u8]>) -> Vec<u8> {
    let path = node.path(root);
    name.map_or_else(|| path.clone(), |name| crate::fs::join(&path, name))
}

fn places(node: &Dir, fds: &Shelf<Known>, name: &[u8]) -> Result<(Place, Place), Failure> {
    let source = node.fd(SOURCE, fds).map_err(Failure::from_source)?;
    let target = node.fd(TARGET, fds).map_err(Failure::at_target)?;
    Ok((Place::within(source, name), Place::within(target, name)))
}

/// A tree that is being copied. What is dropped between two slices leaves whole files only.
pub struct CopyTree {
    source: Vec<u8>,
    target: Vec<u8>,
    manner: Manner,
    owner: bool,
    /// Where the copy is for now, if it has been made.
    made: Option<Place>,
    crew: Option<Crew<CopyingTree>>,
}

impl CopyTree {
    /// A directory, and the path of its copy.
    pub fn new(source: &[u8], target: &[u8], manner: Manner) -> Self {
        let (source, target) = (source.to_vec(), target.to_vec());
        Self { source, target, manner, owner: false, made: None, crew: None }
    }

    /// A copy with everything, that is to take the place of the original: in an empty directory of another name.
    pub(super) fn to_move(source: &[u8], target: &[u8], made: Place, threads: usize) -> Self {
        let manner = Manner { times: true, xattrs: true, threads, ..Manner::default() };
        Self { owner: true, made: Some(made), ..Self::new(source, target, manner) }
    }

    /// Takes what went wrong.
    pub fn troubles(&self) -> Vec<Failure> {
        self.crew.as_ref().map(Crew::troubles).unwrap_or_default()
    }

    /// How far it is.
    pub fn tally(&self) -> Tally {
        self.crew.as_ref().map(Crew::tally).unwrap_or_default()
    }

    /// The directory of the copy, and whether nobody else knows it.
    fn make(&self) -> Result<(Place, bool), Failure> {
        if let Some(made) = &self.made {
            return Ok((made.clone(), true));
        }
        let place = Place::path(trimmed(&self.target));
        make_around(&place)?;
        match retry(|| mkdirat(place.dir(), place.name(), Mode::RWXU)) {
            Ok(()) => Ok((place, true)),
            Err(Errno::EXIST) if self.manner.overwrite => Ok((place, false)),
            Err(errno) => Err(Failure::at_target(errno)),
        }
    }

    fn begin(&self) -> Result<Crew<CopyingTree>, Failure> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY;
        let source = Place::path(&self.source).open(flags, Mode::empty()).map_err(Failure::from_source)?;
        let status = retry(|| fstat(&source)).map_err(Failure::from_source)?;
        not_into_itself(&self.source, Identity::from(&status), &self.target)?;
        let (place, fresh) = self.make()?;
        let target = place.open(flags, Mode::empty()).map_err(Failure::at_target)?;
        let root = Node::<Known>::root();
        root.set_root(SOURCE, Arc::new(source)).map_err(Failure::from_source)?;
        root.set_root(TARGET, Arc::new(target)).map_err(Failure::at_target)?;
        if fresh {
            let _once = root.extra.kept.set(Kept::from(&status));
        }
        let Manner { overwrite, follow, times, xattrs, collect, threads } = self.manner;
        let tree = CopyingTree {
            source: self.source.clone(),
            target: self.target.clone(),
            also: Also { times, xattrs, owner: self.owner },
            follow,
            overwrite,
            share: AtomicBool::new(true),
        };
        Ok(Crew::new(tree, root, collect, threads))
    }
}

impl Long for CopyTree {
    fn advance(&mut self, slice: Duration) -> Result<bool, Failure> {
        if self.crew.is_none() {
            self.crew = Some(self.begin()?);
        }
        self.crew.as_ref().map_or(Ok(true), |crew| crew.advance(slice))
    }

    fn progress(&self) -> Progress {
        let tally = self.tally();
        Progress { done: tally.files + tally.directories, total: tally.found, bytes: tally.bytes }
    }

    fn give_up(&mut self) {
        if let Some(crew) = &self.crew {
            crew.give_up();
        }
    }
}

/// Makes the directories that the copy is to be in.
fn make_around(place: &Place) -> Result<(), Failure> {
    let around = trimmed(place.before_name());
    if around.is_empty() {
        return Ok(());
    }
    dir::make_all(&c_string(around), 0o777, true).map_err(|failure| failure.given_was(around))
}

/// A copy of a directory is not in that directory: it would have to hold itself.
pub(super) fn not_into_itself(source: &[u8], identity: Identity, target: &[u8]) -> Result<(), Failure> {
    if Spot::of(target)?.chain().any(|around| *around == identity) {
        let (source, target) = (String::from_utf8_lossy(source), String::from_utf8_lossy(target));
        let text = format!("{target:?} is {source:?}, or in it");
        return Err(io::Error::new(io::ErrorKind::InvalidData, text).into());
    }
    Ok(())
}
