//! Going through directories, each once, with all parts of the pattern that are to be matched in it.

use std::ffi::CStr;
use std::mem;
use std::ops::ControlFlow;
use std::os::fd::{AsFd, BorrowedFd};

use rustix::fs::FileType;

use super::Globber;
use super::parts::Part;
use super::paths::Paths;
use crate::engine::channel::{Batcher, Closed};
use crate::find::listing::Lister;

/// What is sent when something goes wrong: nothing, since nothing is said of it.
pub type Never = std::convert::Infallible;

/// What a thread takes.
#[derive(Debug)]
pub(super) enum Work {
    /// Where the pattern begins.
    Begin,
    List(Visit),
}

/// A directory to be listed.
#[derive(Debug)]
pub(super) struct Visit {
    path: Vec<u8>,
    states: States,
}

/// Parts of the pattern that are matched against the names in a directory, and how often each is: a path that is reached
/// in several ways is found several times.
#[derive(Debug, Default)]
pub(super) struct States(Vec<(usize, u64)>);

impl States {
    fn add(&mut self, part: usize, times: u64) {
        match self.0.iter_mut().find(|(known, _)| *known == part) {
            Some((_, so_often)) => *so_often = so_often.saturating_add(times),
            None => self.0.push((part, times)),
        }
    }
}

/// One thread's part.
pub(super) struct Worker<'g> {
    globber: &'g Globber,
    out: Batcher<Paths, Never>,
    lister: Lister,
    /// The directory's, and then an entry's.
    path: Vec<u8>,
    found: Vec<Work>,
}

/// An entry of the directory that is listed.
struct Entry<'a> {
    directory: BorrowedFd<'a>,
    name: &'a CStr,
    kind: FileType,
}

impl<'g> Worker<'g> {
    pub(super) fn new(globber: &'g Globber, out: Batcher<Paths, Never>) -> Self {
        Self { globber, out, lister: Lister::default(), path: Vec::new(), found: Vec::new() }
    }

    /// Where the pattern begins.
    fn begin(&mut self) -> Result<(), Closed> {
        let pattern = &self.globber.pattern;
        let mut path = self.globber.base.clone();
        path.extend_from_slice(&pattern.start);
        if pattern.parts.is_empty() {
            let (head, name) = super::parts::split(&path);
            let from = &self.globber.options.from;
            let is_there = if name.is_empty() { from.is_directory(head) } else { from.exists(&path) };
            return if is_there && !pattern.start.is_empty() { self.emit(&path, b"", 1) } else { Ok(()) };
        }
        let mut states = States::default();
        self.enter(&path, 0, 1, &mut states)?;
        self.visit_later(path, states);
        Ok(())
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
                Work::Begin => self.begin()?,
                Work::List(visit) => self.list(visit)?,
            }
            pending.give(&mut self.found, true);
            self.out.breathe()?;
        }
        self.out.flush()
    }

    fn visit_later(&mut self, path: Vec<u8>, states: States) {
        if !states.0.is_empty() {
            self.found.push(Work::List(Visit { path, states }));
        }
    }

    /// From here on the pattern's parts from `part` are to be matched. Adds those that need the names in this directory.
    fn enter(&mut self, path: &[u8], mut part: usize, times: u64, states: &mut States) -> Result<(), Closed> {
        let globber = self.globber;
        let parts = &globber.pattern.parts;
        loop {
            match &parts[part] {
                Part::Wild(_) => {
                    states.add(part, times);
                    return Ok(());
                }
                Part::Any => {
                    states.add(part, times);
                    let sure = globber.options.sure_of_start && !path.is_empty();
                    if sure && !globber.options.from.is_directory(path) {
                        return Ok(());
                    }
                    part += 1;
                    if part == parts.len() {
                        return self.emit_directory(path, times);
                    }
                }
                Part::Directory => {
                    let is_one = globber.options.from.is_directory(path);
                    return if is_one { self.emit_directory(path, times) } else { Ok(()) };
                }
                Part::Literal(_) => return self.descend(path, part, times),
            }
        }
    }

    /// Follows names that are what they are.
    fn descend(&mut self, path: &[u8], mut part: usize, times: u64) -> Result<(), Closed> {
        let globber = self.globber;
        let parts = &globber.pattern.parts;
        let mut path = path.to_vec();
        while let Some(Part::Literal(name)) = parts.get(part) {
            slash(&mut path);
            path.extend_from_slice(name);
            part += 1;
        }
        match parts.get(part) {
            None => return if globber.options.from.exists(&path) { self.emit(&path, b"", times) } else { Ok(()) },
            // Older versions find even what is no directory; all of them only what is there.
            Some(Part::Any) if !globber.options.from.exists(&path) => return Ok(()),
            Some(_) => {}
        }
        let mut states = States::default();
        self.enter(&path, part, times, &mut states)?;
        self.visit_later(path, states);
        Ok(())
    }

    /// Lists a directory. What can't be listed has nothing in it.
    fn list(&mut self, visit: Visit) -> Result<(), Closed> {
        let Visit { path, states } = visit;
        let wanted = || !self.out.producer().is_closed();
        let Ok(fd) = self.globber.options.from.open(&path, &wanted) else { return Ok(()) };
        self.path = path;
        slash(&mut self.path);
        let length = self.path.len();
        let mut lister = mem::take(&mut self.lister);
        let mut outcome = Ok(());
        let _what_was_read_counts = lister.read(fd.as_fd(), |name, kind| {
            self.path.truncate(length);
            outcome = self.entry(&Entry { directory: fd.as_fd(), name, kind }, &states);
            if outcome.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        self.lister = lister;
        outcome
    }

    fn entry(&mut self, entry: &Entry<'_>, states: &States) -> Result<(), Closed> {
        let globber = self.globber;
        let (parts, name) = (&globber.pattern.parts, entry.name.to_bytes());
        let hidden = name.starts_with(b".") && !globber.options.include_hidden;
        let length = self.path.len();
        let mut inside = States::default();
        let mut is_directory = None;
        for &(part, times) in &states.0 {
            let fits = match &parts[part] {
                Part::Wild(wild) => (!hidden || wild.dotted) && wild.matches(name),
                _ => !hidden,
            };
            if !fits {
                continue;
            }
            if self.path.len() == length {
                self.path.extend_from_slice(name);
            }
            let any = matches!(parts[part], Part::Any);
            if part + 1 == parts.len() {
                self.emit_entry(times)?;
                if any && may_be_listed(entry.kind) {
                    inside.add(part, times);
                }
                continue;
            }
            let look = || globber.options.from.is_directory_in(entry.directory, entry.name, &self.path, entry.kind);
            if *is_directory.get_or_insert_with(look) {
                if any {
                    inside.add(part, times);
                }
                let path = mem::take(&mut self.path);
                let entered = self.enter(&path, part + 1, times, &mut inside);
                self.path = path;
                entered?;
            }
        }
        if !inside.0.is_empty() {
            let path = self.path.clone();
            self.visit_later(path, inside);
        }
        Ok(())
    }

    fn emit_entry(&mut self, times: u64) -> Result<(), Closed> {
        let path = mem::take(&mut self.path);
        let emitted = self.emit(&path, b"", times);
        self.path = path;
        emitted
    }

    /// A directory, with a slash at its end.
    fn emit_directory(&mut self, path: &[u8], times: u64) -> Result<(), Closed> {
        // The one that relative patterns begin in has no name.
        if path.len() <= self.globber.base.len() {
            return Ok(());
        }
        self.emit(path, if path.ends_with(b"/") { b"" } else { b"/" }, times)
    }

    fn emit(&mut self, path: &[u8], end: &[u8], times: u64) -> Result<(), Closed> {
        let told = path.get(self.globber.base.len()..).unwrap_or_default();
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
