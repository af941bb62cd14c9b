//! What a path leads to.

use std::io;
use std::os::fd::RawFd;

use pyo3::prelude::*;
use pyo3::types::PyInt;
use rapfiles_core::engine::metrics::Meter;

use super::metadata::FileMetadata;
use crate::ask::{Ask, View, is};
use crate::bridge::{Act, Operation};
use crate::convert::path::PathArg;
use crate::convert::target::{Dir, Fd, Target};
use crate::error::os_error;
use crate::task::operation;

static EXISTS: Meter = Meter::new("exists");
static IS_DIR: Meter = Meter::new("is_dir");
static IS_FILE: Meter = Meter::new("is_file");
static IS_SYMLINK: Meter = Meter::new("is_symlink");
static METADATA: Meter = Meter::new("metadata");
static STAT: Meter = Meter::new("stat");

pub static METERS: [&Meter; 6] = [&EXISTS, &IS_DIR, &IS_FILE, &IS_SYMLINK, &METADATA, &STAT];

/// A path from the working directory, or a descriptor.
pub fn target(given: &Bound<'_, PyAny>) -> PyResult<Target> {
    if !given.is_instance_of::<PyInt>() {
        return Ok(Target::Path(PathArg::new(given)?, Dir::CWD));
    }
    let not_open = || os_error(given.py(), &io::Error::from_raw_os_error(libc::EBADF), Some(&given.clone().unbind()));
    let fd = Fd::new(given.extract::<RawFd>()?).ok_or_else(not_open)?;
    Ok(Target::Fd(fd, given.clone().unbind()))
}

fn ask(meter: &'static Meter, path: &Bound<'_, PyAny>, follow: bool, view: View) -> PyResult<Py<Operation>> {
    ask_of(meter, path.py(), target(path), follow, view)
}

fn ask_of(
    meter: &'static Meter,
    py: Python<'_>,
    target: PyResult<Target>,
    follow: bool,
    view: View,
) -> PyResult<Py<Operation>> {
    let act = target.map(|target| Box::new(Ask::new(meter, target, follow, view)) as Box<dyn Act>);
    operation(py, meter, act)
}

#[pyfunction]
#[pyo3(signature = (path, *, follow_symlinks=true))]
fn exists(path: &Bound<'_, PyAny>, follow_symlinks: bool) -> PyResult<Py<Operation>> {
    ask(&EXISTS, path, follow_symlinks, View::Certain(|_| true))
}

#[pyfunction]
#[pyo3(signature = (path, *, follow_symlinks=true))]
fn is_dir(path: &Bound<'_, PyAny>, follow_symlinks: bool) -> PyResult<Py<Operation>> {
    ask(&IS_DIR, path, follow_symlinks, View::Certain(|status| is(status, libc::S_IFDIR)))
}

#[pyfunction]
#[pyo3(signature = (path, *, follow_symlinks=true))]
fn is_file(path: &Bound<'_, PyAny>, follow_symlinks: bool) -> PyResult<Py<Operation>> {
    ask(&IS_FILE, path, follow_symlinks, View::Certain(|status| is(status, libc::S_IFREG)))
}

#[pyfunction]
fn is_symlink(path: &Bound<'_, PyAny>) -> PyResult<Py<Operation>> {
    // No descriptor is one.
    let target = PathArg::new(path).map(|path| Target::Path(path, Dir::CWD));
    ask_of(&IS_SYMLINK, path.py(), target, false, View::Certain(|status| is(status, libc::S_IFLNK)))
}

#[pyfunction]
#[pyo3(signature = (path, *, follow_symlinks=true))]
fn stat(path: &Bound<'_, PyAny>, follow_symlinks: bool) -> PyResult<Py<Operation>> {
    ask(&STAT, path, follow_symlinks, View::Value(FileMetadata::make))
}

#[pyfunction]
#[pyo3(signature = (path, *, follow_symlinks=true))]
fn metadata(path: &Bound<'_, PyAny>, follow_symlinks: bool) -> PyResult<Py<Operation>> {
    ask(&METADATA, path, follow_symlinks, View::Value(FileMetadata::make))
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(exists, module)?)?;
    module.add_function(wrap_pyfunction!(is_dir, module)?)?;
    module.add_function(wrap_pyfunction!(is_file, module)?)?;
    module.add_function(wrap_pyfunction!(is_symlink, module)?)?;
    module.add_function(wrap_pyfunction!(metadata, module)?)?;
    module.add_function(wrap_pyfunction!(stat, module)?)
}
