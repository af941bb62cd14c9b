//! Whole files, written in one call.

use std::ffi::CStr;
use std::io;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyString;
use rapfiles_core::engine::Lane;
use rapfiles_core::engine::metrics::Meter;
use rapfiles_core::whole;

use super::made;
use crate::bridge::{Act, Operation, Step};
use crate::convert::bytes::Borrowed;
use crate::convert::path::PathArg;
use crate::error::os_error;

pub static WRITE_FILE: Meter = Meter::new("write_file");
pub static APPEND_FILE: Meter = Meter::new("append_file");

/// What is done with the bytes.
type Put = fn(&CStr, &[u8]) -> io::Result<()>;

struct WriteFile {
    meter: &'static Meter,
    path: PathArg,
    data: Borrowed,
    put: Put,
    result: Option<io::Result<()>>,
}

impl Act for WriteFile {
    fn meter(&self) -> &'static Meter {
        self.meter
    }

    fn poll(&mut self, operation: &Bound<'_, Operation>) -> PyResult<Step> {
        let py = operation.py();
        match self.result.take() {
            None => Ok(Step::Soon { lane: Lane::Disk, effect: true }),
            Some(Ok(())) => Ok(Step::Done(self.data.as_slice().len().into_pyobject(py)?.into_any().unbind())),
            Some(Err(error)) => Err(os_error(py, &error, Some(&self.path.given))),
        }
    }

    fn run(&mut self) {
        self.result = Some((self.put)(self.path.as_c(), self.data.as_slice()));
    }

    fn bytes(&self) -> usize {
        self.data.as_slice().len()
    }

    fn wants_fd(&self) -> bool {
        matches!(&self.result, Some(Err(error)) if matches!(error.raw_os_error(), Some(libc::EMFILE | libc::ENFILE)))
    }

    fn give_up(&mut self, _operation: &Bound<'_, Operation>) {}
}

/// The bytes of text, with the line ends that were asked for.
pub fn encoded(text: &Bound<'_, PyString>, encoding: &str, errors: &str, newline: Option<&str>) -> PyResult<Borrowed> {
    let text = crate::text::with_newlines(text, newline)?;
    match text.to_str() {
        Ok(_) if encoding == "utf-8" => Borrowed::of_str(&text),
        _ => Borrowed::of_buffer(&text.call_method1("encode", (encoding, errors))?),
    }
}

#[pyfunction]
pub fn write_file_bytes(py: Python<'_>, path: &Bound<'_, PyAny>, data: &Bound<'_, PyAny>) -> PyResult<Py<Operation>> {
    let act = PathArg::new(path).and_then(|path| {
        let data = Borrowed::of_buffer(data)?;
        Ok(WriteFile { meter: &WRITE_FILE, path, data, put: whole::write, result: None })
    });
    made(py, "write_file_bytes", act)
}

#[pyfunction]
#[pyo3(signature = (path, text, encoding="utf-8", errors="strict", newline=None))]
pub fn write_file(
    py: Python<'_>,
    path: &Bound<'_, PyAny>,
    text: &Bound<'_, PyString>,
    encoding: &str,
    errors: &str,
    newline: Option<&str>,
) -> PyResult<Py<Operation>> {
    let act = PathArg::new(path).and_then(|path| {
        let data = encoded(text, encoding, errors, newline)?;
        Ok(WriteFile { meter: &WRITE_FILE, path, data, put: whole::write, result: None })
    });
    made(py, "write_file", act)
}

#[pyfunction]
#[pyo3(signature = (path, data, encoding="utf-8", errors="strict", newline=None))]
pub fn append_file(
    py: Python<'_>,
    path: &Bound<'_, PyAny>,
    data: &Bound<'_, PyAny>,
    encoding: &str,
    errors: &str,
    newline: Option<&str>,
) -> PyResult<Py<Operation>> {
    let act = PathArg::new(path).and_then(|path| {
        let data = match data.cast::<PyString>() {
            Ok(text) => encoded(text, encoding, errors, newline)?,
            Err(_) => bytes_of(data)?,
        };
        Ok(WriteFile { meter: &APPEND_FILE, path, data, put: whole::append, result: None })
    });
    made(py, "append_file", act)
}

/// The bytes of what may be text elsewhere.
pub fn bytes_of(data: &Bound<'_, PyAny>) -> PyResult<Borrowed> {
    Borrowed::of_buffer(data).map_err(|error| {
        if !error.is_instance_of::<PyTypeError>(data.py()) {
            return error;
        }
        let kind = data.get_type().name().map_or_else(|_| "object".to_owned(), |name| name.to_string());
        PyTypeError::new_err(format!("a str or bytes-like object is required, not '{kind}'"))
    })
}
