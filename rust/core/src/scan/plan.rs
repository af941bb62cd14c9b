//! What has to be done for directories to be elsewhere.

use std::collections::{HashMap, HashSet};
use std::io;

use rustix::fs::{AtFlags, CWD, FileType, Stat, statat};

use super::entries::{Inside, inside, status};
use crate::copy::Kept;
use crate::fs::spot::{Identity, Spot};
use crate::fs::{Blame, Failure, join, retry};

/// A directory, and the path it gets.
#[derive(Clone, Debug)]
pub struct Errand {
    /// The directory.
    pub source: Vec<u8>,
    /// Its path, or that of its copy.
    pub target: Vec<u8>,
}

/// How errands are done.
#[derive(Clone, Copy, Debug, Default)]
pub struct Manner {
    /// Whether nothing stays behind.
    pub moving: bool,
    /// Whether directories that are there are added to, and files in them replaced.
    pub overwrite: bool,
}

/// What is done in a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A directory is made.
    MakeDir,
    /// A file is copied.
    CopyFile,
    /// A symbolic link is made that says the same.
    CopyLink,
    /// A directory gets another path, with all that is in it.
    MoveDir,
    /// Anything else does.
    MoveFile,
    /// A directory gets the mode and the times of the one it is a copy of.
    FinishDir,
    /// A directory that is empty by now is removed.
    RemoveDir,
}

impl Action {
    /// Its name in Python.
    pub fn name(self) -> &'static str {
        match self {
            Action::MakeDir => "make_dir",
            Action::CopyFile => "copy_file",
            Action::CopyLink => "copy_link",
            Action::MoveDir => "move_dir",
            Action::MoveFile => "move_file",
            Action::FinishDir => "finish_dir",
            Action::RemoveDir => "remove_dir",
        }
    }
}

/// One thing that is done.
#[derive(Clone, Debug)]
pub struct Step {
    /// What it is.
    pub action: Action,
    /// What it is done to or with; empty for a directory that is nobody's copy.
    pub source: Vec<u8>,
    /// What becomes of it; empty for what is removed.
    pub target: Vec<u8>,
    /// Bytes of a file.
    pub size: u64,
    /// Whether something that is there is replaced.
    pub replaces: bool,
    /// What a directory is given in the end.
    pub(super) kept: Option<Kept>,
}

/// An error, and what it is about.
#[derive(Debug)]
pub struct Trouble {
    /// The system's error.
    pub error: io::Error,
    /// What was to be copied or moved.
    pub source: Vec<u8>,
    /// Where to; empty if that doesn't matter.
    pub target: Vec<u8>,
}

impl Trouble {
    pub(super) fn new(error: impl Into<io::Error>, source: &[u8], target: &[u8]) -> Self {
        Self { error: error.into(), source: source.to_vec(), target: target.to_vec() }
    }

    fn errno(errno: i32, source: &[u8], target: &[u8]) -> Self {
        Self::new(io::Error::from_raw_os_error(errno), source, target)
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        let source = if let Blame::Path(path) = failure.on { path } else { Vec::new() };
        Self { error: failure.error, source, target: Vec::new() }
    }
}

/// A directory was to be copied or moved into one of those that are copied or moved.
#[derive(Debug)]
pub struct Itself {
    /// That one.
    pub source: Vec<u8>,
    /// Where something was to go.
    pub target: Vec<u8>,
}

/// What would be done.
#[derive(Debug, Default)]
pub struct Plan {
    /// In this order.
    pub steps: Vec<Step>,
    /// Why some errands can't be done. Nothing of them is among the steps.
    pub troubles: Vec<Trouble>,
}

/// What has to be done, as things are now. Nothing is changed.
///
/// # Errors
/// A directory would end up in itself.
pub fn plan(errands: &[Errand], manner: Manner) -> Result<Plan, Itself> {
    let known: Vec<_> = errands.iter().map(Known::of).collect();
    let both = || errands.iter().zip(&known).filter_map(|(errand, known)| Some((errand, known.as_ref().ok()?)));
    let sources: HashMap<_, _> = both().map(|(errand, known)| (Identity::from(&known.source), errand)).collect();
    for (errand, known) in both() {
        if let Some(around) = known.spot.chain().find_map(|above| sources.get(above)) {
            return Err(Itself { source: around.source.clone(), target: errand.target.clone() });
        }
    }
    let mut planner = Planner { manner, plan: Plan::default(), made: HashSet::new() };
    let mut taken: Vec<Spot> = Vec::new();
    for (errand, known) in errands.iter().zip(known) {
        let outcome = known.and_then(|known| {
            if taken.iter().any(|spot| spot.overlaps(&known.spot)) {
                return Err(Trouble::errno(libc::EEXIST, &errand.source, &errand.target));
            }
            planner.errand(errand, &known)?;
            taken.push(known.spot);
            Ok(())
        });
        planner.plan.troubles.extend(outcome.err());
    }
    Ok(planner.plan)
}

/// What there is at both ends of an errand.
struct Known {
    source: Stat,
    spot: Spot,
}

impl Known {
    fn of(errand: &Errand) -> Result<Self, Trouble> {
        let source = retry(|| statat(CWD, &errand.source[..], AtFlags::empty()));
        let source = source.map_err(|errno| Trouble::new(errno, &errand.source, b""))?;
        if FileType::from_raw_mode(source.st_mode) != FileType::Directory {
            return Err(Trouble::errno(libc::ENOTDIR, &errand.source, b""));
        }
        Ok(Self { source, spot: Spot::of(&errand.target)? })
    }
}

struct Planner {
    manner: Manner,
    plan: Plan,
    /// Directories that are nobody's copy and will have been made.
    made: HashSet<Vec<u8>>,
}

impl Planner {
    fn errand(&mut self, errand: &Errand, known: &Known) -> Result<(), Trouble> {
        let Errand { source, target } = errand;
        let there = match kind_of(target)? {
            None => false,
            Some(_) if !self.manner.overwrite => return Err(Trouble::errno(libc::EEXIST, source, target)),
            Some(FileType::Directory) => true,
            Some(_) => return Err(Trouble::errno(libc::ENOTDIR, target, b"")),
        };
        let mut steps = Vec::new();
        let around = above(target, known.spot.missing().saturating_sub(1));
        let around: Vec<_> = around.into_iter().filter(|path| !self.made.contains(*path)).collect();
        steps.extend(around.iter().rev().map(|path| step(Action::MakeDir, b"", path)));
        #[allow(clippy::unnecessary_cast)] // the types differ between platforms
        if self.manner.moving && !there && known.spot.device() == Some(known.source.st_dev as u64) {
            if kind_of(source)? != Some(FileType::Directory) {
                return Err(Trouble::errno(libc::ENOTDIR, source, b""));
            }
            steps.push(step(Action::MoveDir, source, target));
        } else {
            tree(source, target, (there, !self.manner.moving), self.manner.moving, &mut steps)?;
        }
        self.made.extend(around.into_iter().map(<[u8]>::to_vec));
        self.plan.steps.append(&mut steps);
        Ok(())
    }
}

/// The paths of so many directories above a path, the nearest first.
fn above(path: &[u8], count: usize) -> Vec<&[u8]> {
    let mut found = Vec::new();
    let mut path = path;
    let trimmed = |path: &[u8]| path.iter().rposition(|&byte| byte != b'/').map_or(0, |last| last + 1);
    while found.len() < count {
        path = &path[..trimmed(path)];
        let Some(slash) = memchr::memrchr(b'/', path) else { break };
        path = &path[..trimmed(&path[..slash])];
        // "a/." is there as soon as "a" is.
        if !path.ends_with(b"/.") && path != b"." {
            found.push(path);
        }
    }
    found
}

fn step(action: Action, source: &[u8], target: &[u8]) -> Step {
    Step { action, source: source.to_vec(), target: target.to_vec(), size: 0, replaces: false, kept: None }
}

/// What is there, without following it.
fn kind_of(path: &[u8]) -> Result<Option<FileType>, Trouble> {
    match status(path) {
        Ok(status) => Ok(Some(FileType::from_raw_mode(status.st_mode))),
        Err(failure) if failure.error.raw_os_error() == Some(libc::ENOENT) => Ok(None),
        Err(failure) => Err(failure.into()),
    }
}

/// What is still to be planned.
enum Todo {
    /// All that is in a directory.
    Tree { source: Vec<u8>, target: Vec<u8>, there: bool, follow: bool },
    /// A step, after those of what is in it.
    Step(Step),
}

/// The steps for all that is in a directory. `there`: whether the target is, too. `follow`: whether the directory itself may be a link to
/// one.
pub(super) fn tree(
    source: &[u8],
    target: &[u8],
    (there, follow): (bool, bool),
    moving: bool,
    steps: &mut Vec<Step>,
) -> Result<(), Trouble> {
    // The stack of a thread is not for trees: they may be a thousand directories deep.
    let mut todo = vec![Todo::Tree { source: source.to_vec(), target: target.to_vec(), there, follow }];
    while let Some(next) = todo.pop() {
        match next {
            Todo::Step(step) => steps.push(step),
            Todo::Tree { source, target, there, follow } => {
                let begin = todo.len();
                level(&source, &target, (there, follow), moving, &mut todo)?;
                todo[begin..].reverse();
            }
        }
    }
    Ok(())
}

/// The steps for a directory, and what is to be planned for those in it.
fn level(
    source: &[u8],
    target: &[u8],
    (there, follow): (bool, bool),
    moving: bool,
    todo: &mut Vec<Todo>,
) -> Result<(), Trouble> {
    let entries = inside(source, follow)?;
    let flags = if follow { AtFlags::empty() } else { AtFlags::SYMLINK_NOFOLLOW };
    let kept = retry(|| statat(CWD, source, flags)).map_err(|errno| Trouble::new(errno, source, b""))?;
    let of_copy = |action| Todo::Step(Step { kept: Some(Kept::from(&kept)), ..step(action, source, target) });
    if !there {
        todo.push(of_copy(Action::MakeDir));
    }
    for entry in entries {
        let target = join(target, &entry.name);
        let place = if there { kind_of(&target)? } else { None };
        if entry.kind == FileType::Directory {
            if !matches!(place, None | Some(FileType::Directory)) {
                return Err(Trouble::errno(libc::ENOTDIR, &target, b""));
            }
            todo.push(Todo::Tree { source: entry.path, target, there: place.is_some(), follow: false });
        } else {
            todo.push(Todo::Step(file(entry, target, place, moving)?));
        }
    }
    if !there {
        todo.push(of_copy(Action::FinishDir));
    }
    if moving {
        todo.push(Todo::Step(step(Action::RemoveDir, source, b"")));
    }
    Ok(())
}

fn file(entry: Inside, target: Vec<u8>, place: Option<FileType>, moving: bool) -> Result<Step, Trouble> {
    if place == Some(FileType::Directory) {
        return Err(Trouble::errno(libc::EISDIR, &target, b""));
    }
    let status = status(&entry.path)?;
    let action = match entry.kind {
        _ if moving => Action::MoveFile,
        FileType::RegularFile => Action::CopyFile,
        FileType::Symlink => Action::CopyLink,
        // Devices, FIFOs and sockets: a copy would be another one.
        _ => return Err(Trouble::errno(libc::EOPNOTSUPP, &entry.path, b"")),
    };
    let regular = entry.kind == FileType::RegularFile;
    let size = if regular { u64::try_from(status.st_size).unwrap_or(0) } else { 0 };
    Ok(Step { action, source: entry.path, target, size, replaces: place.is_some(), kept: None })
}

#[cfg(test)]
mod tests {
    use super::above;

    #[test]
    fn directories_above() {
        assert_eq!(above(b"a/b//c/", 2), [&b"a/b"[..], b"a"]);
        assert_eq!(above(b"a/./c", 1), [&b"a"[..]]);
        assert_eq!(above(b"c", 0), Vec::<&[u8]>::new());
    }
}
