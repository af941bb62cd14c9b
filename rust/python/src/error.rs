//! The only place where exceptions are built.

use std::ffi::CStr;
use std::io;

use pyo3::exceptions::{PyMemoryError, PyOSError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use rapfiles_core::copy::SameFile;
use rapfiles_core::find::{BadPattern, bytes_of};
use rapfiles_core::pipeline::{BadData, Format};

use crate::convert::path::Style;

/// An `OSError` with errno, strerror and the path it happened on; `MemoryError`, `ValueError` where they are meant.
pub fn os_error(py: Python<'_>, error: &io::Error, path: Option<&Py<PyAny>>) -> PyErr {
    os_error2(py, error, path, None)
}

/// As [`os_error`], for operations on two paths.
pub fn os_error2(py: Python<'_>, error: &io::Error, path: Option<&Py<PyAny>>, other: Option<&Py<PyAny>>) -> PyErr {
    let Some(errno) = error.raw_os_error() else { return other_error(py, error, path, other) };
    let text = strerror(errno);
    let or_none = |path: Option<&Py<PyAny>>| path.map_or_else(|| py.None(), |path| path.clone_ref(py));
    match (path, other) {
        (None, None) => PyOSError::new_err((errno, text)),
        (path, None) => PyOSError::new_err((errno, text, or_none(path))),
        (path, other) => PyOSError::new_err((errno, text, or_none(path), py.None(), or_none(other))),
    }
}

/// A `TimeoutError` that names the path and the time, which the system's words for it don't.
pub fn timed_out(py: Python<'_>, what: &str, seconds: f64, path: &Py<PyAny>) -> PyErr {
    pyo3::exceptions::PyTimeoutError::new_err((
        libc::ETIMEDOUT,
        format!("{what} within {seconds} s"),
        path.clone_ref(py),
    ))
}

/// A `PatternError`: a pattern that is none, and at which of its characters.
pub fn pattern_error(pattern: &Bound<'_, PyAny>, position: Option<usize>, reason: &str) -> PyErr {
    let errors = pattern.py().import(intern!(pattern.py(), "rapfiles.errors"));
    let made = errors.and_then(|errors| errors.call_method1("PatternError", (pattern, position, reason)));
    made.map_or_else(|error| error, PyErr::from_value)
}

/// A `DecodeError`: data that can't be decompressed.
fn decode_error(py: Python<'_>, bad: &BadData, path: Option<&Py<PyAny>>) -> PyErr {
    let told = (bad.format.map(Format::name), bad.defect.name(), bad.to_string(), path);
    let errors = py.import(intern!(py, "rapfiles.errors"));
    let made = errors.and_then(|errors| errors.call_method1("DecodeError", told));
    made.map_or_else(|error| error, PyErr::from_value)
}

fn other_error(py: Python<'_>, error: &io::Error, path: Option<&Py<PyAny>>, other: Option<&Py<PyAny>>) -> PyErr {
    if matches!(error.get_ref(), Some(inner) if inner.is::<SameFile>()) {
        return same_file_error(py, path, other);
    }
    if let Some(bad) = error.get_ref().and_then(|inner| inner.downcast_ref::<BadPattern>()) {
        return late_pattern_error(py, bad);
    }
    if let Some(bad) = error.get_ref().and_then(|inner| inner.downcast_ref::<BadData>()) {
        return decode_error(py, bad, path);
    }
    match error.kind() {
        io::ErrorKind::OutOfMemory => PyMemoryError::new_err(()),
        io::ErrorKind::InvalidInput => PyValueError::new_err("embedded null byte"),
        // It can only be said once the work has begun.
        io::ErrorKind::InvalidData => PyValueError::new_err(error.to_string()),
        // The kernel took nothing and gave no reason: what EIO stands for.
        _ => PyOSError::new_err((libc::EIO, format!("{} ({error})", strerror(libc::EIO)))),
    }
}

/// The standard library's own, which is an `OSError`; unlike there, with errno and both names.
fn same_file_error(py: Python<'_>, path: Option<&Py<PyAny>>, other: Option<&Py<PyAny>>) -> PyErr {
    let kind = py.import(intern!(py, "shutil")).and_then(|shutil| shutil.getattr(intern!(py, "SameFileError")));
    let made = kind.and_then(|kind| kind.call1((libc::EINVAL, SameFile.to_string(), path, py.None(), other)));
    made.map_or_else(|error| error, PyErr::from_value)
}

/// A `PatternError` of a pattern whose mistake showed when it was compiled.
fn late_pattern_error(py: Python<'_>, bad: &BadPattern) -> PyErr {
    match Style::Str.tell(py, &bytes_of(&bad.pattern)) {
        Ok(pattern) => pattern_error(&pattern, bad.position, &bad.reason),
        Err(error) => error,
    }
}

fn strerror(errno: i32) -> String {
    let mut text = [0; 256];
    // SAFETY: the buffer's length is given; the function always ends it with a NUL.
    unsafe {
        libc::strerror_r(errno, text.as_mut_ptr(), text.len());
        CStr::from_ptr(text.as_ptr()).to_string_lossy().into_owned()
    }
}
