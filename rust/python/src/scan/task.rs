//! An operation of one hop.

use pyo3::prelude::*;
use rapfiles_core::engine::Lane;
use rapfiles_core::engine::metrics::Meter;
use rapfiles_core::fs::{Blame, Failure};

use crate::bridge::{Act, Operation, Step};
use crate::convert::path::Style;
use crate::error::os_error;

/// What a worker does, and what is made of it.
pub struct Task<T, W, V> {
    pub meter: &'static Meter,
    /// Whether the end of the process waits for it.
    pub effect: bool,
    pub work: W,
    pub view: V,
    pub result: Option<T>,
}

impl<T, W, V> Act for Task<T, W, V>
where
    T: Send + Sync,
    W: FnMut() -> T + Send + Sync,
    V: Fn(Python<'_>, T) -> PyResult<Py<PyAny>> + Send + Sync,
{
    fn meter(&self) -> &'static Meter {
        self.meter
    }

    fn poll(&mut self, operation: &Bound<'_, Operation>) -> PyResult<Step> {
        match self.result.take() {
            None => Ok(Step::Soon { lane: Lane::Disk, effect: self.effect }),
            Some(result) => (self.view)(operation.py(), result).map(Step::Done),
        }
    }

    fn run(&mut self) {
        self.result = Some((self.work)());
    }

    fn give_up(&mut self, _operation: &Bound<'_, Operation>) {}
}

/// The exception for an error that happened on a path.
pub fn raise(py: Python<'_>, style: Style, failure: &Failure) -> PyErr {
    let Blame::Path(path) = &failure.on else { return os_error(py, &failure.error, None) };
    match style.tell(py, path) {
        Ok(path) => os_error(py, &failure.error, Some(&path.unbind())),
        Err(error) => error,
    }
}
