//! One file that is copied or moved.

use std::io;
use std::time::{Duration, Instant};
use std::{error, fmt};

use rustix::fs::{FileType, Stat, readlinkat};
use rustix::io::Errno;

use super::copying::{Begin, Copying, End, remove, special};
use super::kept::Also;
use super::link::{copy_link, copy_link_beside};
use super::moving::{settle, take_place};
use super::name::rename;
use super::place::Place;
use crate::fs::spot::Identity;
use crate::fs::{Failure, retry};
use crate::long::{Long, Progress};

/// No chain of links is longer: the kernel's own limit.
const LINKS: usize = 40;

/// How a file is copied or moved.
#[derive(Clone, Copy, Debug, Default)]
#[allow(clippy::struct_excessive_bools)] // they are told apart by name
pub struct How {
    /// Whether the original goes away.
    pub moving: bool,
    /// Whether a file that has the name already is replaced.
    pub overwrite: bool,
    /// Whether links are followed, at both ends. Otherwise they are themselves what is copied and what is replaced. Moving follows none.
    pub follow: bool,
    /// Whether the copy has the times of the original.
    pub times: bool,
    /// Whether it has its extended attributes.
    pub xattrs: bool,
    /// Whether it is on the disk in the end.
    pub durable: bool,
}

/// Source and target are one file.
#[derive(Debug)]
pub struct SameFile;

impl fmt::Display for SameFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Source and target are the same file")
    }
}

impl error::Error for SameFile {}

enum State {
    New,
    Copying(Box<Copying>),
    Done,
}

/// A file that is being copied or moved. What is at the target is replaced at once, when the copy is whole.
pub struct Transfer {
    source: Place,
    target: Place,
    how: How,
    state: State,
    bytes: u64,
    buffer: Vec<u8>,
}

impl Transfer {
    /// A file, and the path that it or its copy gets.
    pub fn new(source: &[u8], target: &[u8], how: How) -> Self {
        let (source, target) = (Place::path(source), Place::path(target));
        Self { source, target, how, state: State::New, bytes: 0, buffer: Vec::new() }
    }

    fn begin(&mut self) -> Result<State, Failure> {
        let follow = self.how.follow && !self.how.moving;
        let source = self.source.status(follow).map_err(Failure::from_source)?;
        if follow {
            self.target = end_of_links(&self.target).map_err(Failure::at_target)?;
        }
        let there = self.there()?;
        let same = there.as_ref().is_some_and(|there| Identity::from(there) == Identity::from(&source));
        match FileType::from_raw_mode(source.st_mode) {
            FileType::Directory => return Err(Failure::from_source(special(source.st_mode))),
            _ if self.how.moving => return self.begin_moving(&source, same),
            _ if same => return Err(io::Error::new(io::ErrorKind::InvalidInput, SameFile).into()),
            _ => {}
        }
        self.check_replaced(there.as_ref())?;
        match FileType::from_raw_mode(source.st_mode) {
            FileType::RegularFile => self.copying(follow),
            FileType::Symlink => {
                copy_link(&self.source, &self.target, self.how.overwrite, false)?;
                Ok(State::Done)
            }
            _ => Err(Failure::from_source(special(source.st_mode))),
        }
    }

    /// What has the name by now.
    fn there(&self) -> Result<Option<Stat>, Failure> {
        match self.target.status(false) {
            Ok(status) => Ok(Some(status)),
            Err(Errno::NOENT) => Ok(None),
            Err(errno) => Err(Failure::at_target(errno)),
        }
    }

    /// Files and links are replaced; what a program would only have written to is not.
    fn check_replaced(&self, there: Option<&Stat>) -> Result<(), Failure> {
        let Some(there) = there else { return Ok(()) };
        if !self.how.overwrite {
            return Err(Failure::at_target(Errno::EXIST));
        }
        match FileType::from_raw_mode(there.st_mode) {
            FileType::RegularFile | FileType::Symlink => Ok(()),
            _ => Err(Failure::at_target(special(there.st_mode))),
        }
    }

    fn copying(&self, follow: bool) -> Result<State, Failure> {
        let begin = Begin { follow, fresh: false, share: true };
        Copying::begin(&self.source, &self.target, begin).map(|copying| State::Copying(Box::new(copying)))
    }

    /// Renames; if that can't be, because it is another filesystem, begins to copy.
    fn begin_moving(&mut self, source: &Stat, same: bool) -> Result<State, Failure> {
        match rename(&self.source, &self.target, self.how.overwrite) {
            Ok(()) => {
                // Renaming one name of a file to another one of it does nothing, says POSIX.
                if same && source.st_nlink > 1 && !self.is_same_entry() {
                    self.leave_other_name(source)?;
                }
                return Ok(State::Done);
            }
            Err(error) if error.raw_os_error() == Some(libc::EXDEV) => {}
            Err(error) => return Err(error.into()),
        }
        let there = self.there()?;
        self.check_replaced(there.as_ref())?;
        match FileType::from_raw_mode(source.st_mode) {
            FileType::RegularFile => self.copying(false),
            FileType::Symlink => {
                let named = copy_link_beside(&self.source, &self.target)?;
                settle(&named, &self.source, &self.target, self.how.overwrite)?;
                Ok(State::Done)
            }
            _ => Err(Failure::from_source(special(source.st_mode))),
        }
    }

    /// Whether both paths are the same name in the same directory.
    fn is_same_entry(&self) -> bool {
        let last = |place: &Place| place.last_name().to_ascii_lowercase();
        let directory = |place: &Place| place.sibling(b".").status(true).ok().map(|status| Identity::from(&status));
        // Where case doesn't count, names that differ in it are one.
        last(&self.source) == last(&self.target) && directory(&self.source) == directory(&self.target)
    }

    fn leave_other_name(&self, source: &Stat) -> Result<(), Failure> {
        let still = self.source.status(false).is_ok_and(|status| Identity::from(&status) == Identity::from(source));
        if still { remove(&self.source).map_err(Failure::from_source) } else { Ok(()) }
    }

    fn go_on(&mut self, mut copying: Box<Copying>) -> Result<State, Failure> {
        if let Some(count) = copying.block(&mut self.buffer)? {
            self.bytes += count;
            return Ok(State::Copying(copying));
        }
        self.finish(*copying)?;
        Ok(State::Done)
    }

    fn start_again(&mut self) {
        self.state = State::New;
        self.bytes = 0;
    }

    fn finish(&self, copying: Copying) -> Result<(), Failure> {
        let How { moving, overwrite, times, xattrs, durable, .. } = self.how;
        if moving {
            return take_place(copying, &self.source, &self.target, overwrite);
        }
        let also = Also { times, xattrs, owner: false };
        Ok(copying.finish(overwrite, End { also, durable })?)
    }
}

impl Long for Transfer {
    fn advance(&mut self, slice: Duration) -> Result<bool, Failure> {
        let since = Instant::now();
        loop {
            self.state = match std::mem::replace(&mut self.state, State::Done) {
                State::New => self.begin().inspect_err(|_| self.state = State::New)?,
                // Who is asked again, because a descriptor was lacking, starts again.
                State::Copying(copying) => self.go_on(copying).inspect_err(|_| self.start_again())?,
                State::Done => return Ok(true),
            };
            if since.elapsed() >= slice {
                return Ok(matches!(self.state, State::Done));
            }
        }
    }

    fn progress(&self) -> Progress {
        Progress { done: u64::from(matches!(self.state, State::Done)), total: 1, bytes: self.bytes }
    }

    fn give_up(&mut self) {
        self.state = State::Done;
    }
}

/// Where the links at the end of a path lead, whether something is there or not.
fn end_of_links(place: &Place) -> Result<Place, Errno> {
    let mut place = place.clone();
    for _ in 0..LINKS {
        match retry(|| readlinkat(place.dir(), place.name(), Vec::with_capacity(256))) {
            Ok(says) => {
                let says = says.to_bytes();
                place = if says.starts_with(b"/") { Place::path(says) } else { place.sibling(says) };
            }
            // No link; or nothing there.
            Err(Errno::INVAL | Errno::NOENT) => return Ok(place),
            Err(errno) => return Err(errno),
        }
    }
    Err(Errno::LOOP)
}
