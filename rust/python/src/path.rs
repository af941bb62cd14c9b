//! Streams of `rapfiles.Path`s.

use pyo3::prelude::*;
use rapfiles_core::engine::{self, metrics::Meter};

use crate::bridge::{self, Reshape, Stream};

static GLOB: Meter = Meter::new("Path.glob");

/// Where they are counted.
pub fn meters() -> impl Iterator<Item = &'static Meter> {
    [&GLOB].into_iter()
}

/// Nanoseconds that making a path takes from the fairness budget.
const COST: u64 = 1000;

/// Makes paths.
struct Make(Py<PyAny>);

impl Reshape for Make {
    fn put(&mut self, py: Python<'_>, item: Option<Py<PyAny>>, out: &mut Vec<Py<PyAny>>) -> PyResult<()> {
        if let Some(item) = item {
            engine::spend(COST);
            out.push(self.0.call1(py, (item,))?);
        }
        Ok(())
    }
}

/// The items of a stream, each as `make` makes it.
#[pyfunction]
fn path_stream(stream: &Bound<'_, Stream>, make: Py<PyAny>) -> PyResult<Py<Stream>> {
    Stream::reshaped(stream.py(), "Path.iterdir", stream.clone().unbind(), Make(make))
}

/// What blocking code finds in an executor: `more()` returns a future of the next items, none at the end.
#[pyfunction]
fn path_glob_elsewhere(py: Python<'_>, more: Py<PyAny>) -> PyResult<Py<Stream>> {
    bridge::pulled(py, &GLOB, more)
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(path_stream, module)?)?;
    module.add_function(wrap_pyfunction!(path_glob_elsewhere, module)?)
}
