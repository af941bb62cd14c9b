//! Matches as Python has them.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyTuple};
use rapfiles_core::scan::Match;

use crate::convert::path::Style;

/// A `StructureMatch`, for the pattern that was matched.
pub fn tell<'py>(style: Style, found: &Match, pattern: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    static CLASS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let py = pattern.py();
    let class =
        CLASS.get_or_try_init(py, || py.import("rapfiles._structure")?.getattr("StructureMatch").map(Bound::unbind))?;
    let files = |name, files: &[Vec<Vec<u8>>]| by_part(pattern, name, files, |paths, _| tell_paths(py, style, paths));
    let inner = |name, inner: &[Vec<Match>]| {
        by_part(pattern, name, inner, |matches, pattern| {
            let told = matches.iter().map(|found| tell(style, found, pattern)).collect::<PyResult<Vec<_>>>()?;
            PyTuple::new(py, told)
        })
    };
    class.bind(py).call1((
        style.tell(py, &found.path)?,
        pattern,
        files("required_files", &found.required_files)?,
        files("optional_files", &found.optional_files)?,
        inner("required_directories", &found.required_directories)?,
        inner("optional_directories", &found.optional_directories)?,
    ))
}

/// Paths, as a tuple.
pub fn tell_paths<'py>(py: Python<'py>, style: Style, paths: &[Vec<u8>]) -> PyResult<Bound<'py, PyTuple>> {
    PyTuple::new(py, paths.iter().map(|path| style.tell(py, path)).collect::<PyResult<Vec<_>>>()?)
}

/// What was found for each of a pattern's parts.
fn by_part<'py, T>(
    pattern: &Bound<'py, PyAny>,
    name: &str,
    found: &[T],
    tell: impl Fn(&T, &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyTuple>>,
) -> PyResult<Bound<'py, PyDict>> {
    let parts = PyDict::new(pattern.py());
    for (part, found) in pattern.getattr(name)?.try_iter()?.zip(found) {
        let part = part?;
        parts.set_item(&part, tell(found, &part)?)?;
    }
    Ok(parts)
}
