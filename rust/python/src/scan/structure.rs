//! Structures as Python has them.

use pyo3::prelude::*;
use pyo3::types::PyString;
use rapfiles_core::find::{BadPattern, text_of};
use rapfiles_core::scan::{self, Parts, Structure};

use crate::convert::path::PathArg;
use crate::error::pattern_error;

/// A glob's text, in which bytes that are no text are characters of their own.
fn text(glob: &Bound<'_, PyString>) -> PyResult<String> {
    Ok(text_of(PathArg::new(glob.as_any())?.as_c().to_bytes()).into_owned())
}

fn bad(glob: &Bound<'_, PyString>, error: &BadPattern) -> PyErr {
    pattern_error(glob.as_any(), error.position, &error.reason)
}

/// Compiles an object that has the attributes of a `StructurePattern`.
pub fn compile(given: &Bound<'_, PyAny>) -> PyResult<Structure> {
    let globs = |name: &str| -> PyResult<Vec<String>> {
        given.getattr(name)?.try_iter()?.map(|glob| text(&glob?.cast_into::<PyString>()?)).collect()
    };
    let inner = |name: &str| compile_all(&given.getattr(name)?);
    let directory = given.getattr("directory")?.cast_into::<PyString>()?;
    let parts = Parts {
        required_files: globs("required_files")?,
        optional_files: globs("optional_files")?,
        required_directories: inner("required_directories")?,
        optional_directories: inner("optional_directories")?,
    };
    Structure::new(&text(&directory)?, parts).map_err(|error| bad(&directory, &error))
}

/// As [`compile`], for each of several.
pub fn compile_all(given: &Bound<'_, PyAny>) -> PyResult<Vec<Structure>> {
    given.try_iter()?.map(|one| compile(&one?)).collect()
}

/// Says what is wrong with a glob for names.
#[pyfunction]
fn check_name_glob(glob: &Bound<'_, PyString>) -> PyResult<()> {
    let compiled = scan::name_glob(&text(glob)?).and_then(|pattern| glob.py().detach(|| pattern.compile()));
    compiled.map_err(|error| bad(glob, &error))
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(check_name_glob, module)?)
}
