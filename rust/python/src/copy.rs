//! Copying and moving files.

use pyo3::prelude::*;
use rapfiles_core::copy::{How, Transfer};
use rapfiles_core::engine::metrics::Meter;
use rapfiles_core::long::Long as _;

use crate::convert::path::PathArg;
use crate::long::{Long, Work};
use crate::task::Names;

static COPY_FILE: Meter = Meter::new("copy_file");
static MOVE_FILE: Meter = Meter::new("move_file");

pub fn meters() -> [&'static Meter; 2] {
    [&COPY_FILE, &MOVE_FILE]
}

impl Work for Transfer {
    fn result(&mut self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        Ok(self.progress().bytes.into_pyobject(py)?.into_any().unbind())
    }
}

fn transfer(meter: &'static Meter, from: &Bound<'_, PyAny>, to: &Bound<'_, PyAny>, how: How) -> PyResult<Long> {
    let (source, target) = (PathArg::new(from)?, PathArg::new(to)?);
    let names = Names::two(from.py(), &source, &target);
    Ok(Long::new(meter, names, Transfer::new(source.as_c().to_bytes(), target.as_c().to_bytes(), how)))
}

/// A copy of a file; its bytes are counted.
#[pyfunction]
#[allow(clippy::fn_params_excessive_bools)] // Python gives them by name
fn copy_file(
    source: &Bound<'_, PyAny>,
    target: &Bound<'_, PyAny>,
    overwrite: bool,
    follow: bool,
    times: bool,
    xattrs: bool,
    durable: bool,
) -> PyResult<Long> {
    transfer(&COPY_FILE, source, target, How { moving: false, overwrite, follow, times, xattrs, durable })
}

/// Another path for a file.
#[pyfunction]
fn move_file(source: &Bound<'_, PyAny>, target: &Bound<'_, PyAny>, overwrite: bool) -> PyResult<Long> {
    transfer(&MOVE_FILE, source, target, How { moving: true, overwrite, ..How::default() })
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(copy_file, module)?)?;
    module.add_function(wrap_pyfunction!(move_file, module)?)
}
