//! Bytes objects that are filled before anybody sees them, and borrowed memory of Python objects.

use pyo3::buffer::PyUntypedBuffer;
use pyo3::exceptions::{PyBufferError, PyOverflowError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

unsafe extern "C" {
    fn _PyBytes_Resize(object: *mut *mut ffi::PyObject, size: ffi::Py_ssize_t) -> std::ffi::c_int;
}

/// The largest bytes object there can be.
pub const MOST: usize = isize::MAX as usize - 33;

/// From here on memory is asked for in huge pages: filling and freeing it takes a tenth of the time.
pub(super) const HUGE: usize = 8 << 20;

/// A bytes object under construction. A worker may write to it: nobody else knows it yet.
pub struct NewBytes {
    object: Py<PyAny>,
    memory: *mut u8,
    size: usize,
}

// SAFETY: the memory belongs to an object that only this value refers to, and is reached through `&mut` alone.
unsafe impl Send for NewBytes {}
// SAFETY: as above.
unsafe impl Sync for NewBytes {}

impl NewBytes {
    pub fn new(py: Python<'_>, size: usize) -> PyResult<Self> {
        if size > MOST {
            return Err(PyOverflowError::new_err("byte string is too large"));
        }
        let length = ffi::Py_ssize_t::try_from(size).map_err(|_| pyo3::exceptions::PyMemoryError::new_err(()))?;
        // SAFETY: with a null pointer the object is made and left uninitialised; its memory lasts as long as it.
        unsafe {
            let object = Bound::from_owned_ptr_or_err(py, ffi::PyBytes_FromStringAndSize(std::ptr::null(), length))?;
            let memory = ffi::PyBytes_AsString(object.as_ptr()).cast::<u8>();
            if size >= HUGE {
                rapfiles_core::whole::prefer_huge_pages(memory, size);
            }
            Ok(Self { object: object.unbind(), memory, size })
        }
    }

    pub fn memory(&mut self) -> &mut [u8] {
        // SAFETY: `size` bytes of an object that is ours alone. They are written before they are read.
        unsafe { std::slice::from_raw_parts_mut(self.memory, self.size) }
    }

    /// The bytes object, of the first `size` bytes.
    pub fn finish(self, py: Python<'_>, size: usize) -> PyResult<Py<PyAny>> {
        if size == self.size {
            return Ok(self.object);
        }
        if size < self.size / 2 {
            // SAFETY: that many bytes were written.
            let bytes = unsafe { std::slice::from_raw_parts(self.memory, size) };
            return Ok(PyBytes::new(py, bytes).into_any().unbind());
        }
        let mut raw = self.object.into_ptr();
        // SAFETY: we hold the only reference, as resizing wants; on failure it sets an error and clears `raw`.
        unsafe {
            if _PyBytes_Resize(&raw mut raw, ffi::Py_ssize_t::try_from(size).unwrap_or(0)) != 0 {
                return Err(PyErr::fetch(py));
            }
            Ok(Bound::from_owned_ptr(py, raw).unbind())
        }
    }
}

impl rapfiles_core::batch::Memory for NewBytes {
    fn memory(&mut self) -> &mut [u8] {
        Self::memory(self)
    }
}

/// Bytes of a Python object, held for as long as a worker may read them.
pub struct Borrowed {
    memory: *const u8,
    size: usize,
    _owner: Owner,
}

enum Owner {
    Object(#[allow(dead_code)] Py<PyAny>),
    Buffer(#[allow(dead_code)] PyUntypedBuffer),
}

// SAFETY: bytes and str never change; a buffer's memory stays where it is while the export lasts.
unsafe impl Send for Borrowed {}
// SAFETY: as above; it is only read.
unsafe impl Sync for Borrowed {}

impl Borrowed {
    /// The bytes of any object with a buffer.
    pub fn of_buffer(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        if let Ok(bytes) = object.cast_exact::<PyBytes>() {
            let memory = bytes.as_bytes();
            let owner = Owner::Object(object.clone().unbind());
            return Ok(Self { memory: memory.as_ptr(), size: memory.len(), _owner: owner });
        }
        let buffer = contiguous(object)?;
        let (memory, size) = (buffer.buf_ptr().cast_const().cast(), buffer.len_bytes());
        Ok(Self { memory, size, _owner: Owner::Buffer(buffer) })
    }

    /// The UTF-8 of a str, which it keeps for itself.
    pub fn of_str(text: &Bound<'_, PyString>) -> PyResult<Self> {
        let memory = text.to_str()?;
        let owner = Owner::Object(text.clone().into_any().unbind());
        Ok(Self { memory: memory.as_ptr(), size: memory.len(), _owner: owner })
    }

    /// The bytes of a str in some encoding.
    pub fn of_text(text: &Bound<'_, PyString>, encoding: &str, errors: &str) -> PyResult<Self> {
        match text.to_str() {
            Ok(_) if encoding == "utf-8" => Self::of_str(text),
            _ => Self::of_buffer(&text.call_method1("encode", (encoding, errors))?),
        }
    }

    pub fn as_slice(&self) -> &[u8] {
        if self.size == 0 {
            return &[];
        }
        // SAFETY: see the fields' owner.
        unsafe { std::slice::from_raw_parts(self.memory, self.size) }
    }
}

impl AsRef<[u8]> for Borrowed {
    fn as_ref(&self) -> &[u8] {
        self.as_slice()
    }
}

/// A writable buffer of the caller's that a worker fills.
pub struct Target {
    buffer: PyUntypedBuffer,
}

// SAFETY: as for `Borrowed`; who shares a buffer with a read under way gets what it asked for.
unsafe impl Send for Target {}
// SAFETY: reached through `&mut` alone.
unsafe impl Sync for Target {}

impl Target {
    pub fn new(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        let buffer = contiguous(object)?;
        if buffer.readonly() {
            return Err(PyBufferError::new_err("read-only buffer"));
        }
        Ok(Self { buffer })
    }

    pub fn memory(&mut self) -> &mut [u8] {
        let size = self.buffer.len_bytes();
        if size == 0 {
            return &mut [];
        }
        // SAFETY: contiguous, writable and exported until this value goes.
        unsafe { std::slice::from_raw_parts_mut(self.buffer.buf_ptr().cast(), size) }
    }
}

fn contiguous(object: &Bound<'_, PyAny>) -> PyResult<PyUntypedBuffer> {
    let buffer = PyUntypedBuffer::get(object)?;
    if !buffer.is_c_contiguous() {
        return Err(PyBufferError::new_err("memoryview: underlying buffer is not C-contiguous"));
    }
    Ok(buffer)
}
