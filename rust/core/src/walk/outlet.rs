//! From a thread that walks into the channel.

use super::batch::Entries;
use crate::engine::channel::{Batcher, Closed, Producer};
use crate::find::{Entry, Sink};
use crate::fs::Failure;

/// Longer paths travel alone.
const LONG: usize = 4096;

/// Where one thread puts what it finds.
pub(super) struct Outlet {
    batcher: Batcher<Entries, Failure>,
    metadata: bool,
    strict: bool,
}

impl Outlet {
    pub(super) fn new(producer: Producer<Entries, Failure>, metadata: bool, strict: bool) -> Self {
        Self { batcher: Batcher::new(producer), metadata, strict }
    }
}

impl Sink for Outlet {
    fn found(&mut self, entry: &Entry<'_>) -> Result<(), Closed> {
        let metadata = self.metadata;
        self.batcher.push(|entries| entries.push(entry, metadata))?;
        if entry.path.len() > LONG { self.batcher.flush() } else { Ok(()) }
    }

    fn breathe(&mut self) -> Result<(), Closed> {
        self.batcher.breathe()
    }

    fn report(&mut self, failure: Failure) -> Result<(), Closed> {
        if self.strict {
            self.fail(failure);
            return Err(Closed);
        }
        self.batcher.producer().report(failure);
        Ok(())
    }

    fn fail(&mut self, failure: Failure) {
        // What was found before comes before; if nobody wants it, nobody wants the error.
        let _closed = self.batcher.flush();
        self.batcher.producer().fail(failure);
    }

    fn wanted(&self) -> bool {
        !self.batcher.producer().is_closed()
    }

    fn idle(&mut self) -> Result<(), Closed> {
        self.batcher.flush()
    }
}
