//! What is found, on its way through a channel.

use std::sync::Arc;

use rustix::fs::FileType;

use super::entry::{Entry, Sink};
use crate::engine::channel::{Batch, Batcher, Closed, Producer};
use crate::fs::Failure;
use crate::fs::stat::Status;

/// Entries that travel together: one buffer for all their paths.
#[derive(Debug, Default)]
pub struct Entries {
    paths: Vec<u8>,
    each: Vec<Each>,
}

#[derive(Debug)]
struct Each {
    /// Where its path ends.
    end: usize,
    depth: u32,
    kind: FileType,
    status: Option<Arc<Status>>,
}

impl Entries {
    fn push(&mut self, entry: &Entry<'_>) {
        self.paths.extend_from_slice(entry.path);
        let depth = u32::try_from(entry.depth).unwrap_or(u32::MAX);
        let status = entry.status.map(|status| Arc::new(*status));
        self.each.push(Each { end: self.paths.len(), depth, kind: entry.kind, status });
    }

    /// The path of one of them.
    pub fn path(&self, at: usize) -> &[u8] {
        let start = at.checked_sub(1).map_or(0, |before| self.each[before].end);
        &self.paths[start..self.each[at].end]
    }

    /// How far from its root it is.
    pub fn depth(&self, at: usize) -> u32 {
        self.each[at].depth
    }

    /// What it is.
    pub fn kind(&self, at: usize) -> FileType {
        self.each[at].kind
    }

    /// Its metadata, if they were asked for.
    pub fn status(&self, at: usize) -> Option<&Arc<Status>> {
        self.each[at].status.as_ref()
    }
}

impl Batch for Entries {
    fn len(&self) -> usize {
        self.each.len()
    }
}

/// Sends what is found into a channel.
pub struct Sending {
    batcher: Batcher<Entries, Failure>,
    strict: bool,
}

impl Sending {
    /// For one thread. `strict`: the first error ends everything.
    pub fn new(producer: Producer<Entries, Failure>, strict: bool) -> Self {
        Self { batcher: Batcher::new(producer), strict }
    }
}

impl Sink for Sending {
    fn found(&mut self, entry: &Entry<'_>) -> Result<(), Closed> {
        self.batcher.push(|batch| batch.push(entry))
    }

    fn report(&mut self, failure: Failure) -> Result<(), Closed> {
        if self.strict {
            self.batcher.flush()?;
            self.batcher.producer().fail(failure);
            return Err(Closed);
        }
        self.batcher.producer().report(failure);
        Ok(())
    }

    fn fail(&mut self, failure: Failure) {
        self.batcher.producer().fail(failure);
    }

    fn wanted(&self) -> bool {
        !self.batcher.producer().is_closed()
    }

    fn idle(&mut self) -> Result<(), Closed> {
        self.batcher.flush()
    }

    fn breathe(&mut self) -> Result<(), Closed> {
        self.batcher.breathe()
    }
}
