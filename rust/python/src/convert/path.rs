//! Paths: str, bytes and `os.PathLike`, with names that are not UTF-8 kept as they are.

use std::ffi::CStr;
use std::slice;

use pyo3::exceptions::PyValueError;
use pyo3::ffi;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyString};

/// A path as the system wants it, and as the caller gave it (after `os.fspath`): errors carry that one.
pub struct PathArg {
    pub given: Py<PyAny>,
    /// The bytes of `given` itself, or of what it had to be encoded to, with the NUL at their end.
    memory: *const u8,
    size: usize,
    _encoded: Option<Py<PyBytes>>,
}

// SAFETY: the memory is that of a str or bytes object that this value holds, and neither ever changes.
unsafe impl Send for PathArg {}
// SAFETY: as above; it is only read.
unsafe impl Sync for PathArg {}

impl PathArg {
    pub fn new(given: &Bound<'_, PyAny>) -> PyResult<Self> {
        if let Ok(text) = given.cast::<PyString>() {
            return Self::of_str(text);
        }
        if let Ok(bytes) = given.cast::<PyBytes>() {
            return Self::of_memory(given, bytes.as_bytes(), None);
        }
        // SAFETY: a valid object; the result is a new str or bytes, or null with an exception.
        let path = unsafe { Bound::from_owned_ptr_or_err(given.py(), ffi::PyOS_FSPath(given.as_ptr()))? };
        Self::new(&path)
    }

    fn of_str(text: &Bound<'_, PyString>) -> PyResult<Self> {
        let py = text.py();
        // The interpreter keeps the UTF-8 of a str, and it ends with a NUL. Lone surrogates have none.
        if let Ok(plain) = text.to_str()
            && (plain.is_ascii() || utf8_filesystem(py)?)
        {
            return Self::of_memory(text.as_any(), plain.as_bytes(), None);
        }
        let encoded = py.import(intern!(py, "os"))?.call_method1(intern!(py, "fsencode"), (text,))?;
        let encoded = encoded.cast_into::<PyBytes>()?;
        Self::of_memory(text.as_any(), encoded.as_bytes(), Some(encoded.clone().unbind()))
    }

    /// `memory` ends with a NUL that isn't counted, as the memory of str and bytes objects does.
    fn of_memory(given: &Bound<'_, PyAny>, memory: &[u8], encoded: Option<Py<PyBytes>>) -> PyResult<Self> {
        if CStr::from_bytes_until_nul(memory).is_ok() {
            return Err(PyValueError::new_err("embedded null byte"));
        }
        Ok(Self { given: given.clone().unbind(), memory: memory.as_ptr(), size: memory.len() + 1, _encoded: encoded })
    }

    pub fn as_c(&self) -> &CStr {
        // SAFETY: see the fields; that there is no NUL before the last was looked at.
        unsafe { CStr::from_bytes_with_nul_unchecked(slice::from_raw_parts(self.memory, self.size)) }
    }

    /// How names are told to whoever gave this path.
    pub fn style(&self, py: Python<'_>) -> Style {
        if self.given.bind(py).is_instance_of::<PyBytes>() { Style::Bytes } else { Style::Str }
    }
}

impl AsRef<CStr> for PathArg {
    fn as_ref(&self) -> &CStr {
        self.as_c()
    }
}

/// The bytes of a path, which may hold anything, and how it was given.
pub fn encoded(given: &Bound<'_, PyAny>) -> PyResult<(Vec<u8>, Style)> {
    let py = given.py();
    if let Ok(bytes) = given.cast::<PyBytes>() {
        return Ok((bytes.as_bytes().to_vec(), Style::Bytes));
    }
    if let Ok(text) = given.cast::<PyString>() {
        return match text.to_str() {
            Ok(plain) if plain.is_ascii() || utf8_filesystem(py)? => Ok((plain.into(), Style::Str)),
            _ => {
                let encoded = py.import(intern!(py, "os"))?.call_method1(intern!(py, "fsencode"), (text,))?;
                Ok((encoded.cast::<PyBytes>()?.as_bytes().to_vec(), Style::Str))
            }
        };
    }
    // SAFETY: a valid object; the result is a new str or bytes, or null with an exception.
    let path = unsafe { Bound::from_owned_ptr_or_err(py, ffi::PyOS_FSPath(given.as_ptr()))? };
    encoded(&path)
}

/// How names are told: bytes to those who gave bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    Str,
    Bytes,
}

impl Style {
    /// A name or path, as `os.fsdecode` makes it of its bytes, or as they are.
    pub fn tell<'py>(self, py: Python<'py>, name: &[u8]) -> PyResult<Bound<'py, PyAny>> {
        let size = ffi::Py_ssize_t::try_from(name.len()).unwrap_or(0);
        match self {
            Style::Bytes => Ok(PyBytes::new(py, name).into_any()),
            // SAFETY: so many bytes are there.
            Style::Str => unsafe {
                let text = ffi::PyUnicode_DecodeFSDefaultAndSize(name.as_ptr().cast(), size);
                Bound::from_owned_ptr_or_err(py, text)
            },
        }
    }
}

/// Whether names are UTF-8, as they are unless somebody went out of their way.
fn utf8_filesystem(py: Python<'_>) -> PyResult<bool> {
    static UTF8: PyOnceLock<bool> = PyOnceLock::new();
    let ask = || py.import("sys")?.call_method0("getfilesystemencoding")?.extract::<String>();
    UTF8.get_or_try_init(py, || ask().map(|name| name == "utf-8")).copied()
}
