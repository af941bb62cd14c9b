//! A file that is written in many parts.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pyo3::prelude::*;
use rapfiles_core::engine::metrics::Meter;
use rapfiles_core::whole::Pour;

use crate::bridge::Operation;
use crate::convert::bytes::Borrowed;
use crate::convert::path::PathArg;
use crate::task::{Names, change, change_to, operation};

pub static WRITE_CHUNKS: Meter = Meter::new("write_file_chunked");

/// Writes a file part by part. One operation at a time.
#[pyclass(frozen, module = "rapfiles._rapfiles")]
pub struct ChunkWriter {
    path: PathArg,
    pour: Arc<Mutex<Pour>>,
}

fn lock(pour: &Mutex<Pour>) -> MutexGuard<'_, Pour> {
    pour.lock().unwrap_or_else(PoisonError::into_inner)
}

#[pymethods]
impl ChunkWriter {
    #[new]
    fn new(path: &Bound<'_, PyAny>) -> PyResult<Self> {
        let path = PathArg::new(path)?;
        let pour = Arc::new(Mutex::new(Pour::new(path.as_c())));
        Ok(Self { path, pour })
    }

    /// Writes some more.
    #[allow(clippy::needless_pass_by_value)] // as it is extracted
    fn write(&self, py: Python<'_>, parts: Vec<Bound<'_, PyAny>>) -> PyResult<Py<Operation>> {
        let parts = parts.iter().map(Borrowed::of_buffer).collect::<PyResult<Vec<_>>>();
        let (pour, names) = (Arc::clone(&self.pour), Names::one(py, &self.path));
        let act = parts.map(|parts| {
            change(&WRITE_CHUNKS, names, move || match &parts[..] {
                [only] => lock(&pour).put(only.as_slice()),
                // Small ones: copying them costs less than a call for each.
                several => lock(&pour).put(&several.iter().map(Borrowed::as_slice).collect::<Vec<_>>().concat()),
            })
        });
        operation(py, &WRITE_CHUNKS, act)
    }

    /// Closes the file; how many bytes were written.
    fn finish(&self, py: Python<'_>) -> PyResult<Py<Operation>> {
        let (pour, names) = (Arc::clone(&self.pour), Names::one(py, &self.path));
        let finish = move || {
            let mut pour = lock(&pour);
            pour.finish().map(|()| pour.written())
        };
        let view = |py: Python<'_>, written: u64| Ok(written.into_pyobject(py)?.into_any().unbind());
        operation(py, &WRITE_CHUNKS, Ok(change_to(&WRITE_CHUNKS, names, finish, view)))
    }

    /// Writes no more; a file that wasn't there before goes.
    fn give_up(&self, py: Python<'_>) -> PyResult<Py<Operation>> {
        let pour = Arc::clone(&self.pour);
        let give_up = move || {
            lock(&pour).give_up();
            Ok::<(), io::Error>(())
        };
        operation(py, &WRITE_CHUNKS, Ok(change(&WRITE_CHUNKS, Names::default(), give_up)))
    }
}
