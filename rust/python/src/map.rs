//! Files in memory.

use std::ffi::c_int;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use pyo3::exceptions::{PyBufferError, PyIndexError, PyRuntimeError, PyValueError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PySlice};
use rapfiles_core::engine::metrics::Meter;
use rapfiles_core::fs::Failure;
use rapfiles_core::long::{self, Progress};
use rapfiles_core::map::{Map, Opening, Wanted};

use crate::bridge::Operation;
use crate::convert::bytes::{Borrowed, NewBytes};
use crate::convert::path::PathArg;
use crate::error::os_error;
use crate::long::{Long, Work};
use crate::task::{Names, Task, look, operation};

pub static MAP: Meter = Meter::new("map_file");

/// A file, or a part of one, in memory: what `map_file` opens.
///
/// It is read-only and has a buffer: `memoryview(m)`, `bytes(m)`, `re.search(pattern, m)` work. `m[5]`, `m[2:7]` and `len(m)` are as those of
/// bytes; slices are bytes.
#[pyclass(frozen, module = "rapfiles._rapfiles")]
pub struct MappedFile {
    map: Mutex<Option<Arc<Map>>>,
    /// How many views of its memory there are.
    views: AtomicUsize,
    path: Py<PyAny>,
}

impl MappedFile {
    fn slot(&self) -> MutexGuard<'_, Option<Arc<Map>>> {
        self.map.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn map(&self) -> PyResult<Arc<Map>> {
        self.slot().clone().ok_or_else(|| PyValueError::new_err("I/O operation on closed mapped file"))
    }

    fn names(&self, py: Python<'_>) -> Names {
        Names::object(self.path.clone_ref(py))
    }

    fn bytes(&self, py: Python<'_>, start: usize, length: usize) -> PyResult<Py<PyAny>> {
        let map = self.map()?;
        let mut bytes = NewBytes::new(py, length)?;
        let count = map.read(start, bytes.memory()).map_err(|error| os_error(py, &error, Some(&self.path)))?;
        bytes.finish(py, count)
    }

    fn byte(&self, py: Python<'_>, index: isize) -> PyResult<Py<PyAny>> {
        let length = self.map()?.len();
        let at = if index < 0 { length.checked_add_signed(index) } else { usize::try_from(index).ok() };
        let at = at.filter(|&at| at < length).ok_or_else(|| PyIndexError::new_err("index out of range"))?;
        let byte = self.bytes(py, at, 1)?;
        let byte = byte.bind(py).cast::<PyBytes>()?.as_bytes().first().copied();
        // Of a shared map, it may have been cut off.
        let byte = byte.ok_or_else(|| PyIndexError::new_err("the file is shorter by now"))?;
        Ok(byte.into_pyobject(py)?.into_any().unbind())
    }

    fn slice(&self, py: Python<'_>, slice: &Bound<'_, PySlice>) -> PyResult<Py<PyAny>> {
        let length = isize::try_from(self.map()?.len()).unwrap_or(isize::MAX);
        let indices = slice.indices(length)?;
        let start = usize::try_from(indices.start).unwrap_or(0);
        if indices.step == 1 {
            return self.bytes(py, start, indices.slicelength);
        }
        // As a slice of bytes: all of them first.
        let all = self.bytes(py, 0, usize::try_from(length).unwrap_or(0))?;
        Ok(all.bind(py).get_item(slice)?.unbind())
    }
}

#[pymethods]
impl MappedFile {
    fn __len__(&self) -> PyResult<usize> {
        self.map().map(|map| map.len())
    }

    fn __getitem__(&self, py: Python<'_>, key: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        match key.cast::<PySlice>() {
            Ok(slice) => self.slice(py, slice),
            Err(_) => self.byte(py, key.extract()?),
        }
    }

    /// The view is the interpreter's, and is given back to `__releasebuffer__`.
    unsafe fn __getbuffer__(slf: &Bound<'_, Self>, view: *mut ffi::Py_buffer, flags: c_int) -> PyResult<()> {
        let this = slf.get();
        let slot = this.slot();
        let Some(map) = slot.as_ref() else {
            return Err(PyValueError::new_err("I/O operation on closed mapped file"));
        };
        let length = ffi::Py_ssize_t::try_from(map.len()).map_err(|_| PyBufferError::new_err("too large"))?;
        let memory = map.memory().cast_mut().cast();
        // SAFETY: `view` is the interpreter's to be filled; the memory stays as long as there are views, since nothing closes it
        // while they are counted.
        if unsafe { ffi::PyBuffer_FillInfo(view, slf.as_ptr(), memory, length, 1, flags) } != 0 {
            return Err(PyErr::fetch(slf.py()));
        }
        this.views.fetch_add(1, Ordering::AcqRel);
        Ok(())
    }

    /// See above.
    unsafe fn __releasebuffer__(&self, _view: *mut ffi::Py_buffer) {
        self.views.fetch_sub(1, Ordering::AcqRel);
    }

    /// Whether it was closed.
    #[getter]
    fn closed(&self) -> bool {
        self.slot().is_none()
    }

    /// Whether it is the file's own pages instead of a copy.
    #[getter]
    fn shared(&self) -> PyResult<bool> {
        self.map().map(|map| map.is_shared())
    }

    /// Copies so many bytes from an offset on, by a worker; fewer where it ends.
    fn read(&self, py: Python<'_>, offset: usize, size: usize) -> PyResult<Py<Operation>> {
        let map = self.map()?;
        let room = size.min(map.len().saturating_sub(offset));
        let mut memory = Some(NewBytes::new(py, room)?);
        let work = move || match memory.take() {
            Some(mut bytes) => map.read(offset, bytes.memory()).map(|count| (bytes, count)),
            None => Err(std::io::Error::other("read twice")),
        };
        let view = |py: Python<'_>, (bytes, count): (NewBytes, usize)| bytes.finish(py, count);
        operation(py, &MAP, Ok(look(&MAP, self.names(py), work, view)))
    }

    /// Where bytes are found first from `start` to `stop`, by a worker; -1 if they aren't.
    #[pyo3(signature = (sub, start=0, stop=None))]
    fn find(
        &self,
        py: Python<'_>,
        sub: &Bound<'_, PyAny>,
        start: usize,
        stop: Option<usize>,
    ) -> PyResult<Py<Operation>> {
        let (map, sub) = (self.map()?, Borrowed::of_buffer(sub)?);
        let work = move || map.find(sub.as_slice(), start, stop.unwrap_or(usize::MAX));
        let view = |py: Python<'_>, found: Option<usize>| {
            let found = found.and_then(|found| isize::try_from(found).ok()).unwrap_or(-1);
            Ok(found.into_pyobject(py)?.into_any().unbind())
        };
        operation(py, &MAP, Ok(look(&MAP, self.names(py), work, view)))
    }

    /// Has a worker bring a part of a shared map into memory, so that nobody waits for the disk who reads it soon.
    #[pyo3(signature = (start=0, stop=None))]
    fn load(&self, py: Python<'_>, start: usize, stop: Option<usize>) -> PyResult<Py<Operation>> {
        let map = self.map()?;
        let load = move || {
            let (mut at, stop) = (start, stop.unwrap_or(usize::MAX).min(map.len()));
            while at < stop {
                at = map.load(at, stop);
            }
        };
        Operation::act(py, MAP.name, Task::new(&MAP, false, load, |py, ()| Ok(py.None())))
    }

    /// Gives the memory back, by a worker: it can't be used any more.
    fn close(&self, py: Python<'_>) -> PyResult<Py<Operation>> {
        if self.views.load(Ordering::Acquire) > 0 {
            return Err(PyBufferError::new_err("cannot close exported pointers exist"));
        }
        let mut map = self.slot().take();
        Operation::act(py, MAP.name, Task::new(&MAP, false, move || drop(map.take()), |py, ()| Ok(py.None())))
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let path = self.path.bind(py).repr()?;
        Ok(match self.slot().as_ref() {
            Some(map) => format!("<rapfiles.MappedFile of {path}, {} bytes>", map.len()),
            None => format!("<rapfiles.MappedFile of {path}, closed>"),
        })
    }
}

struct Mapping {
    opening: Opening,
    path: Py<PyAny>,
}

impl long::Long for Mapping {
    fn advance(&mut self, slice: Duration) -> Result<bool, Failure> {
        self.opening.advance(slice)
    }

    fn progress(&self) -> Progress {
        self.opening.progress()
    }

    fn give_up(&mut self) {
        self.opening.give_up();
    }
}

impl Work for Mapping {
    fn result(&mut self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let map = self.opening.take().ok_or_else(|| PyRuntimeError::new_err("not done yet"))?;
        let (map, path) = (Mutex::new(Some(Arc::new(map))), self.path.clone_ref(py));
        Ok(Py::new(py, MappedFile { map, views: AtomicUsize::new(0), path })?.into_any())
    }
}

/// `length`: None up to the end of the file.
#[pyfunction]
fn map_file(
    py: Python<'_>,
    path: &Bound<'_, PyAny>,
    offset: u64,
    length: Option<u64>,
    shared: bool,
    limit: u64,
) -> PyResult<Long> {
    let path = PathArg::new(path)?;
    let (names, given) = (Names::one(py, &path), path.given.clone_ref(py));
    let wanted = Wanted { path: path.as_c().to_owned(), offset, length, shared, limit };
    Ok(Long::new(&MAP, names, Mapping { opening: Opening::new(wanted), path: given }))
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<MappedFile>()?;
    module.add_function(wrap_pyfunction!(map_file, module)?)
}
