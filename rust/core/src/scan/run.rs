//! Doing what was planned, a little at a time.

use std::collections::VecDeque;
use std::io;
use std::time::{Duration, Instant};

use rustix::fs::{AtFlags, CWD, FileType, mkdirat, unlinkat};

use super::entries::status;
use super::plan::{Action, Plan, Step, Trouble, tree};
use crate::copy::{self, Also, Begin, Copying, End, Place, take_place};
use crate::fs::dir::permissions;
use crate::fs::retry;

/// A plan that is being carried out. What is dropped between two calls leaves whole files only.
pub struct Run {
    steps: Vec<Step>,
    /// What is still to be done: which of the steps it is the end of, if it is one's.
    rest: VecDeque<(Option<usize>, Step)>,
    current: Option<(Option<usize>, Step, Copying)>,
    done: Vec<usize>,
    bytes: u64,
    buffer: Vec<u8>,
    troubles: Vec<Trouble>,
    /// Whether others go on where one fails.
    collect: bool,
    /// Targets that couldn't be made, and all in them.
    blocked: Vec<Vec<u8>>,
    /// Sources that couldn't be moved.
    stayed: Vec<Vec<u8>>,
}

impl Run {
    /// For a plan. `collect`: whether errors are kept and the rest goes on.
    pub fn new(plan: Plan, collect: bool) -> Self {
        let Plan { steps, troubles } = plan;
        let rest = steps.iter().cloned().enumerate().map(|(at, step)| (Some(at), step)).collect();
        let (blocked, stayed) = (Vec::new(), Vec::new());
        Self {
            steps,
            rest,
            current: None,
            done: Vec::new(),
            bytes: 0,
            buffer: Vec::new(),
            troubles,
            collect,
            blocked,
            stayed,
        }
    }

    /// Goes on for about so long; true when everything is done.
    ///
    /// # Errors
    /// A step failed, and errors are not collected. Nothing more is done then.
    pub fn advance(&mut self, budget: Duration) -> Result<bool, Trouble> {
        let since = Instant::now();
        loop {
            if let Err(trouble) = self.some() {
                if !self.collect {
                    self.give_up();
                    return Err(trouble);
                }
                self.troubles.push(trouble);
            }
            if self.current.is_none() && self.rest.is_empty() {
                return Ok(true);
            }
            if since.elapsed() >= budget {
                return Ok(false);
            }
        }
    }

    /// Does nothing more, and leaves nothing half.
    pub fn give_up(&mut self) {
        self.current = None;
        self.rest.clear();
    }

    /// What was planned.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Which of the steps have been done.
    pub fn done(&self) -> &[usize] {
        &self.done
    }

    /// The bytes that have been copied.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Takes what went wrong.
    pub fn troubles(&mut self) -> Vec<Trouble> {
        std::mem::take(&mut self.troubles)
    }

    /// The next step, or a block of a file.
    fn some(&mut self) -> Result<(), Trouble> {
        if let Some((at, step, copying)) = self.current.take() {
            return self.copy(at, step, copying);
        }
        let Some((at, step)) = self.rest.pop_front() else { return Ok(()) };
        if self.is_vain(&step) {
            return Ok(());
        }
        let begun = match step.action {
            Action::MakeDir => make(&step),
            Action::CopyLink => copy_link(&step),
            Action::FinishDir => {
                step.kept.map_or(Ok(()), |kept| copy::finish_directory(&Place::path(&step.target), &kept))
            }
            Action::RemoveDir => retry(|| unlinkat(CWD, &step.source[..], AtFlags::REMOVEDIR)).map_err(io::Error::from),
            Action::MoveDir | Action::MoveFile => match rename(&step) {
                Err(error) if error.raw_os_error() == Some(libc::EXDEV) => return self.carry(at, step),
                moved => moved,
            },
            Action::CopyFile => match begin(&step) {
                Ok(copying) => return self.copy(at, step, copying),
                Err(error) => Err(error),
            },
        };
        self.end(at, &step, begun)
    }

    fn copy(&mut self, at: Option<usize>, step: Step, mut copying: Copying) -> Result<(), Trouble> {
        match copying.block(&mut self.buffer) {
            Ok(Some(count)) => {
                self.bytes += count;
                self.current = Some((at, step, copying));
                Ok(())
            }
            Ok(None) => {
                let moves = step.action == Action::MoveFile;
                let ended = if moves {
                    let (source, target) = (Place::path(&step.source), Place::path(&step.target));
                    take_place(copying, &source, &target, step.replaces).map_err(|failure| failure.error)
                } else {
                    copying.finish(step.replaces, End { also: Also::TIMES, durable: false })
                };
                self.end(at, &step, ended)
            }
            Err(error) => {
                drop(copying);
                self.end(at, &step, Err(error))
            }
        }
    }

    /// Moves to another filesystem.
    fn carry(&mut self, at: Option<usize>, step: Step) -> Result<(), Trouble> {
        if step.action == Action::MoveDir {
            let mut steps = Vec::new();
            if let Err(trouble) = tree(&step.source, &step.target, (false, false), true, &mut steps) {
                self.stayed.push(step.source);
                return Err(trouble);
            }
            let last = steps.len() - 1;
            let steps = steps.into_iter().enumerate().map(|(n, step)| (at.filter(|_| n == last), step));
            steps.rev().for_each(|step| self.rest.push_front(step));
            return Ok(());
        }
        let link = status(&step.source).map(|status| FileType::from_raw_mode(status.st_mode) == FileType::Symlink);
        if link? {
            let moved = copy_link(&step).and_then(|()| remove(&step.source));
            return self.end(at, &step, moved);
        }
        match begin(&step) {
            Ok(copying) => self.copy(at, step, copying),
            Err(error) => self.end(at, &step, Err(error)),
        }
    }

    fn end(&mut self, at: Option<usize>, step: &Step, ended: io::Result<()>) -> Result<(), Trouble> {
        match ended {
            Ok(()) => {
                self.done.extend(at);
                Ok(())
            }
            Err(error) => {
                if step.action == Action::MakeDir {
                    self.blocked.push(step.target.clone());
                }
                if !step.source.is_empty() {
                    self.stayed.push(step.source.clone());
                }
                Err(Trouble::new(error, &step.source, &step.target))
            }
        }
    }

    /// Whether it can't be done because of what couldn't be done before.
    fn is_vain(&mut self, step: &Step) -> bool {
        let blocked = self.blocked.iter().any(|above| is_in(&step.target, above));
        let in_use = step.action == Action::RemoveDir && self.stayed.iter().any(|stayed| is_in(stayed, &step.source));
        if blocked && !step.source.is_empty() {
            self.stayed.push(step.source.clone());
        }
        blocked || in_use
    }
}

fn make(step: &Step) -> io::Result<()> {
    // Nobody else looks at a copy before it has its mode.
    let mode = if step.kept.is_some() { 0o700 } else { 0o777 };
    match retry(|| mkdirat(CWD, &step.target[..], permissions(mode))) {
        // What is around the copies may have been made by somebody else.
        Err(rustix::io::Errno::EXIST) if step.kept.is_none() => Ok(()),
        other => Ok(other?),
    }
}

fn begin(step: &Step) -> io::Result<Copying> {
    let how = Begin { follow: false, fresh: false, share: true };
    let copying = Copying::begin(&Place::path(&step.source), &Place::path(&step.target), how);
    copying.map_err(|failure| failure.error)
}

fn copy_link(step: &Step) -> io::Result<()> {
    copy::copy_link(&Place::path(&step.source), &Place::path(&step.target), step.replaces, false)
}

fn rename(step: &Step) -> io::Result<()> {
    copy::rename(&Place::path(&step.source), &Place::path(&step.target), step.replaces)
}

fn remove(path: &[u8]) -> io::Result<()> {
    Ok(retry(|| unlinkat(CWD, path, AtFlags::empty()))?)
}

/// Whether a path is another one, or in it.
fn is_in(path: &[u8], directory: &[u8]) -> bool {
    !directory.is_empty() && path.strip_prefix(directory).is_some_and(|rest| rest.is_empty() || rest[0] == b'/')
}
