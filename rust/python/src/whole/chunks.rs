//! A file as a stream of bytes objects.

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use rapfiles_core::engine::channel::Producer;
use rapfiles_core::engine::metrics::Meter;
use rapfiles_core::engine::produce;
use rapfiles_core::fs::Failure;
use rapfiles_core::whole::{Chunks, Reading};

use crate::bridge::{Items, Stream};
use crate::convert::path::PathArg;
use crate::error::os_error;

pub static READ_CHUNKS: Meter = Meter::new("read_file_chunked");

struct Pieces {
    given: Py<PyAny>,
    reading: Option<Reading>,
}

impl Items for Pieces {
    type Batch = Chunks;
    type Error = Failure;

    fn meter(&self) -> &'static Meter {
        &READ_CHUNKS
    }

    fn start(&mut self, producer: Producer<Chunks, Failure>) {
        if let Some(reading) = self.reading.take() {
            produce(move || reading.run(&producer));
        }
    }

    fn item(&mut self, py: Python<'_>, batch: &mut Chunks, index: usize) -> PyResult<Py<PyAny>> {
        Ok(PyBytes::new(py, batch.chunk(index)).into_any().unbind())
    }

    fn error(&self, py: Python<'_>, failure: Failure) -> PyErr {
        os_error(py, &failure.error, Some(&self.given))
    }
}

/// All numbers were looked at before. No limit: up to the end.
#[pyfunction]
pub fn read_file_chunked(
    py: Python<'_>,
    path: &Bound<'_, PyAny>,
    size: usize,
    offset: u64,
    limit: Option<u64>,
) -> PyResult<Py<Stream>> {
    let path = PathArg::new(path)?;
    let limit = limit.unwrap_or(u64::MAX);
    let reading = Reading { path: path.as_c().to_owned(), size: size.max(1), offset, limit };
    Stream::new(py, "read_file_chunked", Pieces { given: path.given, reading: Some(reading) })
}
