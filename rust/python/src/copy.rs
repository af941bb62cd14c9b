//! Copying, moving and removing files and trees.

use std::num::NonZero;
use std::thread::available_parallelism;
use std::time::Duration;

use pyo3::prelude::*;
use rapfiles_core::copy::{CopyTree, How, Manner, MoveTree, Transfer};
use rapfiles_core::engine::metrics::Meter;
use rapfiles_core::fs::Failure;
use rapfiles_core::long::{self, Long as _};
use rapfiles_core::tree::{Removal, Tally};

use crate::convert::path::{PathArg, Style};
use crate::long::{Long, Work};
use crate::task::Names;

static COPY_FILE: Meter = Meter::new("copy_file");
static MOVE_FILE: Meter = Meter::new("move_file");
static COPY_DIR: Meter = Meter::new("copy_dir");
static MOVE_DIR: Meter = Meter::new("move_dir");
static REMOVE_DIR_ALL: Meter = Meter::new("remove_dir_all");

pub fn meters() -> [&'static Meter; 5] {
    [&COPY_FILE, &MOVE_FILE, &COPY_DIR, &MOVE_DIR, &REMOVE_DIR_ALL]
}

/// More threads than that only wait for one another.
const THREADS: usize = 8;

fn threads(concurrency: Option<usize>) -> usize {
    concurrency.unwrap_or_else(|| available_parallelism().map_or(1, NonZero::get).clamp(2, THREADS))
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

/// What has been done, and what went wrong.
fn report(py: Python<'_>, style: Style, tally: Tally, troubles: &[Failure]) -> PyResult<Py<PyAny>> {
    let names = Names::told(style);
    let errors: Vec<_> = troubles.iter().map(|failure| names.raise(py, failure)).collect();
    Ok((tally.files, tally.directories, tally.bytes, errors).into_pyobject(py)?.into_any().unbind())
}

struct Copy(CopyTree, Style);

struct Removing(Removal, Style);

/// What is in it does the work.
macro_rules! long {
    ($name:ty) => {
        impl long::Long for $name {
            fn advance(&mut self, slice: Duration) -> Result<bool, Failure> {
                self.0.advance(slice)
            }

            fn progress(&self) -> long::Progress {
                self.0.progress()
            }

            fn give_up(&mut self) {
                self.0.give_up();
            }
        }

        impl Work for $name {
            fn result(&mut self, py: Python<'_>) -> PyResult<Py<PyAny>> {
                report(py, self.1, self.0.tally(), &self.0.troubles())
            }
        }
    };
}

long!(Copy);
long!(Removing);

impl Work for MoveTree {
    fn result(&mut self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        Ok(py.None())
    }
}

/// A copy of a directory with all that is in it.
#[pyfunction]
#[allow(clippy::fn_params_excessive_bools, clippy::too_many_arguments)] // Python gives them by name
fn copy_dir(
    source: &Bound<'_, PyAny>,
    target: &Bound<'_, PyAny>,
    overwrite: bool,
    follow: bool,
    times: bool,
    xattrs: bool,
    collect: bool,
    concurrency: Option<usize>,
) -> PyResult<Long> {
    let py = source.py();
    let (from, to) = (PathArg::new(source)?, PathArg::new(target)?);
    let manner = Manner { overwrite, follow, times, xattrs, collect, threads: threads(concurrency) };
    let (names, style) = (Names::two(py, &from, &to), from.style(py));
    Ok(Long::new(&COPY_DIR, names, Copy(CopyTree::new(from.as_c().to_bytes(), to.as_c().to_bytes(), manner), style)))
}

/// Another path for a directory.
#[pyfunction]
fn move_dir(source: &Bound<'_, PyAny>, target: &Bound<'_, PyAny>, concurrency: Option<usize>) -> PyResult<Long> {
    let (from, to) = (PathArg::new(source)?, PathArg::new(target)?);
    let names = Names::two(source.py(), &from, &to);
    let moving = MoveTree::new(from.as_c().to_bytes(), to.as_c().to_bytes(), threads(concurrency));
    Ok(Long::new(&MOVE_DIR, names, moving))
}

/// No directory any more, and nothing that was in it.
#[pyfunction]
fn remove_dir_all(
    path: &Bound<'_, PyAny>,
    missing_ok: bool,
    collect: bool,
    concurrency: Option<usize>,
) -> PyResult<Long> {
    let (py, given) = (path.py(), PathArg::new(path)?);
    let removal = Removal::new(given.as_c().to_bytes(), missing_ok, collect, threads(concurrency));
    Ok(Long::new(&REMOVE_DIR_ALL, Names::one(py, &given), Removing(removal, given.style(py))))
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(copy_file, module)?)?;
    module.add_function(wrap_pyfunction!(move_file, module)?)?;
    module.add_function(wrap_pyfunction!(copy_dir, module)?)?;
    module.add_function(wrap_pyfunction!(move_dir, module)?)?;
    module.add_function(wrap_pyfunction!(remove_dir_all, module)?)
}
