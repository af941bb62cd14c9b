//! Small helpers on Python strings.

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
