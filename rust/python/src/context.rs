//! What `open` returns: to be awaited, or entered with `async with`.

use std::ptr;

use pyo3::exceptions::{PyRuntimeError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::PyType;
use pyo3::{PyTypeInfo, ffi, intern};

use crate::bridge::{Call, Operation, raise_stop_iteration, stop_iteration};
use crate::file::{self, Handle};

/// Awaits something once, remembers it, closes it on the way out.
#[pyclass(subclass, weakref, module = "rapfiles._rapfiles")]
pub struct OpenContext {
    #[pyo3(get, set, name = "_coro")]
    coro: Py<PyAny>,
    #[pyo3(get, set, name = "_obj")]
    obj: Option<Py<PyAny>>,
    /// `coro.__await__()`, from the first step on.
    steps: Option<Py<PyAny>>,
}

#[pymethods]
impl OpenContext {
    #[new]
    fn new(coro: Py<PyAny>) -> Self {
        Self { coro, obj: None, steps: None }
    }

    fn __await__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    /// For subclasses that were not given the slots.
    fn __next__(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
        let mut result = ptr::null_mut();
        let py = slf.py();
        // SAFETY: the slot, called as the interpreter would; a result is a new reference.
        unsafe {
            match send(slf.as_ptr(), ffi::Py_None(), &raw mut result) {
                ffi::PySendResult::PYGEN_NEXT => Ok(Bound::from_owned_ptr(py, result).unbind()),
                ffi::PySendResult::PYGEN_ERROR => Err(PyErr::fetch(py)),
                ffi::PySendResult::PYGEN_RETURN => Err(stop_iteration(py, Bound::from_owned_ptr(py, result).unbind())),
            }
        }
    }

    fn __aenter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __aexit__<'py>(
        slf: &Bound<'py, Self>,
        kind: &Bound<'py, PyAny>,
        value: &Bound<'py, PyAny>,
        traceback: &Bound<'py, PyAny>,
    ) -> PyResult<Py<PyAny>> {
        let py = slf.py();
        let obj = slf.borrow_mut().obj.take().map(|obj| obj.into_bound(py));
        let Some(obj) = obj else { return Err(PyRuntimeError::new_err("this context was not entered")) };
        if let Ok(handle) = obj.cast::<Handle>()
            && handle.borrow().is_native()
        {
            return close(handle);
        }
        let delegate = file::classes(py)?.delegate.bind(py);
        Ok(delegate.call1((obj, "__exit__", kind, value, traceback))?.unbind())
    }

    #[pyo3(signature = (*exception))]
    fn throw<'py>(slf: &Bound<'py, Self>, exception: &Bound<'py, pyo3::types::PyTuple>) -> PyResult<Bound<'py, PyAny>> {
        steps(slf)?.call_method1("throw", exception)
    }

    fn close(slf: &Bound<'_, Self>) -> PyResult<()> {
        slf.borrow().coro.bind(slf.py()).call_method0("close").map(drop)
    }
}

fn close(handle: &Bound<'_, Handle>) -> PyResult<Py<PyAny>> {
    let py = handle.py();
    let Some(verb) = file::verb("close") else { return Ok(py.None()) };
    let call = Call::Method(verb, handle.clone().into_any().unbind(), [None, None]);
    Ok(Py::new(py, Operation::new("__aexit__", call))?.into_any())
}

fn steps<'py>(slf: &Bound<'py, OpenContext>) -> PyResult<Bound<'py, PyAny>> {
    let py = slf.py();
    if let Some(steps) = &slf.borrow().steps {
        return Ok(steps.bind(py).clone());
    }
    let coro = slf.borrow().coro.bind(py).clone();
    let steps = if coro.is_instance_of::<Operation>() { coro } else { coro.call_method0(intern!(py, "__await__"))? };
    slf.borrow_mut().steps = Some(steps.clone().unbind());
    Ok(steps)
}

/// # Safety
/// A slot: `slf` is an `OpenContext`.
unsafe extern "C" fn send(
    slf: *mut ffi::PyObject,
    value: *mut ffi::PyObject,
    result: *mut *mut ffi::PyObject,
) -> ffi::PySendResult {
    // SAFETY: called by the interpreter with our object and a place for the result.
    unsafe {
        let py = Python::assume_attached();
        crate::bridge::check(py);
        let slf = Bound::from_borrowed_ptr(py, slf).cast_into_unchecked::<OpenContext>();
        if let Some(obj) = &slf.borrow().obj {
            *result = obj.clone_ref(py).into_ptr();
            return ffi::PySendResult::PYGEN_RETURN;
        }
        let steps = match steps(&slf) {
            Ok(steps) => steps,
            Err(error) => {
                *result = ptr::null_mut();
                error.restore(py);
                return ffi::PySendResult::PYGEN_ERROR;
            }
        };
        let outcome = ffi::PyIter_Send(steps.as_ptr(), value, result);
        if matches!(outcome, ffi::PySendResult::PYGEN_RETURN) {
            slf.borrow_mut().obj = Some(Bound::from_borrowed_ptr(py, *result).unbind());
        }
        outcome
    }
}

unsafe extern "C" fn iternext(slf: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: called by the interpreter with our object.
    unsafe {
        let mut result = ptr::null_mut();
        match send(slf, ffi::Py_None(), &raw mut result) {
            ffi::PySendResult::PYGEN_NEXT => result,
            ffi::PySendResult::PYGEN_ERROR => ptr::null_mut(),
            ffi::PySendResult::PYGEN_RETURN => {
                raise_stop_iteration(Python::assume_attached(), result);
                ptr::null_mut()
            }
        }
    }
}

/// Gives a subclass the slots, which it doesn't inherit from a class that was changed after it was made.
#[pyfunction]
fn install_slots(subclass: &Bound<'_, PyType>) -> PyResult<()> {
    if !subclass.is_subclass_of::<OpenContext>()? {
        return Err(PyTypeError::new_err("not a class of open contexts"));
    }
    install(subclass.as_type_ptr());
    Ok(())
}

fn install(class: *mut ffi::PyTypeObject) {
    // SAFETY: a complete class of ours or below ours; one with `__await__` has the table of async slots.
    unsafe {
        (*class).tp_iternext = Some(iternext);
        if let Some(slots) = (*class).tp_as_async.as_mut() {
            slots.am_send = Some(send);
        }
    }
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<OpenContext>()?;
    install(OpenContext::type_object_raw(module.py()));
    module.add_function(wrap_pyfunction!(install_slots, module)?)
}
