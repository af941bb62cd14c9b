//! A file as a stream of lines.

use std::ffi::CString;

use pyo3::exceptions::PyLookupError;
use pyo3::ffi;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};
use rapfiles_core::engine::channel::Producer;
use rapfiles_core::engine::metrics::Meter;
use rapfiles_core::engine::produce;
use rapfiles_core::file::Charset;
use rapfiles_core::fs::Failure;
use rapfiles_core::whole::{Lines, ReadingLines};

use super::chunks;
use crate::bridge::{Items, Reshape, Stream};
use crate::convert::path::PathArg;
use crate::error::os_error;
use crate::file::encoding::{Decoder, resolve};

pub static READ_LINES: Meter = Meter::new("read_lines");

/// So much is decoded at once where Python's codecs do it.
const CHUNK: usize = 64 * 1024;

enum Decode {
    Bytes,
    Text { charset: Charset, errors: CString },
}

struct AllLines {
    given: Py<PyAny>,
    decode: Decode,
    keep_ends: bool,
    reading: Option<ReadingLines>,
}

impl Items for AllLines {
    type Batch = Lines;
    type Error = Failure;

    fn meter(&self) -> &'static Meter {
        &READ_LINES
    }

    fn start(&mut self, producer: Producer<Lines, Failure>) {
        if let Some(reading) = self.reading.take() {
            produce(move || reading.run(&producer));
        }
    }

    fn item(&mut self, py: Python<'_>, batch: &mut Lines, index: usize) -> PyResult<Py<PyAny>> {
        let line = batch.line(index, self.keep_ends);
        match &self.decode {
            Decode::Bytes => Ok(PyBytes::new(py, line).into_any().unbind()),
            Decode::Text { charset, errors } => decode(py, *charset, line, errors),
        }
    }

    fn error(&self, py: Python<'_>, failure: Failure) -> PyErr {
        os_error(py, &failure.error, Some(&self.given))
    }
}

fn decode(py: Python<'_>, charset: Charset, bytes: &[u8], errors: &CString) -> PyResult<Py<PyAny>> {
    let (memory, size) = (bytes.as_ptr().cast(), bytes.len().cast_signed());
    // SAFETY: so many bytes are there; the result is a new string, or null with an exception.
    unsafe {
        let text = match charset {
            Charset::Utf8 => ffi::PyUnicode_DecodeUTF8(memory, size, errors.as_ptr()),
            Charset::Ascii => ffi::PyUnicode_DecodeASCII(memory, size, errors.as_ptr()),
            Charset::Latin1 => ffi::PyUnicode_DecodeLatin1(memory, size, errors.as_ptr()),
        };
        Ok(Bound::from_owned_ptr_or_err(py, text)?.unbind())
    }
}

/// Lines of pieces that a codec of Python's decodes.
struct Decoded {
    decoder: Py<PyAny>,
    keep_ends: bool,
    /// The parts of a line that hasn't ended.
    carried: Vec<Py<PyAny>>,
}

impl Decoded {
    fn new(py: Python<'_>, encoding: &str, errors: &str, keep_ends: bool) -> PyResult<Self> {
        let codec = py.import(intern!(py, "codecs"))?.call_method1("getincrementaldecoder", (encoding,))?;
        let decoder = codec.call1((errors,))?;
        let decoder = py.import(intern!(py, "io"))?.call_method1("IncrementalNewlineDecoder", (decoder, true))?;
        Ok(Self { decoder: decoder.unbind(), keep_ends, carried: Vec::new() })
    }

    /// The line that ends with `part`.
    fn line(&mut self, py: Python<'_>, part: Py<PyAny>) -> PyResult<Py<PyAny>> {
        self.carried.push(part);
        if self.keep_ends {
            self.carried.push(intern!(py, "\n").clone().into_any().unbind());
        }
        self.join(py)
    }

    fn join(&mut self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        match std::mem::take(&mut self.carried) {
            one if one.len() == 1 => Ok(one.into_iter().next().unwrap_or_else(|| py.None())),
            parts => Ok(intern!(py, "").call_method1(intern!(py, "join"), (parts,))?.unbind()),
        }
    }
}

impl Reshape for Decoded {
    fn put(&mut self, py: Python<'_>, item: Option<Py<PyAny>>, out: &mut Vec<Py<PyAny>>) -> PyResult<()> {
        let (last, bytes) = (item.is_none(), item.unwrap_or_else(|| PyBytes::new(py, b"").into_any().unbind()));
        let text = self.decoder.call_method1(py, intern!(py, "decode"), (bytes, last))?;
        let parts: Vec<Py<PyAny>> = text.call_method1(py, intern!(py, "split"), ("\n",))?.extract(py)?;
        let mut parts = parts.into_iter().peekable();
        while let Some(part) = parts.next() {
            if parts.peek().is_some() {
                out.push(self.line(py, part)?);
            } else if part.bind(py).len()? > 0 {
                self.carried.push(part);
            }
        }
        if last && !self.carried.is_empty() {
            out.push(self.join(py)?);
        }
        Ok(())
    }
}

fn native(py: Python<'_>, name: &'static str, path: PathArg, decode: Decode, keep_ends: bool) -> PyResult<Py<Stream>> {
    let reading = ReadingLines { path: path.as_c().to_owned(), universal: !matches!(decode, Decode::Bytes) };
    Stream::new(py, name, AllLines { given: path.given, decode, keep_ends, reading: Some(reading) })
}

#[pyfunction]
pub fn read_lines(
    py: Python<'_>,
    path: &Bound<'_, PyAny>,
    encoding: &Bound<'_, PyString>,
    errors: &str,
    keep_ends: bool,
) -> PyResult<Py<Stream>> {
    let given = PathArg::new(path)?;
    py.import(intern!(py, "codecs"))?.call_method1(intern!(py, "lookup_error"), (errors,))?;
    match resolve(encoding.as_any())? {
        Some((_, Decoder::Native(charset))) => {
            let errors = CString::new(errors).map_err(|_| PyLookupError::new_err("unknown error handler name"))?;
            native(py, "read_lines", given, Decode::Text { charset, errors }, keep_ends)
        }
        Some((name, Decoder::Codec)) => {
            let decoded = Decoded::new(py, name.extract(py)?, errors, keep_ends)?;
            let pieces = chunks::read_file_chunked(py, path, CHUNK, 0, None)?;
            Stream::reshaped(py, "read_lines", pieces, decoded)
        }
        None => {
            // Python says why.
            intern!(py, "").call_method1(intern!(py, "encode"), (encoding, errors))?;
            Err(PyLookupError::new_err(format!("'{encoding}' is not a text encoding")))
        }
    }
}

#[pyfunction]
pub fn read_lines_bytes(py: Python<'_>, path: &Bound<'_, PyAny>, keep_ends: bool) -> PyResult<Py<Stream>> {
    native(py, "read_lines_bytes", PathArg::new(path)?, Decode::Bytes, keep_ends)
}
