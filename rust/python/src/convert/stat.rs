//! `os.stat_result` and `os.statvfs_result` from what the kernel says.

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use rapfiles_core::fs::stat::Status;
use rapfiles_core::fs::statvfs::Figures;

/// A named tuple of the standard library's.
struct Named {
    name: &'static str,
    class: PyOnceLock<Py<PyAny>>,
}

/// A named tuple that is being filled.
struct Filling<'py> {
    tuple: Bound<'py, PyAny>,
}

impl Named {
    const fn new(name: &'static str) -> Self {
        Self { name, class: PyOnceLock::new() }
    }

    fn empty<'py>(&self, py: Python<'py>) -> PyResult<Filling<'py>> {
        let class = self.class.get_or_try_init(py, || py.import("os")?.getattr(self.name).map(Bound::unbind))?;
        // SAFETY: the class is one of named tuples.
        let tuple = unsafe { Bound::from_owned_ptr_or_err(py, ffi::PyStructSequence_New(class.as_ptr().cast()))? };
        Ok(Filling { tuple })
    }
}

impl Filling<'_> {
    /// Takes the reference; a null is an error that `finish` finds.
    fn set(&self, at: usize, value: *mut ffi::PyObject) {
        // SAFETY: the tuple is new and known to nobody else, and each field is set once.
        unsafe { ffi::PyStructSequence_SetItem(self.tuple.as_ptr(), at.cast_signed(), value) }
    }

    fn number(&self, at: usize, value: u64) {
        // SAFETY: makes a new int.
        self.set(at, unsafe { ffi::PyLong_FromUnsignedLongLong(value) });
    }

    fn signed(&self, at: usize, value: i64) {
        // SAFETY: makes a new int.
        self.set(at, unsafe { ffi::PyLong_FromLongLong(value) });
    }

    fn user(&self, at: usize, id: u32) {
        // "No user" is -1.
        self.signed(at, if id == u32::MAX { -1 } else { i64::from(id) });
    }

    fn finish(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        if PyErr::occurred(py) { Err(PyErr::fetch(py)) } else { Ok(self.tuple.unbind()) }
    }
}

/// A real `os.stat_result`, field by field as the standard library fills it on Linux.
pub fn stat_result(py: Python<'_>, status: &Status) -> PyResult<Py<PyAny>> {
    static CLASS: Named = Named::new("stat_result");
    let result = CLASS.empty(py)?;
    result.number(0, u64::from(status.mode));
    result.number(1, status.inode);
    result.number(2, status.device);
    result.number(3, status.links);
    result.user(4, status.uid);
    result.user(5, status.gid);
    result.number(6, status.size);
    for (at, time) in [status.atime, status.mtime, status.ctime].into_iter().enumerate() {
        result.signed(7 + at, time.0);
        // SAFETY: makes a new float.
        result.set(10 + at, unsafe { ffi::PyFloat_FromDouble(seconds(time)) });
        let total = i128::from(time.0) * 1_000_000_000 + i128::from(time.1);
        match i64::try_from(total) {
            Ok(total) => result.signed(13 + at, total),
            Err(_) => result.set(13 + at, total.into_pyobject(py)?.into_ptr()),
        }
    }
    result.number(16, u64::from(status.block_size));
    result.number(17, status.blocks);
    result.number(18, status.rdev);
    result.finish(py)
}

/// A time as a float, rounded as the standard library does it.
#[allow(clippy::cast_precision_loss)]
pub fn seconds((whole, nanoseconds): (i64, u32)) -> f64 {
    whole as f64 + 1e-9 * f64::from(nanoseconds)
}

/// A real `os.statvfs_result`.
pub fn statvfs_result(py: Python<'_>, figures: &Figures) -> PyResult<Py<PyAny>> {
    static CLASS: Named = Named::new("statvfs_result");
    let result = CLASS.empty(py)?;
    let numbers = [
        figures.block_size,
        figures.fragment_size,
        figures.blocks,
        figures.blocks_free,
        figures.blocks_available,
        figures.files,
        figures.files_free,
        figures.files_available,
        figures.flags,
        figures.longest_name,
        figures.id,
    ];
    for (at, number) in numbers.into_iter().enumerate() {
        result.number(at, number);
    }
    result.finish(py)
}
