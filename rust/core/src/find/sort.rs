//! Everything first, then in order.

use std::cmp::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use rustix::fs::FileType;

use super::entry::{Entry, Sink};
use super::options::Sort;
use crate::engine::channel::Closed;
use crate::fs::Failure;
use crate::fs::stat::Status;

/// An entry of its own.
struct Owned {
    path: Vec<u8>,
    name: usize,
    root: usize,
    kind: FileType,
    link: bool,
    depth: usize,
    status: Option<Status>,
}

impl Owned {
    fn new(entry: &Entry<'_>) -> Self {
        let &Entry { path, name, root, kind, link, depth, status } = entry;
        Self { path: path.to_vec(), name, root, kind, link, depth, status: status.copied() }
    }

    fn entry(&self) -> Entry<'_> {
        let Self { ref path, name, root, kind, link, depth, ref status } = *self;
        Entry { path, name, root, kind, link, depth, status: status.as_ref() }
    }
}

#[derive(Default)]
struct Gathered {
    entries: Vec<Owned>,
    /// Threads that may still find some.
    at_work: usize,
}

/// Keeps what is found until all threads are done, and then hands it on in order.
pub struct Sorted<S> {
    inner: S,
    order: Sort,
    own: Vec<Owned>,
    all: Arc<Mutex<Gathered>>,
}

impl<S> Sorted<S> {
    /// One for each thread.
    pub fn new(sinks: Vec<S>, order: Sort) -> Vec<Self> {
        let gathered = Gathered { entries: Vec::new(), at_work: sinks.len() };
        let all = Arc::new(Mutex::new(gathered));
        let sorted = |inner| Self { inner, order, own: Vec::new(), all: Arc::clone(&all) };
        sinks.into_iter().map(sorted).collect()
    }
}

impl<S: Sink> Sink for Sorted<S> {
    fn found(&mut self, entry: &Entry<'_>) -> Result<(), Closed> {
        self.own.push(Owned::new(entry));
        Ok(())
    }

    fn report(&mut self, failure: Failure) -> Result<(), Closed> {
        self.inner.report(failure)
    }

    fn fail(&mut self, failure: Failure) {
        self.inner.fail(failure);
    }

    fn wanted(&self) -> bool {
        self.inner.wanted()
    }

    fn idle(&mut self) -> Result<(), Closed> {
        Ok(())
    }

    fn finish(&mut self) -> Result<(), Closed> {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.entries.append(&mut self.own);
        all.at_work -= 1;
        if all.at_work > 0 {
            return Ok(());
        }
        let mut entries = std::mem::take(&mut all.entries);
        drop(all);
        entries.sort_unstable_by(|a, b| compare(self.order, a, b));
        entries.iter().try_for_each(|owned| self.inner.found(&owned.entry()))?;
        self.inner.finish()
    }
}

/// Keeps an entry until its turn has come. What one thread finds with [`super::Options::in_order`] leaves here in the order
/// of the paths, a directory just before what is in it.
pub struct InOrder<S> {
    inner: S,
    /// Of the directory that is looked at.
    fresh: Vec<Owned>,
    /// Of those above it, and of those that are done: the next one last.
    later: Vec<Owned>,
}

impl<S: Sink> InOrder<S> {
    /// For the only thread.
    pub fn new(inner: S) -> Self {
        Self { inner, fresh: Vec::new(), later: Vec::new() }
    }

    /// Hands on what comes before a path, and what is there; everything without one.
    fn release(&mut self, until: Option<&[u8]>) -> Result<(), Closed> {
        // They all come before those that were to come before.
        self.later.extend(self.fresh.drain(..).rev());
        let due = |owned: &Owned| until.is_none_or(|path| by_path(&owned.path, path).is_le());
        while let Some(owned) = self.later.pop_if(|owned| due(owned)) {
            self.inner.found(&owned.entry())?;
        }
        Ok(())
    }
}

impl<S: Sink> Sink for InOrder<S> {
    fn found(&mut self, entry: &Entry<'_>) -> Result<(), Closed> {
        self.fresh.push(Owned::new(entry));
        Ok(())
    }

    fn entering(&mut self, directory: &[u8]) -> Result<(), Closed> {
        self.release(Some(directory))?;
        self.inner.entering(directory)
    }

    fn report(&mut self, failure: Failure) -> Result<(), Closed> {
        self.inner.report(failure)
    }

    fn fail(&mut self, failure: Failure) {
        self.inner.fail(failure);
    }

    fn wanted(&self) -> bool {
        self.inner.wanted()
    }

    fn idle(&mut self) -> Result<(), Closed> {
        self.inner.idle()
    }

    fn breathe(&mut self) -> Result<(), Closed> {
        self.inner.breathe()
    }

    fn finish(&mut self) -> Result<(), Closed> {
        self.release(None)?;
        self.inner.finish()
    }
}

fn by_path(a: &[u8], b: &[u8]) -> Ordering {
    // A slash counts as less than anything: then a directory comes just before what is in it.
    let key = |byte: &u8| if *byte == b'/' { 0 } else { *byte };
    a.iter().map(key).cmp(b.iter().map(key))
}

fn compare(order: Sort, a: &Owned, b: &Owned) -> Ordering {
    let by_path = || a.root.cmp(&b.root).then_with(|| by_path(&a.path, &b.path));
    let status = |of: fn(&Status) -> (i64, i64)| a.status.as_ref().map(of).cmp(&b.status.as_ref().map(of));
    let first = match order {
        Sort::Path => Ordering::Equal,
        Sort::Name => a.path[a.name..].cmp(&b.path[b.name..]),
        Sort::Size => status(|status| (i64::try_from(status.size).unwrap_or(i64::MAX), 0)),
        Sort::Modified => status(|status| (status.mtime.0, i64::from(status.mtime.1))),
    };
    first.then_with(by_path)
}
