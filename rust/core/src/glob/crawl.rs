//! Going through directories, each once, with all parts of the pattern that are to be matched in it.

use std::ffi::CStr;
use std::mem;
use std::ops::ControlFlow;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::PoisonError;

use rustix::fs::FileType;
use rustix::io::Errno;

use super::Globber;
use super::parts::{Part, Step};
use super::paths::Paths;
use super::place::is_link_in;
use crate::engine::channel::{Batcher, Closed};
use crate::find::listing::Lister;
use crate::fs::Failure;

/// What a thread takes.
#[derive(Debug)]
pub(super) enum Work {
    /// One of the places where patterns begin.
    Begin(usize),
    List(Visit),
}

/// A directory to be listed.
#[derive(Debug)]
pub(super) struct Visit {
    path: Vec<u8>,
    /// How much of the path isn't told.
    base: usize,
    states: States,
    /// Whether it was met in the directory above.
    met: bool,
}

/// Steps that are taken at the names in a directory, and how often each is: a path that is reached in several ways is found
/// several times.
#[derive(Debug, Default)]
pub(super) struct States {
    steps: Vec<(usize, u64)>,
    /// Whether the directory itself has been told, with a slash at its end.
    told: bool,
}

impl States {
    fn add(&mut self, step: usize, times: u64) {
        match self.steps.iter_mut().find(|(known, _)| *known == step) {
            Some((_, so_often)) => *so_often = so_often.saturating_add(times),
            None => self.steps.push((step, times)),
        }
    }
}

/// One thread's part.
pub(super) struct Worker<'g> {
    globber: &'g Globber,
    out: Batcher<Paths, Failure>,
    lister: Lister,
    /// The directory's, and then an entry's.
    path: Vec<u8>,
    /// How much of it isn't told.
    base: usize,
    found: Vec<Work>,
}

/// An entry of the directory that is listed.
struct Entry<'a> {
    directory: BorrowedFd<'a>,
    name: &'a CStr,
    kind: FileType,
}

impl<'g> Worker<'g> {
    pub(super) fn new(globber: &'g Globber, out: Batcher<Paths, Failure>) -> Self {
        Self { globber, out, lister: Lister::default(), path: Vec::new(), base: 0, found: Vec::new() }
    }

    /// Where patterns begin.
    fn begin(&mut self, which: usize) -> Result<(), Closed> {
        let globber = self.globber;
        let beginning = &globber.plan.beginnings[which];
        let mut path = globber.base(&beginning.start);
        self.base = path.len();
        path.extend_from_slice(&beginning.start);
        if beginning.steps.is_empty() {
            let (head, name) = super::parts::split(&path);
            let from = &globber.options.from;
            let is_there = if name.is_empty() { from.is_directory(head) } else { from.exists(&path) };
            return if is_there && !beginning.start.is_empty() { self.emit(&path, b"", 1) } else { Ok(()) };
        }
        let mut states = States::default();
        for &step in &beginning.steps {
            self.enter(&path, step, 1, &mut states)?;
        }
        self.settle(path, states, false)
    }

    /// Takes directory after directory until there is none left.
    pub(super) fn run(&mut self) -> Result<(), Closed> {
        let pending = &self.globber.pending;
        let mut closed = Ok(());
        while let Some(work) = pending.take(|| closed = self.out.flush()) {
            closed?;
            if self.out.producer().is_closed() {
                return Err(Closed);
            }
            match work {
                Work::Begin(which) => self.begin(which)?,
                Work::List(visit) => self.list(visit)?,
            }
            pending.give(&mut self.found, true);
            self.out.breathe()?;
        }
        self.out.flush()
    }

    /// These steps are to be taken in that directory.
    fn settle(&mut self, path: Vec<u8>, states: States, met: bool) -> Result<(), Closed> {
        if states.steps.is_empty() {
            return Ok(());
        }
        let plan = &self.globber.plan;
        let lists = states.steps.iter().any(|&(step, _)| !matches!(plan.steps[step].part, Part::Literal(_)));
        if !lists {
            return self.follow(&path, &states, |_| true);
        }
        // No directory lists these.
        self.follow(&path, &states, |name| matches!(name, b"." | b".."))?;
        self.found.push(Work::List(Visit { path, base: self.base, states, met }));
        Ok(())
    }

    /// From here on the steps from `step` are to be taken. Adds those that need the names in this directory.
    fn enter(&mut self, path: &[u8], mut step: usize, times: u64, states: &mut States) -> Result<(), Closed> {
        let globber = self.globber;
        loop {
            let Step { part, last } = &globber.plan.steps[step];
            match part {
                Part::Wild(_) => {
                    states.add(step, times);
                    return Ok(());
                }
                Part::Any => {
                    states.add(step, times);
                    let sure = globber.options.sure_of_start && !path.is_empty();
                    if sure && !globber.options.from.is_directory(path) {
                        return Ok(());
                    }
                    if *last {
                        return self.emit_directory(path, times, states);
                    }
                    step += 1;
                }
                Part::Directory => {
                    let is_one = globber.options.from.is_directory(path);
                    return if is_one { self.emit_directory(path, times, states) } else { Ok(()) };
                }
                // Others may ask for the same name.
                Part::Literal(_) if globber.plan.together => {
                    states.add(step, times);
                    return Ok(());
                }
                Part::Literal(_) => return self.descend(path, step, times),
            }
        }
    }

    /// Follows names that are what they are.
    fn descend(&mut self, path: &[u8], mut step: usize, times: u64) -> Result<(), Closed> {
        let globber = self.globber;
        let mut path = path.to_vec();
        while let Step { part: Part::Literal(name), last } = &globber.plan.steps[step] {
            slash(&mut path);
            path.extend_from_slice(name);
            if *last {
                return if globber.options.from.exists(&path) { self.emit(&path, b"", times) } else { Ok(()) };
            }
            step += 1;
        }
        // Older versions find even what is no directory; all of them only what is there.
        if matches!(globber.plan.steps[step].part, Part::Any) && !globber.options.from.exists(&path) {
            return Ok(());
        }
        let mut states = States::default();
        self.enter(&path, step, times, &mut states)?;
        self.settle(path, states, false)
    }

    /// Follows those names that are wanted, each with all steps that ask for it.
    fn follow(&mut self, path: &[u8], states: &States, wanted: impl Fn(&[u8]) -> bool) -> Result<(), Closed> {
        let globber = self.globber;
        let named = |&(step, _): &(usize, u64)| match &globber.plan.steps[step] {
            Step { part: Part::Literal(name), last } if wanted(name) => Some((&name[..], step, *last)),
            _ => None,
        };
        let mut all: Vec<_> = states.steps.iter().filter_map(named).collect();
        all.sort_unstable();
        for same in all.chunk_by(|a, b| a.0 == b.0) {
            let mut child = path.to_vec();
            slash(&mut child);
            child.extend_from_slice(same[0].0);
            let mut inside = States::default();
            for &(_, step, last) in same {
                if !last {
                    self.enter(&child, step + 1, 1, &mut inside)?;
                }
            }
            if same.iter().any(|&(_, _, last)| last) && globber.options.from.exists(&child) {
                self.emit(&child, b"", 1)?;
            }
            self.settle(child, inside, false)?;
        }
        Ok(())
    }

    /// Lists a directory. What can't be listed has nothing in it.
    fn list(&mut self, visit: Visit) -> Result<(), Closed> {
        let Visit { path, base, states, met } = visit;
        self.base = base;
        let wanted = || !self.out.producer().is_closed();
        let fd = match self.globber.options.from.open(&path, &wanted) {
            Ok(fd) => fd,
            Err(errno) => {
                if met || path.is_empty() || self.globber.options.from.exists(&path) {
                    self.note(&path, errno);
                }
                // Names that are known may be there all the same.
                return self.follow(&path, &states, |name| !matches!(name, b"." | b".."));
            }
        };
        self.path = path;
        slash(&mut self.path);
        let length = self.path.len();
        let mut lister = mem::take(&mut self.lister);
        let mut outcome = Ok(());
        let read = lister.read(fd.as_fd(), |name, kind| {
            self.path.truncate(length);
            outcome = self.entry(&Entry { directory: fd.as_fd(), name, kind }, &states);
            if outcome.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        self.lister = lister;
        if let Err(errno) = read {
            // What was read before counts.
            self.note(&self.path[..length], errno);
        }
        outcome
    }

    /// Says that a directory can't be read: not if it isn't there, is none, or is a link that leads nowhere.
    fn note(&self, path: &[u8], errno: Errno) {
        if matches!(errno, Errno::NOENT | Errno::NOTDIR | Errno::LOOP) {
            return;
        }
        let end = path.iter().rposition(|byte| *byte != b'/').map_or(path.len().min(1), |last| last + 1);
        let path = if path.is_empty() { b"." } else { &path[..end] };
        if self.globber.said.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_vec()) {
            self.out.producer().report(Failure::on(path, errno));
        }
    }

    fn entry(&mut self, entry: &Entry<'_>, states: &States) -> Result<(), Closed> {
        let globber = self.globber;
        let (plan, name) = (&globber.plan, entry.name.to_bytes());
        let hidden = name.starts_with(b".") && !globber.options.include_hidden;
        let length = self.path.len();
        let mut inside = States::default();
        let mut is_directory = None;
        let mut told = false;
        for &(step, times) in &states.steps {
            let Step { part, last } = &plan.steps[step];
            let fits = match part {
                Part::Wild(wild) => (!hidden || wild.dotted) && wild.matches(name),
                Part::Literal(wanted) => wanted == name,
                _ => !hidden,
            };
            if !fits {
                continue;
            }
            if self.path.len() == length {
                self.path.extend_from_slice(name);
            }
            let any = matches!(part, Part::Any);
            let barred = any && !globber.options.links && is_link_in(entry.directory, entry.name, entry.kind);
            if *last {
                if !plan.together || !mem::replace(&mut told, true) {
                    self.emit_entry(if plan.together { 1 } else { times })?;
                }
                if any && !barred && may_be_listed(entry.kind) {
                    inside.add(step, times);
                }
                continue;
            }
            if barred {
                continue;
            }
            let look = || globber.options.from.is_directory_in(entry.directory, entry.name, &self.path, entry.kind);
            if *is_directory.get_or_insert_with(look) {
                if any {
                    inside.add(step, times);
                }
                let path = mem::take(&mut self.path);
                let entered = self.enter(&path, step + 1, times, &mut inside);
                self.path = path;
                entered?;
            }
        }
        if inside.steps.is_empty() {
            return Ok(());
        }
        let path = mem::take(&mut self.path);
        let settled = self.settle(path.clone(), inside, true);
        self.path = path;
        settled
    }

    fn emit_entry(&mut self, times: u64) -> Result<(), Closed> {
        let path = mem::take(&mut self.path);
        let emitted = self.emit(&path, b"", times);
        self.path = path;
        emitted
    }

    /// A directory, with a slash at its end.
    fn emit_directory(&mut self, path: &[u8], times: u64, states: &mut States) -> Result<(), Closed> {
        let together = self.globber.plan.together;
        // The one that relative patterns begin in has no name.
        if path.len() <= self.base || (together && mem::replace(&mut states.told, true)) {
            return Ok(());
        }
        self.emit(path, if path.ends_with(b"/") { b"" } else { b"/" }, if together { 1 } else { times })
    }

    fn emit(&mut self, path: &[u8], end: &[u8], times: u64) -> Result<(), Closed> {
        let told = path.get(self.base..).unwrap_or_default();
        (0..times).try_for_each(|_| self.out.push(|paths| paths.push([told, end])))
    }
}

/// What is no directory has no names in it. Where a link leads is seen when it is opened.
fn may_be_listed(kind: FileType) -> bool {
    matches!(kind, FileType::Directory | FileType::Symlink | FileType::Unknown)
}

/// Makes a path one that a name can be added to.
pub(super) fn slash(path: &mut Vec<u8>) {
    if !path.is_empty() && !path.ends_with(b"/") {
        path.push(b'/');
    }
}
