//! Several changes that happen together or not at all.

use std::ffi::CStr;
use std::io;
use std::sync::Arc;

use rustix::fs::FileType;
use rustix::io::Errno;

use super::commit::{Broken, commit};
use super::place::Place;
use super::{Durability, Staged, moving};

/// One change of a transaction.
#[derive(Debug)]
pub struct Undertaking(pub(super) Change);

#[derive(Debug)]
pub(super) enum Change {
    Write(Staged),
    Move { from: Place, to: Place, overwrite: bool },
    Remove(Place),
}

impl Undertaking {
    /// New contents of a file, made ready but for their name.
    pub fn write(mut staged: Staged) -> io::Result<Self> {
        staged.finish()?;
        Ok(Self(Change::Write(staged)))
    }

    /// Another name for a file.
    pub fn rename(from: &CStr, to: &CStr, durability: Durability, overwrite: bool) -> io::Result<Self> {
        let (from, to) = (Place::find(from, false, durability)?, Place::find(to, false, durability)?);
        Ok(Self(Change::Move { from, to, overwrite }))
    }

    /// A file less.
    pub fn remove(path: &CStr, durability: Durability) -> io::Result<Self> {
        Ok(Self(Change::Remove(Place::find(path, false, durability)?)))
    }

    fn places(&mut self) -> Vec<&mut Place> {
        match &mut self.0 {
            Change::Write(staged) => vec![&mut staged.place],
            Change::Move { from, to, .. } => vec![from, to],
            Change::Remove(place) => vec![place],
        }
    }
}

/// Changes that are prepared. Dropped before they are committed, nothing of them is left.
#[derive(Debug)]
pub struct Transaction {
    durability: Durability,
    changes: Vec<Undertaking>,
    /// A name in each directory there is, and the first change in it.
    dirs: Vec<(Place, usize)>,
}

impl Transaction {
    /// Nothing to do yet.
    pub fn new(durability: Durability) -> Self {
        Self { durability, changes: Vec::new(), dirs: Vec::new() }
    }

    /// Adds a change, which comes after all that were added before it.
    pub fn add(&mut self, mut change: Undertaking) {
        for place in change.places() {
            // However many files there are, a directory is open once.
            match self.dirs.iter().find(|(known, _)| known.is_beside(place)) {
                Some((known, _)) => place.dir = Arc::clone(&known.dir),
                None => self.dirs.push((place.clone(), self.changes.len())),
            }
        }
        self.changes.push(change);
    }

    /// Does everything, in order; or undoes what it has done and says which change could not be made.
    pub fn commit(self) -> Result<(), Broken> {
        // What a move moves may have been written by an earlier change, which has synced it then.
        for (index, change) in self.changes.iter().enumerate() {
            if let Change::Move { from, .. } = &change.0
                && let Err(error) = ready(from, self.durability)
            {
                return Err(Broken { error, index, stuck: Vec::new() });
            }
        }
        let sync = if self.durability == Durability::Full { &self.dirs[..] } else { &[] };
        commit(self.changes.into_iter().map(|change| change.0).collect(), sync)
    }
}

/// As [`moving::ready`]; that nothing is there may change until its turn.
fn ready(from: &Place, durability: Durability) -> io::Result<()> {
    match from.status()? {
        None => Ok(()),
        Some(status) if FileType::from_raw_mode(status.st_mode) == FileType::Directory => Err(Errno::ISDIR.into()),
        Some(_) => moving::ready(from, durability),
    }
}
