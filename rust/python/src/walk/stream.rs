//! A tree's entries, found by several threads, handed out one by one.

use std::sync::Arc;

use pyo3::prelude::*;
use rapfiles_core::engine::channel::Producer;
use rapfiles_core::engine::metrics::Meter;
use rapfiles_core::find::Finder;
use rapfiles_core::fs::{Blame, Failure};
use rapfiles_core::walk::{self, Entries, Kind};

use super::entry::WalkEntry;
use crate::bridge::{Items, Stream};
use crate::convert::path::Style;
use crate::error::os_error;

/// How a tree is gone through, and its entries told.
#[derive(Clone, Copy)]
pub struct Telling {
    pub meter: &'static Meter,
    pub threads: usize,
    pub style: Style,
    /// Whether the first error ends everything.
    pub strict: bool,
    /// Whether an item is a path, and whether it is that of a file.
    pub pairs: bool,
}

struct Tree {
    /// Until it begins. It goes with the threads that work on it: a big pattern takes its time even to be freed.
    finder: Option<Arc<Finder>>,
    telling: Telling,
}

/// What a finder finds, as a stream.
pub fn tree(py: Python<'_>, name: &'static str, finder: Finder, telling: Telling) -> PyResult<Py<Stream>> {
    Stream::new(py, name, Tree { finder: Some(Arc::new(finder)), telling })
}

impl Items for Tree {
    type Batch = Entries;
    type Error = Failure;

    fn meter(&self) -> &'static Meter {
        self.telling.meter
    }

    fn start(&mut self, producer: Producer<Entries, Failure>) {
        if let Some(finder) = self.finder.take() {
            walk::start(&finder, self.telling.threads, self.telling.strict, producer);
        }
    }

    fn item(&mut self, py: Python<'_>, batch: &mut Entries, index: usize) -> PyResult<Py<PyAny>> {
        let entry = batch.get(index);
        if self.telling.pairs {
            let path = super::entry::path(py, &entry, self.telling.style)?;
            return Ok((path, entry.kind == Kind::File).into_pyobject(py)?.into_any().unbind());
        }
        WalkEntry::new(py, &entry, self.telling.style).map(Py::into_any)
    }

    fn error(&self, py: Python<'_>, failure: Failure) -> PyErr {
        let path = match &failure.on {
            Blame::Path(path) => self.telling.style.tell(py, path).map(|path| Some(path.unbind())),
            _ => Ok(None),
        };
        path.map_or_else(|error| error, |path| os_error(py, &failure.error, path.as_ref()))
    }
}
