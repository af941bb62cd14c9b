//! A stream's items, made into others.

use std::sync::Arc;

use pyo3::prelude::*;
use rapfiles_core::engine::metrics::Meter;

use super::stream::{Feed, Ready, Signal, Stream};

/// What makes items into others.
pub trait Reshape: Send + Sync + 'static {
    /// Takes an item, or hears that there are no more, and tells what comes of it.
    fn put(&mut self, py: Python<'_>, item: Option<Py<PyAny>>, out: &mut Vec<Py<PyAny>>) -> PyResult<()>;
}

/// What comes of another stream's items.
pub struct Reshaped<R> {
    of: Py<Stream>,
    reshape: R,
    /// In reverse.
    ready: Vec<Py<PyAny>>,
    ended: bool,
}

impl<R: Reshape> Reshaped<R> {
    pub fn new(of: Py<Stream>, reshape: R) -> Self {
        Self { of, reshape, ready: Vec::new(), ended: false }
    }
}

impl<R: Reshape> Feed for Reshaped<R> {
    fn meter(&self) -> &'static Meter {
        Python::attach(|py| self.of.borrow(py).feed.meter())
    }

    fn ready(&mut self, py: Python<'_>) -> PyResult<Ready> {
        if let Some(item) = self.ready.pop() {
            return Ok(Ready::Item(item));
        }
        if self.ended {
            return Ok(Ready::End);
        }
        let item = match self.of.bind(py).try_borrow_mut()?.take(py)? {
            Ready::Item(item) => Some(item),
            Ready::End => None,
            other => return Ok(other),
        };
        self.ended = item.is_none();
        self.reshape.put(py, item, &mut self.ready)?;
        self.ready.reverse();
        Ok(self.ready.pop().map_or(if self.ended { Ready::End } else { Ready::Rest }, Ready::Item))
    }

    fn signal(&self) -> Option<Arc<dyn Signal>> {
        Python::attach(|py| self.of.borrow(py).feed.signal())
    }

    fn close(&mut self, py: Python<'_>) {
        self.ready.clear();
        self.ended = true;
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
