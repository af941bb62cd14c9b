//! Writing through Python's own codecs.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyString;

use super::codec::lookup;
use crate::convert::bytes::Borrowed;

/// An encoder that knows whether the file is at its start, where a byte order mark goes.
pub struct Encoder {
    python: Py<PyAny>,
    /// Its state at the start of a file.
    initial: Py<PyAny>,
    /// The standard library leaves the mark of these out where it can't tell the position, and after an error.
    forgetful: bool,
}

impl Encoder {
    /// The encoder of an encoding. `position`: where the file stands, if it can tell.
    pub fn new(encoding: &Bound<'_, PyAny>, errors: &Bound<'_, PyAny>, position: Option<u64>) -> PyResult<Self> {
        let py = encoding.py();
        let codec = lookup(encoding)?;
        let name = codec.getattr(intern!(py, "name"))?;
        let forgetful = name.eq("utf-16")? || name.eq("utf-32")?;
        let python = codec.call_method1(intern!(py, "incrementalencoder"), (errors,))?.unbind();
        let initial = python.call_method0(py, intern!(py, "getstate"))?;
        let this = Self { python, initial, forgetful };
        if position.unwrap_or(u64::from(forgetful)) != 0 {
            this.at(py, false)?;
        }
        Ok(this)
    }

    /// Goes on somewhere else: at the start of the file, or not.
    pub fn at(&self, py: Python<'_>, start: bool) -> PyResult<()> {
        if start {
            self.python.call_method0(py, intern!(py, "reset")).map(drop)
        } else {
            self.python.call_method1(py, intern!(py, "setstate"), (0,)).map(drop)
        }
    }

    /// Whether what is written next begins as a file does.
    pub fn at_start(&self, py: Python<'_>) -> PyResult<bool> {
        self.state(py)?.bind(py).eq(&self.initial)
    }

    /// What it knows, for [`Encoder::restore`].
    pub fn state(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        self.python.call_method0(py, intern!(py, "getstate"))
    }

    /// Forgets what it was given since.
    pub fn restore(&self, py: Python<'_>, state: &Py<PyAny>) -> PyResult<()> {
        self.python.call_method1(py, intern!(py, "setstate"), (state,)).map(drop)
    }

    /// Encodes. What an error leaves behind in the encoder stays there, as in the standard library.
    pub fn encode(&self, text: &Bound<'_, PyString>) -> PyResult<Borrowed> {
        let py = text.py();
        match self.python.bind(py).call_method1(intern!(py, "encode"), (text,)) {
            Ok(bytes) => Borrowed::of_buffer(&bytes),
            Err(error) => {
                if self.forgetful {
                    self.at(py, false)?;
                }
                Err(error)
            }
        }
    }
}
