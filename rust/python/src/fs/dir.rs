//! Making, listing and removing directories.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyList;
use rapfiles_core::engine::metrics::Meter;
use rapfiles_core::fs::list::{self, Directory};
use rapfiles_core::fs::{CWD, dir, remove};

use super::on_one;
use crate::bridge::Operation;
use crate::task::{change, look};

static CREATE_DIR: Meter = Meter::new("create_dir");
static CREATE_DIR_ALL: Meter = Meter::new("create_dir_all");
static LIST_DIR: Meter = Meter::new("list_dir");
static REMOVE_DIR: Meter = Meter::new("remove_dir");

pub static METERS: [&Meter; 4] = [&CREATE_DIR, &CREATE_DIR_ALL, &LIST_DIR, &REMOVE_DIR];

/// What something new may be given as permissions.
pub fn permissions(mode: u32) -> PyResult<u32> {
    if mode > 0o7777 {
        return Err(PyValueError::new_err(format!("mode is more than permissions: {mode:#o}")));
    }
    Ok(mode)
}

#[pyfunction]
#[pyo3(signature = (path, mode=0o777, exist_ok=false))]
fn create_dir(path: &Bound<'_, PyAny>, mode: u32, exist_ok: bool) -> PyResult<Py<Operation>> {
    on_one(&CREATE_DIR, path, |path, names| {
        let mode = permissions(mode)?;
        Ok(change(&CREATE_DIR, names, move || dir::make_unless_there(path.as_c(), mode, exist_ok)))
    })
}

#[pyfunction]
#[pyo3(signature = (path, mode=0o777, exist_ok=true))]
fn create_dir_all(path: &Bound<'_, PyAny>, mode: u32, exist_ok: bool) -> PyResult<Py<Operation>> {
    on_one(&CREATE_DIR_ALL, path, |path, names| {
        let mode = permissions(mode)?;
        Ok(change(&CREATE_DIR_ALL, names, move || dir::make_all(path.as_c(), mode, exist_ok)))
    })
}

#[pyfunction]
#[pyo3(signature = (path, missing_ok=false))]
fn remove_dir(path: &Bound<'_, PyAny>, missing_ok: bool) -> PyResult<Py<Operation>> {
    on_one(&REMOVE_DIR, path, |path, names| {
        Ok(change(&REMOVE_DIR, names, move || {
            let removed = dir::remove(CWD, path.as_c());
            if missing_ok { remove::or_missing(removed) } else { removed }
        }))
    })
}

#[pyfunction]
fn list_dir(path: &Bound<'_, PyAny>) -> PyResult<Py<Operation>> {
    let py = path.py();
    on_one(&LIST_DIR, path, |path, names| {
        let style = path.style(py);
        Ok(look(
            &LIST_DIR,
            names,
            move || list::names(Directory::Path(path.as_c())),
            move |py, names| {
                let told = names.iter().map(|name| style.tell(py, name)).collect::<PyResult<Vec<_>>>()?;
                Ok(PyList::new(py, told)?.into_any().unbind())
            },
        ))
    })
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(create_dir, module)?)?;
    module.add_function(wrap_pyfunction!(create_dir_all, module)?)?;
    module.add_function(wrap_pyfunction!(list_dir, module)?)?;
    module.add_function(wrap_pyfunction!(remove_dir, module)?)
}
