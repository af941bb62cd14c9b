//! A stream's items as lists of so many.

use std::sync::Arc;
use std::time::Instant;

use pyo3::prelude::*;
use pyo3::types::PyList;
use rapfiles_core::engine::metrics::Meter;

use super::stream::{CHECKED, Feed, Ready, Signal, Stream, TURN};

/// Another stream's items, so many at a time.
pub struct Groups {
    of: Py<Stream>,
    size: usize,
    gathered: Vec<Py<PyAny>>,
    ended: bool,
    /// What ended the other one: raised behind what came before it.
    failed: Option<PyErr>,
}

impl Groups {
    pub fn new(of: Py<Stream>, size: usize) -> Self {
        Self { of, size, gathered: Vec::new(), ended: false, failed: None }
    }

    fn group(&mut self, py: Python<'_>) -> PyResult<Ready> {
        Ok(Ready::Item(PyList::new(py, self.gathered.drain(..))?.into_any().unbind()))
    }
}

impl Feed for Groups {
    fn meter(&self) -> &'static Meter {
        Python::attach(|py| self.of.borrow(py).feed.meter())
    }

    fn ready(&mut self, py: Python<'_>) -> PyResult<Ready> {
        let since = Instant::now();
        while !self.ended && self.gathered.len() < self.size {
            if self.gathered.len() % CHECKED == CHECKED - 1 && since.elapsed() > TURN {
                return Ok(Ready::Rest);
            }
            let taken = self.of.bind(py).try_borrow_mut()?.take(py);
            match taken {
                Ok(Ready::Item(item)) => self.gathered.push(item),
                Ok(Ready::End) => self.ended = true,
                Ok(other) => return Ok(other),
                Err(error) => (self.failed, self.ended) = (Some(error), true),
            }
        }
        if !self.gathered.is_empty() {
            return self.group(py);
        }
        self.failed.take().map_or(Ok(Ready::End), Err)
    }

    fn signal(&self) -> Option<Arc<dyn Signal>> {
        Python::attach(|py| self.of.borrow(py).feed.signal())
    }

    fn close(&mut self, py: Python<'_>) {
        self.gathered.clear();
        (self.failed, self.ended) = (None, true);
        self.of.borrow_mut(py).end(py);
    }

    /// They are noted by the other one.
    fn reports(&mut self, _py: Python<'_>) -> (Vec<PyErr>, usize) {
        (Vec::new(), 0)
    }

    fn beneath(&self) -> Option<&Py<Stream>> {
        Some(&self.of)
    }
}
