//! How a transaction is done, and how it is undone.

use std::ffi::CString;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;

use rustix::fs::{FileType, Stat};
use rustix::io::{Errno, Result};

use super::aside::{At, exchange, link, rename, rename_new, under_new_name, unlink};
use super::place::Place;
use super::sync;
use super::transaction::Change;

/// Why a transaction was not done.
#[derive(Debug)]
pub struct Broken {
    /// The error.
    pub error: io::Error,
    /// Which change met it, or is in the directory that did.
    pub index: usize,
    /// Paths that could not be made again what they were.
    pub stuck: Vec<Vec<u8>>,
}

/// What has to be done to have everything as it was.
enum Undo {
    /// A file that is new goes.
    Unlink(Place),
    /// A file gets its name back, from one that replaced it or from nothing.
    Restore { kept: CString, place: Place },
    /// Likewise, and what replaced it goes back to where it came from.
    Return { kept: Option<CString>, place: Place, from: Place },
}

/// What was done so far.
#[derive(Default)]
struct Done {
    undo: Vec<Undo>,
    /// Old files, under names of our own.
    kept: Vec<(Arc<OwnedFd>, CString)>,
}

/// Makes the changes, then writes the directories to the disk.
pub(super) fn commit(changes: Vec<Change>, dirs: &[(Place, usize)]) -> std::result::Result<(), Broken> {
    let mut done = Done::default();
    // Those that follow a failure are dropped after the undoing, and with them the files they have written.
    let mut changes = changes;
    for (index, change) in changes.iter_mut().enumerate() {
        if let Err(errno) = done.make(change) {
            return Err(Broken { error: errno.into(), index, stuck: done.undo() });
        }
    }
    for (place, index) in dirs {
        if let Err(error) = sync::directory(place.fd()) {
            return Err(Broken { error, index: *index, stuck: done.undo() });
        }
    }
    done.forget();
    Ok(())
}

impl Done {
    fn make(&mut self, change: &mut Change) -> Result<()> {
        match change {
            Change::Write(staged) => {
                let temporary = staged.temporary.clone().ok_or(Errno::NOENT)?;
                let from = Place { name: temporary, ..staged.place.clone() };
                self.put(&from, &staged.place, staged.options.overwrite, true)?;
                staged.temporary = None;
                Ok(())
            }
            Change::Move { from, to, overwrite } => self.put(from, to, *overwrite, false),
            Change::Remove(place) => self.remove(place),
        }
    }

    /// Gives a file a name; what had that name is kept under another. `fresh`: the file itself need not be kept.
    fn put(&mut self, from: &Place, to: &Place, overwrite: bool, fresh: bool) -> Result<()> {
        loop {
            let old = to.replaceable()?;
            if overwrite && old.is_some_and(|old| is_same(&old, from.status().ok().flatten())) {
                // Two names of one file: a rename does nothing then, and there is nothing to undo.
                return Ok(());
            }
            if !overwrite || old.is_none() {
                match rename_new(at(from), at(to)) {
                    // There is one by now.
                    Err(Errno::EXIST) if overwrite => continue,
                    renamed => renamed?,
                }
                self.undo.push(undo(fresh, None, to, from));
                return Ok(());
            }
            match keep_and_replace(from, to) {
                // There is none any more.
                Err(Errno::NOENT) if from.status()?.is_some() => {}
                Err(errno) => return Err(errno),
                Ok(kept) => {
                    self.kept.push((Arc::clone(&to.dir), kept.clone()));
                    self.undo.push(undo(fresh, Some(kept), to, from));
                    return Ok(());
                }
            }
        }
    }

    /// Takes a file's name away.
    fn remove(&mut self, place: &Place) -> Result<()> {
        let status = place.status()?.ok_or(Errno::NOENT)?;
        if FileType::from_raw_mode(status.st_mode) == FileType::Directory {
            return Err(Errno::ISDIR);
        }
        let (kept, ()) = under_new_name(|name| rename_new(at(place), (place.fd(), name)))?;
        self.kept.push((Arc::clone(&place.dir), kept.clone()));
        self.undo.push(Undo::Restore { kept, place: place.clone() });
        Ok(())
    }

    /// Makes everything as it was, the last change first. Returns what it could not.
    fn undo(self) -> Vec<Vec<u8>> {
        let mut stuck = Vec::new();
        for step in self.undo.into_iter().rev() {
            let (place, undone) = match &step {
                Undo::Unlink(place) => (place, unlink(at(place))),
                Undo::Restore { kept, place } => (place, rename((place.fd(), kept), at(place))),
                Undo::Return { kept, place, from } => (place, give_back(kept.as_ref(), place, from)),
            };
            if undone.is_err() {
                stuck.push(place.path.to_bytes().to_vec());
            }
        }
        stuck
    }

    /// Everything is done: the old files go.
    fn forget(self) {
        for (dir, kept) in self.kept {
            // What was asked for is done. A file that can't be removed now is one too many.
            let _left = unlink((dir.as_fd(), &kept));
        }
        crate::engine::fd_freed();
    }
}

fn is_same(one: &Stat, other: Option<Stat>) -> bool {
    other.is_some_and(|other| (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino))
}

fn at(place: &Place) -> At<'_> {
    (place.fd(), &place.name)
}

fn undo(fresh: bool, kept: Option<CString>, to: &Place, from: &Place) -> Undo {
    match (fresh, kept) {
        (true, None) => Undo::Unlink(to.clone()),
        (true, Some(kept)) => Undo::Restore { kept, place: to.clone() },
        (false, kept) => Undo::Return { kept, place: to.clone(), from: from.clone() },
    }
}

/// Replaces a file in one step and keeps it. Returns its name.
fn keep_and_replace(from: &Place, to: &Place) -> Result<CString> {
    match under_new_name(|name| link(at(to), (to.fd(), name))) {
        Ok((kept, ())) => match rename(at(from), at(to)) {
            Ok(()) => Ok(kept),
            Err(errno) => {
                let _left = unlink((to.fd(), &kept));
                Err(errno)
            }
        },
        Err(Errno::NOENT) => Err(Errno::NOENT),
        // A filesystem without second names, or a file that may not get one.
        Err(errno) => match exchange(at(from), at(to)) {
            Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => Err(errno),
            Err(errno) => Err(errno),
            Ok(()) => match under_new_name(|name| rename_new(at(from), (to.fd(), name))) {
                Ok((kept, ())) => Ok(kept),
                Err(errno) => {
                    let _stays_exchanged = exchange(at(from), at(to));
                    Err(errno)
                }
            },
        },
    }
}

/// Undoes a move.
fn give_back(kept: Option<&CString>, place: &Place, from: &Place) -> Result<()> {
    let Some(kept) = kept else { return rename_new(at(place), at(from)) };
    let kept = (place.fd(), &**kept);
    // At no time is there nothing under the name, where the system can do that.
    if exchange(kept, at(place)).is_ok() {
        return rename_new(kept, at(from));
    }
    rename_new(at(place), at(from))?;
    rename(kept, at(place))
}
