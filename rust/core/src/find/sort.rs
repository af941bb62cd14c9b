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
    depth: usize,
    status: Option<Status>,
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
        let &Entry { path, name, root, kind, depth, status } = entry;
        self.own.push(Owned { path: path.to_vec(), name, root, kind, depth, status: status.copied() });
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
        for Owned { path, name, root, kind, depth, status } in entries {
            let status = status.as_ref();
            self.inner.found(&Entry { path: &path, name, root, kind, depth, status })?;
        }
        self.inner.finish()
    }
}

fn compare(order: Sort, a: &Owned, b: &Owned) -> Ordering {
    // A slash counts as less than anything: then a directory comes just before what is in it.
    let key = |byte: &u8| if *byte == b'/' { 0 } else { *byte };
    let by_path = || a.root.cmp(&b.root).then_with(|| a.path.iter().map(key).cmp(b.path.iter().map(key)));
    let status = |of: fn(&Status) -> (i64, i64)| a.status.as_ref().map(of).cmp(&b.status.as_ref().map(of));
    let first = match order {
        Sort::Path => Ordering::Equal,
        Sort::Name => a.path[a.name..].cmp(&b.path[b.name..]),
        Sort::Size => status(|status| (i64::try_from(status.size).unwrap_or(i64::MAX), 0)),
        Sort::Modified => status(|status| (status.mtime.0, i64::from(status.mtime.1))),
    };
    first.then_with(by_path)
}
