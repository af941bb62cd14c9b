//! Moving a directory with all that is in it.

use std::io;
use std::time::Duration;

use rustix::fs::{FileType, Mode, OFlags, mkdirat, renameat};
use rustix::io::Errno;

use super::copying::sync_directory;
use super::name::{beside, rename};
use super::place::Place;
use super::tree::{CopyTree, not_into_itself};
use crate::fs::spot::Identity;
use crate::fs::{Failure, retry, trimmed};
use crate::long::{Long, Progress};
use crate::tree::Removal;

/// For what must not end early.
const LONG: Duration = Duration::from_secs(3600);

enum State {
    New,
    /// The copy, and what it is called until it is whole.
    Copying(Box<CopyTree>, Place),
    /// The original, which has its name no more.
    Removing(Removal),
    Done,
}

/// A directory that is being moved: renamed or, to another filesystem, copied and removed. The copy has its name when it is whole and on
/// the disk; in the same moment the original loses its own. Before that moment things can be as they were; after it they must not.
pub struct MoveTree {
    source: Place,
    target: Place,
    threads: usize,
    state: State,
    progress: Progress,
}

impl MoveTree {
    /// A directory, and its new path.
    pub fn new(source: &[u8], target: &[u8], threads: usize) -> Self {
        let (source, target) = (Place::path(trimmed(source)), Place::path(trimmed(target)));
        Self { source, target, threads, state: State::New, progress: Progress::default() }
    }

    fn begin(&self) -> Result<State, Failure> {
        let status = self.source.status(false).map_err(Failure::from_source)?;
        if FileType::from_raw_mode(status.st_mode) != FileType::Directory {
            return Err(Failure::from_source(Errno::NOTDIR));
        }
        not_into_itself(self.source.name(), Identity::from(&status), self.target.name())?;
        match rename(&self.source, &self.target, false) {
            Ok(()) => return Ok(State::Done),
            Err(error) if error.raw_os_error() == Some(libc::EXDEV) => {}
            Err(error) => return Err(error.into()),
        }
        if self.target.status(false).is_ok() {
            return Err(Failure::at_target(Errno::EXIST));
        }
        let make = |place: &Place| retry(|| mkdirat(place.dir(), place.name(), Mode::RWXU));
        let (named, ()) = beside(&self.target, make).map_err(Failure::at_target)?;
        let copy = CopyTree::to_move(self.source.name(), self.target.name(), named.clone(), self.threads);
        Ok(State::Copying(Box::new(copy), named))
    }

    /// The copy takes the place of the original.
    fn exchange(&self, named: &Place) -> Result<Removal, Failure> {
        sync_tree(named)?;
        rename(named, &self.target, false)?;
        match sync_directory(&self.target).map_err(Failure::from).and_then(|()| self.hide()) {
            Ok(hidden) => Ok(Removal::new(hidden.name(), true, false, self.threads)),
            Err(failure) => {
                // The original stays, so the copy goes: where it is looked for when this is given up.
                rename(&self.target, named, false)?;
                Err(failure)
            }
        }
    }

    /// Takes the original's name away, all at once.
    fn hide(&self) -> Result<Place, Failure> {
        let hidden = beside(&self.source, |place| match place.status(false) {
            Ok(_) => Err(Errno::EXIST),
            Err(_) => retry(|| renameat(self.source.dir(), self.source.name(), place.dir(), place.name())),
        });
        hidden.map(|(place, ())| place).map_err(Failure::from_source)
    }
}

/// Brings a tree to the disk.
fn sync_tree(place: &Place) -> io::Result<()> {
    let directory = place.open(OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW, Mode::empty())?;
    #[cfg(target_os = "linux")]
    retry(|| rustix::fs::syncfs(&directory))?;
    #[cfg(not(target_os = "linux"))]
    rustix::fs::sync();
    directory.close()
}

impl Long for MoveTree {
    fn advance(&mut self, slice: Duration) -> Result<bool, Failure> {
        match &mut self.state {
            State::New => self.state = self.begin()?,
            State::Copying(copy, named) => {
                let copied = copy.advance(slice)?;
                self.progress = copy.progress();
                if copied {
                    let named = named.clone();
                    self.state = State::Removing(self.exchange(&named)?);
                }
            }
            State::Removing(removal) => {
                if removal.advance(slice)? {
                    self.state = State::Done;
                }
            }
            State::Done => {}
        }
        if matches!(self.state, State::Done) {
            self.progress.total = self.progress.total.max(1);
            self.progress.done = self.progress.total;
        }
        Ok(matches!(self.state, State::Done))
    }

    fn progress(&self) -> Progress {
        self.progress
    }

    fn give_up(&mut self) {
        match std::mem::replace(&mut self.state, State::Done) {
            State::Copying(mut copy, named) => {
                copy.give_up();
                drop(copy);
                to_the_end(Removal::new(named.name(), true, true, self.threads));
            }
            // The copy has its name: nobody needs the original, and nobody can find it.
            State::Removing(removal) => to_the_end(removal),
            State::New | State::Done => {}
        }
    }
}

fn to_the_end(mut removal: Removal) {
    while let Ok(false) = removal.advance(LONG) {}
}
