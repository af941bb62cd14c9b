//! A file that takes its name when it was written.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pyo3::prelude::*;
use rapfiles_core::atomic::{Options, Staged};
use rapfiles_core::engine;
use rapfiles_core::engine::metrics::Meter;

use super::Given;
use crate::bridge::Operation;
use crate::convert::path::PathArg;
use crate::file::{Source, open_source};
use crate::task::{Names, change, operation};

pub static OPEN: Meter = Meter::new("atomic_open");

/// Something whose end takes a disk: it ends on a worker, whoever lets it go.
pub struct Later<T: Send + 'static>(pub Option<T>);

impl<T: Send + 'static> Drop for Later<T> {
    fn drop(&mut self) {
        if let Some(value) = self.0.take() {
            engine::spawn(true, move || drop(value));
        }
    }
}

/// What it is while it is written.
pub type Slot = Arc<Mutex<Later<Staged>>>;

pub fn lock<T>(slot: &Mutex<T>) -> MutexGuard<'_, T> {
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A file that is written beside the one it will replace.
#[pyclass(frozen, module = "rapfiles._rapfiles")]
pub struct AtomicFile {
    pub path: Arc<PathArg>,
    options: Options,
    pub slot: Slot,
    /// Set with the slot locked: what comes into it now is not wanted any more.
    over: Arc<AtomicBool>,
}

#[pymethods]
impl AtomicFile {
    #[new]
    #[allow(clippy::needless_pass_by_value)] // as it is extracted
    fn new(path: &Bound<'_, PyAny>, given: Given) -> PyResult<Self> {
        Ok(Self {
            path: Arc::new(PathArg::new(path)?),
            options: given.options()?,
            slot: Arc::new(Mutex::new(Later(None))),
            over: Arc::default(),
        })
    }

    /// Makes the file, and a handle to write it; None where the standard library has to say why that makes no sense.
    fn open(
        &self,
        mode: &Bound<'_, PyAny>,
        buffering: &Bound<'_, PyAny>,
        encoding: &Bound<'_, PyAny>,
        errors: &Bound<'_, PyAny>,
        newline: &Bound<'_, PyAny>,
    ) -> PyResult<Option<Py<Operation>>> {
        let py = mode.py();
        let (path, options, slot) = (Arc::clone(&self.path), self.options, Arc::clone(&self.slot));
        let over = Arc::clone(&self.over);
        let make = move || {
            let staged = Staged::begin(path.as_c(), options)?;
            let mut slot = lock(&slot);
            // It was given up while it was made, and nobody hears of this.
            if over.load(Ordering::Relaxed) {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let descriptor = staged.descriptor();
            slot.0 = Some(staged);
            descriptor
        };
        let source = Source::Made(Box::new(make), self.path.given.clone_ref(py));
        open_source(py, source, mode, buffering, (encoding, errors, newline), true)
    }

    /// Gives the file its name.
    fn commit(&self, py: Python<'_>) -> PyResult<Py<Operation>> {
        let slot = Arc::clone(&self.slot);
        let work = move || {
            let staged = lock(&slot).0.take();
            staged.map_or(Ok(()), Staged::commit)
        };
        operation(py, &OPEN, Ok(change(&OPEN, Names::one(py, &self.path), work)))
    }

    /// Removes the file.
    fn roll_back(&self, py: Python<'_>) -> PyResult<Py<Operation>> {
        let (slot, over) = (Arc::clone(&self.slot), Arc::clone(&self.over));
        let work = move || {
            let mut slot = lock(&slot);
            over.store(true, Ordering::Relaxed);
            let staged = slot.0.take();
            drop(slot);
            drop(staged);
            Ok::<(), io::Error>(())
        };
        operation(py, &OPEN, Ok(change(&OPEN, Names::one(py, &self.path), work)))
    }
}
