//! Many names at once: looked at as a whole before anything is done, and taken back as a whole if something fails.

use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::io::Errno;

use crate::copy::{Place, rename};
use crate::fs::{Failure, real};
use crate::long::{Long, Progress};

/// What is wrong with a plan.
#[derive(Debug)]
pub enum Flaw {
    /// Something about one pair: that at the index.
    Failure(usize, Failure),
    /// Two pairs have the same source, or the same target.
    Twice(usize),
    /// A path of the pair is within what another one renames.
    Within(usize),
}

/// One call of the system: from, to, and the pair that it is for.
type Step = (Vec<u8>, Vec<u8>, usize);

/// Files and directories that get other names, all or none of them.
#[derive(Debug)]
pub struct Renames {
    pairs: Vec<(Vec<u8>, Vec<u8>)>,
    steps: Vec<Step>,
    planned: bool,
    dry: bool,
    /// How many steps are done.
    done: usize,
    flaw: Option<Flaw>,
}

impl Renames {
    /// Old paths and new ones. `dry`: it is only looked at.
    pub fn new(pairs: Vec<(Vec<u8>, Vec<u8>)>, dry: bool) -> Self {
        Self { pairs, steps: Vec::new(), planned: false, dry, done: 0, flaw: None }
    }

    /// What ended it.
    pub fn take_flaw(&mut self) -> Option<Flaw> {
        self.flaw.take()
    }

    fn plan(&self) -> Result<Vec<Step>, Flaw> {
        let mut parents = Parents::default();
        let mut whole = Vec::with_capacity(self.pairs.len());
        for (index, (source, target)) in self.pairs.iter().enumerate() {
            let failed = |failure| Flaw::Failure(index, failure);
            Place::path(source).status(false).map_err(|errno| failed(Failure::from_source(errno)))?;
            let from = parents.whole(source).map_err(|error| failed(Failure::from_source(error)))?;
            let to = parents.whole(target).map_err(|error| failed(Failure::at_target(error)))?;
            whole.push((from, to));
        }
        self.check(&whole)?;
        Ok(self.order(&whole))
    }

    fn check(&self, whole: &[(PathBuf, PathBuf)]) -> Result<(), Flaw> {
        let sources: HashSet<&Path> = whole.iter().map(|(from, _)| from.as_path()).collect();
        let (mut seen, mut taken) = (HashSet::new(), HashSet::new());
        for (index, (from, to)) in whole.iter().enumerate() {
            if !seen.insert(from) || !taken.insert(to) {
                return Err(Flaw::Twice(index));
            }
            let within = |path: &Path| path.ancestors().skip(1).any(|above| sources.contains(above));
            if within(from) || within(to) {
                return Err(Flaw::Within(index));
            }
            let there = || Place::path(&self.pairs[index].1).status(false);
            match if sources.contains(to.as_path()) { Err(Errno::NOENT) } else { there() } {
                Ok(_) => return Err(Flaw::Failure(index, Errno::EXIST.into())),
                Err(Errno::NOENT) => {}
                Err(errno) => return Err(Flaw::Failure(index, Failure::at_target(errno))),
            }
        }
        Ok(())
    }

    /// An order in which every name is free when it is given. Where names go round, one of them waits under another one.
    fn order(&self, whole: &[(PathBuf, PathBuf)]) -> Vec<Step> {
        let by_source: HashMap<&Path, usize> =
            whole.iter().enumerate().map(|(index, (from, _))| (from.as_path(), index)).collect();
        let mut steps = Vec::with_capacity(whole.len());
        let mut placed = vec![false; whole.len()];
        for start in 0..whole.len() {
            // Whoever has the name that this one gets goes first, and so on.
            let (mut chain, mut at) = (Vec::new(), Some(start));
            while let Some(index) = at.filter(|&index| !placed[index]) {
                placed[index] = true;
                chain.push(index);
                at = by_source.get(whole[index].1.as_path()).copied();
            }
            let round = at == Some(start) && chain.len() > 1;
            let plain = |index: usize| (self.pairs[index].0.clone(), self.pairs[index].1.clone(), index);
            let still = |index: &usize| whole[*index].0 != whole[*index].1;
            if round {
                let (from, to, _) = plain(start);
                let aside = free_beside(&from, start);
                steps.push((from, aside.clone(), start));
                steps.extend(chain.iter().skip(1).rev().map(|&index| plain(index)));
                steps.push((aside, to, start));
            } else {
                steps.extend(chain.into_iter().rev().filter(still).map(plain));
            }
        }
        steps
    }

    /// Takes back what was done, the last first. What can't be taken back stays.
    fn take_back(&mut self) {
        for (from, to, _) in self.steps[..self.done].iter().rev() {
            let _stays = rename(&Place::path(to), &Place::path(from), false);
        }
        self.done = 0;
        self.steps.clear();
    }
}

/// Directories by what they are really called.
#[derive(Default)]
struct Parents(HashMap<Vec<u8>, PathBuf>);

impl Parents {
    /// The one path that a name has, whatever links lead to its directory.
    fn whole(&mut self, path: &[u8]) -> io::Result<PathBuf> {
        let path = trimmed(path);
        let start = memchr::memrchr(b'/', path).map_or(0, |slash| slash + 1);
        let (before, name) = path.split_at(start);
        if matches!(name, b"" | b"." | b"..") {
            // Nothing that could be given another name.
            let errno = if path.is_empty() { Errno::NOENT } else { Errno::INVAL };
            return Err(errno.into());
        }
        let before = if before.is_empty() { &b"."[..] } else { before };
        let parent = if let Some(parent) = self.0.get(before) {
            parent.clone()
        } else {
            let parent = real::real(Path::new(OsStr::from_bytes(before)))?;
            self.0.entry(before.to_vec()).or_insert(parent).clone()
        };
        Ok(parent.join(OsStr::from_bytes(name)))
    }
}

fn trimmed(path: &[u8]) -> &[u8] {
    let end = path.iter().rposition(|&byte| byte != b'/').map_or(0, |last| last + 1);
    &path[..end]
}

/// A name in the same directory that nothing has.
fn free_beside(path: &[u8], number: usize) -> Vec<u8> {
    let place = Place::path(trimmed(path));
    let mut more = 0_usize;
    loop {
        let name = format!(".rapfiles-{:x}-{number:x}-{more:x}", std::process::id());
        let beside = place.sibling(name.as_bytes());
        if beside.status(false).is_err() {
            return beside.name().to_vec();
        }
        more += 1;
    }
}

impl Long for Renames {
    fn advance(&mut self, slice: Duration) -> Result<bool, Failure> {
        let since = Instant::now();
        if !self.planned {
            self.planned = true;
            match self.plan() {
                Ok(steps) => self.steps = steps,
                Err(flaw) => self.flaw = Some(flaw),
            }
        }
        if self.flaw.is_some() || self.dry {
            return Ok(true);
        }
        while let Some((from, to, index)) = self.steps.get(self.done) {
            if let Err(error) = rename(&Place::path(from), &Place::path(to), false) {
                self.flaw = Some(Flaw::Failure(*index, error.into()));
                self.take_back();
                return Ok(true);
            }
            self.done += 1;
            if since.elapsed() >= slice {
                return Ok(self.done == self.steps.len());
            }
        }
        Ok(true)
    }

    fn progress(&self) -> Progress {
        Progress { done: self.done as u64, total: self.steps.len() as u64, bytes: 0 }
    }

    fn give_up(&mut self) {
        self.take_back();
    }
}
