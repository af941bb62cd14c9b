//! A function of `os`: native if its arguments are of the usual kinds, the standard library's own otherwise.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

use pyo3::exceptions::PyLookupError;
use pyo3::ffi;
use pyo3::prelude::*;
use rapfiles_core::engine::metrics::Meter;

use super::args::{Args, MOST};
use crate::bridge::{self, Act, Call, Operation};

/// An operation, or None if the standard library has to be asked.
pub type Started = Option<Box<dyn Act>>;

/// A function of `os` or `os.path`.
pub struct Function {
    name: &'static str,
    /// What its parameters are called …
    parameters: &'static [&'static str],
    /// … and how many of them may be given by place.
    positional: usize,
    start: fn(&Args<'_, '_>) -> Started,
    pub meter: Meter,
}

impl Function {
    pub const fn new(
        name: &'static str,
        positional: usize,
        parameters: &'static [&'static str],
        start: fn(&Args<'_, '_>) -> Started,
    ) -> Self {
        assert!(parameters.len() <= MOST && positional <= parameters.len());
        Self { name, parameters, positional, start, meter: Meter::new(name) }
    }

    /// The place of a keyword; None for those that mean the standard library's function, and for unknown ones.
    fn place(&self, keyword: &str) -> Option<usize> {
        self.parameters.iter().position(|parameter| *parameter == keyword)
    }
}

/// A function and who stands in for it.
#[pyclass(frozen, module = "rapfiles._rapfiles")]
struct Native {
    function: &'static Function,
    fallback: Py<PyAny>,
}

/// A function of `os` or `os.path` by its name; `fallback` is a coroutine function that does the same, and also takes
/// `loop` and `executor`.
#[pyfunction]
fn os_function(py: Python<'_>, name: &str, fallback: Py<PyAny>) -> PyResult<Py<PyAny>> {
    struct Definition(ffi::PyMethodDef);
    // SAFETY: it is only read.
    unsafe impl Sync for Definition {}
    static DEFINITION: Definition = Definition(ffi::PyMethodDef {
        ml_name: c"os_function".as_ptr(),
        ml_meth: ffi::PyMethodDefPointer { PyCFunctionFastWithKeywords: call },
        ml_flags: ffi::METH_FASTCALL | ffi::METH_KEYWORDS,
        ml_doc: ptr::null(),
    });
    // What is known here of results and errors is known of Linux.
    if !cfg!(target_os = "linux") {
        return Ok(fallback);
    }
    let found = super::functions().find(|function| function.name == name);
    let function = found.ok_or_else(|| PyLookupError::new_err(name.to_owned()))?;
    let native = Py::new(py, Native { function, fallback })?;
    // SAFETY: the definition lives for ever, and is not written to.
    unsafe {
        let definition = (&raw const DEFINITION.0).cast_mut();
        let made = ffi::PyCFunction_NewEx(definition, native.as_ptr(), ptr::null_mut());
        Bound::from_owned_ptr_or_err(py, made).map(Bound::unbind)
    }
}

unsafe extern "C" fn call(
    slf: *mut ffi::PyObject,
    args: *const *mut ffi::PyObject,
    count: ffi::Py_ssize_t,
    keywords: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: the interpreter calls with the object above and valid arguments; the keywords' values come last.
    unsafe {
        let py = Python::assume_attached();
        let native = Bound::from_borrowed_ptr(py, slf).cast_into_unchecked::<Native>();
        let native = native.get();
        let made = catch_unwind(AssertUnwindSafe(|| start(py, native.function, args, count.unsigned_abs(), keywords)));
        match made.unwrap_or_else(|_| Err(bridge::internal_error())) {
            Ok(Some(operation)) => operation.into_ptr(),
            Ok(None) => ffi::PyObject_Vectorcall(native.fallback.as_ptr(), args, count.unsigned_abs(), keywords),
            Err(error) => {
                error.restore(py);
                ptr::null_mut()
            }
        }
    }
}

/// # Safety
/// As in a vectorcall.
unsafe fn start(
    py: Python<'_>,
    function: &'static Function,
    args: *const *mut ffi::PyObject,
    count: usize,
    keywords: *mut ffi::PyObject,
) -> PyResult<Option<Py<Operation>>> {
    if count > function.positional {
        return Ok(None);
    }
    let mut given = Args::new(py, &function.meter);
    // SAFETY: passed on.
    unsafe {
        for place in 0..count {
            given.set(place, *args.add(place));
        }
        if !keywords.is_null() {
            for at in 0..ffi::PyTuple_GET_SIZE(keywords).unsigned_abs() {
                let keyword = Bound::from_borrowed_ptr(py, ffi::PyTuple_GET_ITEM(keywords, at.cast_signed()));
                let value = *args.add(count + at);
                let Ok(keyword) = keyword.extract::<&str>() else { return Ok(None) };
                match function.place(keyword) {
                    Some(place) if given.set(place, value) => {}
                    None if matches!(keyword, "loop" | "executor") && value == ffi::Py_None() => {}
                    _ => return Ok(None),
                }
            }
        }
    }
    match (function.start)(&given) {
        Some(act) => Py::new(py, Operation::new(function.name, Call::Act(act))).map(Some),
        None => Ok(None),
    }
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(os_function, module)?)
}
