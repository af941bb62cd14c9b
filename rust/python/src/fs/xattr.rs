//! Extended attributes.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList};
use rapfiles_core::engine::metrics::Meter;
use rapfiles_core::fs::xattr;

use super::on_one;
use crate::bridge::Operation;
use crate::convert::bytes::Borrowed;
use crate::convert::path::{PathArg, Style};
use crate::task::{change, look};

static GET_XATTR: Meter = Meter::new("get_xattr");
static LIST_XATTRS: Meter = Meter::new("list_xattrs");
static REMOVE_XATTR: Meter = Meter::new("remove_xattr");
static SET_XATTR: Meter = Meter::new("set_xattr");

pub static METERS: [&Meter; 4] = [&GET_XATTR, &LIST_XATTRS, &REMOVE_XATTR, &SET_XATTR];

#[pyfunction]
#[pyo3(signature = (path, name, *, follow_symlinks=true))]
fn get_xattr(path: &Bound<'_, PyAny>, name: &Bound<'_, PyAny>, follow_symlinks: bool) -> PyResult<Py<Operation>> {
    on_one(&GET_XATTR, path, |path, names| {
        let name = PathArg::new(name)?;
        let work = move || xattr::get(path.as_c(), name.as_c(), follow_symlinks);
        Ok(look(&GET_XATTR, names, work, |py, value| Ok(PyBytes::new(py, &value).into_any().unbind())))
    })
}

#[pyfunction]
#[pyo3(signature = (path, *, follow_symlinks=true))]
fn list_xattrs(path: &Bound<'_, PyAny>, follow_symlinks: bool) -> PyResult<Py<Operation>> {
    on_one(&LIST_XATTRS, path, |path, names| {
        let work = move || xattr::list(path.as_c(), follow_symlinks);
        Ok(look(&LIST_XATTRS, names, work, |py, names| {
            let told = names.iter().map(|name| Style::Str.tell(py, name)).collect::<PyResult<Vec<_>>>()?;
            Ok(PyList::new(py, told)?.into_any().unbind())
        }))
    })
}

#[pyfunction]
#[pyo3(signature = (path, name, value, *, exist_ok=true, follow_symlinks=true))]
fn set_xattr(
    path: &Bound<'_, PyAny>,
    name: &Bound<'_, PyAny>,
    value: &Bound<'_, PyAny>,
    exist_ok: bool,
    follow_symlinks: bool,
) -> PyResult<Py<Operation>> {
    on_one(&SET_XATTR, path, |path, names| {
        let (name, value) = (PathArg::new(name)?, Borrowed::of_buffer(value)?);
        Ok(change(&SET_XATTR, names, move || {
            xattr::set(path.as_c(), name.as_c(), value.as_slice(), exist_ok, follow_symlinks)
        }))
    })
}

#[pyfunction]
#[pyo3(signature = (path, name, *, follow_symlinks=true))]
fn remove_xattr(path: &Bound<'_, PyAny>, name: &Bound<'_, PyAny>, follow_symlinks: bool) -> PyResult<Py<Operation>> {
    on_one(&REMOVE_XATTR, path, |path, names| {
        let name = PathArg::new(name)?;
        Ok(change(&REMOVE_XATTR, names, move || xattr::remove(path.as_c(), name.as_c(), follow_symlinks)))
    })
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(get_xattr, module)?)?;
    module.add_function(wrap_pyfunction!(list_xattrs, module)?)?;
    module.add_function(wrap_pyfunction!(remove_xattr, module)?)?;
    module.add_function(wrap_pyfunction!(set_xattr, module)?)
}
