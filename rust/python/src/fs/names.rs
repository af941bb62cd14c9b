//! Names of files: more of them, other ones, fewer; and what needs no more than a path.

use std::ffi::OsStr;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;

use pyo3::exceptions::{PyOverflowError, PyValueError};
use pyo3::prelude::*;
use rapfiles_core::engine::metrics::Meter;
use rapfiles_core::fs::real::real;
use rapfiles_core::fs::touch::touch as touch_now;
use rapfiles_core::fs::{CWD, link, remove, rename as renaming, size};

use super::dir::permissions;
use super::{on_one, on_two};
use crate::bridge::Operation;
use crate::task::{change, look};

static CANONICALIZE: Meter = Meter::new("canonicalize");
static EXCHANGE: Meter = Meter::new("exchange");
static HARD_LINK: Meter = Meter::new("hard_link");
static READ_LINK: Meter = Meter::new("read_link");
static REMOVE_FILE: Meter = Meter::new("remove_file");
static RENAME: Meter = Meter::new("rename");
static REPLACE: Meter = Meter::new("replace");
static SYMLINK: Meter = Meter::new("symlink");
static TOUCH: Meter = Meter::new("touch");
static TRUNCATE: Meter = Meter::new("truncate");

pub static METERS: [&Meter; 10] =
    [&CANONICALIZE, &EXCHANGE, &HARD_LINK, &READ_LINK, &REMOVE_FILE, &RENAME, &REPLACE, &SYMLINK, &TOUCH, &TRUNCATE];

#[pyfunction]
#[pyo3(signature = (source, target, *, overwrite=true))]
fn rename(source: &Bound<'_, PyAny>, target: &Bound<'_, PyAny>, overwrite: bool) -> PyResult<Py<Operation>> {
    on_two(&RENAME, source, target, |source, target, names| {
        change(&RENAME, names, move || {
            if overwrite {
                renaming::rename((CWD, source.as_c()), (CWD, target.as_c()))
            } else {
                renaming::rename_new(source.as_c(), target.as_c())
            }
        })
    })
}

#[pyfunction]
fn replace(source: &Bound<'_, PyAny>, target: &Bound<'_, PyAny>) -> PyResult<Py<Operation>> {
    on_two(&REPLACE, source, target, |source, target, names| {
        change(&REPLACE, names, move || renaming::rename((CWD, source.as_c()), (CWD, target.as_c())))
    })
}

#[pyfunction]
fn exchange(first: &Bound<'_, PyAny>, second: &Bound<'_, PyAny>) -> PyResult<Py<Operation>> {
    on_two(&EXCHANGE, first, second, |first, second, names| {
        change(&EXCHANGE, names, move || renaming::exchange(first.as_c(), second.as_c()))
    })
}

#[pyfunction]
#[pyo3(signature = (original, link, *, follow_symlinks=false))]
fn hard_link(original: &Bound<'_, PyAny>, link: &Bound<'_, PyAny>, follow_symlinks: bool) -> PyResult<Py<Operation>> {
    on_two(&HARD_LINK, original, link, |original, link, names| {
        change(&HARD_LINK, names, move || {
            if follow_symlinks {
                link::link_followed(original.as_c(), link.as_c())
            } else {
                link::link((CWD, original.as_c()), (CWD, link.as_c()))
            }
        })
    })
}

#[pyfunction]
fn symlink(original: &Bound<'_, PyAny>, link: &Bound<'_, PyAny>) -> PyResult<Py<Operation>> {
    on_two(&SYMLINK, original, link, |original, link, names| {
        change(&SYMLINK, names, move || link::symlink(original.as_c(), CWD, link.as_c()))
    })
}

#[pyfunction]
fn read_link(path: &Bound<'_, PyAny>) -> PyResult<Py<Operation>> {
    let py = path.py();
    on_one(&READ_LINK, path, |path, names| {
        let style = path.style(py);
        let work = move || link::read(CWD, path.as_c());
        Ok(look(&READ_LINK, names, work, move |py, target| style.tell(py, &target).map(Bound::unbind)))
    })
}

#[pyfunction]
fn canonicalize(path: &Bound<'_, PyAny>) -> PyResult<Py<Operation>> {
    let py = path.py();
    on_one(&CANONICALIZE, path, |path, names| {
        let style = path.style(py);
        let work = move || {
            let found = real(Path::new(OsStr::from_bytes(path.as_c().to_bytes())))?;
            Ok::<_, std::io::Error>(found.into_os_string().into_vec())
        };
        Ok(look(&CANONICALIZE, names, work, move |py, found| style.tell(py, &found).map(Bound::unbind)))
    })
}

#[pyfunction]
#[pyo3(signature = (path, missing_ok=false))]
fn remove_file(path: &Bound<'_, PyAny>, missing_ok: bool) -> PyResult<Py<Operation>> {
    on_one(&REMOVE_FILE, path, |path, names| {
        Ok(change(&REMOVE_FILE, names, move || {
            let removed = remove::remove(CWD, path.as_c());
            if missing_ok { remove::or_missing(removed) } else { removed }
        }))
    })
}

#[pyfunction]
#[pyo3(signature = (path, mode=0o666, exist_ok=true))]
fn touch(path: &Bound<'_, PyAny>, mode: u32, exist_ok: bool) -> PyResult<Py<Operation>> {
    on_one(&TOUCH, path, |path, names| {
        let mode = permissions(mode)?;
        Ok(change(&TOUCH, names, move || touch_now(path.as_c(), mode, exist_ok)))
    })
}

#[pyfunction]
fn truncate(path: &Bound<'_, PyAny>, size: &Bound<'_, PyAny>) -> PyResult<Py<Operation>> {
    on_one(&TRUNCATE, path, |path, names| {
        let size = size_of(size)?;
        Ok(change(&TRUNCATE, names, move || size::truncate(path.as_c(), size)))
    })
}

fn size_of(given: &Bound<'_, PyAny>) -> PyResult<u64> {
    if given.lt(0)? {
        return Err(PyValueError::new_err(format!("size is negative: {given}")));
    }
    match given.extract::<i64>() {
        Err(error) if error.is_instance_of::<PyOverflowError>(given.py()) => {
            Err(PyOverflowError::new_err("size is more than a file can have"))
        }
        size => size.map(i64::cast_unsigned),
    }
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(canonicalize, module)?)?;
    module.add_function(wrap_pyfunction!(exchange, module)?)?;
    module.add_function(wrap_pyfunction!(hard_link, module)?)?;
    module.add_function(wrap_pyfunction!(read_link, module)?)?;
    module.add_function(wrap_pyfunction!(remove_file, module)?)?;
    module.add_function(wrap_pyfunction!(rename, module)?)?;
    module.add_function(wrap_pyfunction!(replace, module)?)?;
    module.add_function(wrap_pyfunction!(symlink, module)?)?;
    module.add_function(wrap_pyfunction!(touch, module)?)?;
    module.add_function(wrap_pyfunction!(truncate, module)?)
}
