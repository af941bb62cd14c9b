//! Small helpers on Python strings.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyString;

/// Every line end as `\n`, as a text file is read.
pub fn universal_newlines(text: &Bound<'_, PyString>) -> PyResult<Py<PyAny>> {
    if !text.contains("\r")? {
        return Ok(text.clone().into_any().unbind());
    }
    let text = text.call_method1("replace", ("\r\n", "\n"))?;
    Ok(text.call_method1("replace", ("\r", "\n"))?.unbind())
}

/// What `newline=` says, if it is something that `open` takes.
pub fn newline(given: Option<&str>) -> PyResult<Option<&str>> {
    match given {
        None | Some("" | "\n" | "\r" | "\r\n") => Ok(given),
        Some(other) => Err(PyValueError::new_err(format!("illegal newline value: {other}"))),
    }
}

/// Text as a file that was opened with this `newline=` writes it.
pub fn with_newlines<'py>(text: &Bound<'py, PyString>, given: Option<&str>) -> PyResult<Bound<'py, PyString>> {
    let end = newline(given)?.unwrap_or(if cfg!(windows) { "\r\n" } else { "\n" });
    if matches!(end, "" | "\n") || !text.contains("\n")? {
        return Ok(text.clone());
    }
    Ok(text.call_method1("replace", ("\n", end))?.cast_into()?)
}
