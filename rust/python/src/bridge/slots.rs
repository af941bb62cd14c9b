//! Slots of the awaitable that `PyO3` doesn't write: `am_send`, which returns a value without raising `StopIteration`,
//! `tp_iternext`, which interpreters from 3.12 on use when nothing is sent.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

use pyo3::prelude::*;
use pyo3::{PyTypeInfo, ffi};

use super::operation::{Next, Operation};

/// Puts the slots in place; called once, while the module is made.
pub fn install(py: Python<'_>) {
    let class = Operation::type_object_raw(py);
    // SAFETY: the type is complete and ours; a class with `__await__` has the table of async slots.
    unsafe {
        (*class).tp_iter = Some(itself);
        (*class).tp_iternext = Some(iternext);
        if let Some(slots) = (*class).tp_as_async.as_mut() {
            slots.am_await = Some(itself);
            slots.am_send = Some(send);
        }
    }
}

/// `StopIteration(value)`, also for values that its constructor would take apart.
pub fn stop_iteration(py: Python<'_>, value: Py<PyAny>) -> PyErr {
    match pyo3::exceptions::PyStopIteration::type_object(py).call1((value,)) {
        Ok(exception) => PyErr::from_value(exception),
        Err(error) => error,
    }
}

/// Ends an iterator with a value, of which the reference is taken over.
///
/// # Safety
/// `value` is a valid object.
pub unsafe fn raise_stop_iteration(py: Python<'_>, value: *mut ffi::PyObject) {
    // SAFETY: see above.
    unsafe {
        if value == ffi::Py_None() {
            // Without an exception it is StopIteration(None).
            ffi::Py_DECREF(value);
        } else if ffi::PyTuple_Check(value) != 0 || ffi::PyExceptionInstance_Check(value) != 0 {
            stop_iteration(py, Bound::from_owned_ptr(py, value).unbind()).restore(py);
        } else {
            ffi::PyErr_SetObject(ffi::PyExc_StopIteration, value);
            ffi::Py_DECREF(value);
        }
    }
}

unsafe extern "C" fn itself(slf: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: a valid object.
    unsafe { ffi::Py_NewRef(slf) }
}

/// One step, with panics as errors: none may pass through the interpreter.
///
/// # Safety
/// `slf` is an `Operation` and the interpreter is attached, as in every slot. It should be so through `PyO3`, which
/// otherwise keeps back the references that are dropped.
unsafe fn step(slf: *mut ffi::PyObject) -> PyResult<Next> {
    // SAFETY: see above.
    let (py, slf) = unsafe {
        let py = Python::assume_attached();
        (py, Bound::from_borrowed_ptr(py, slf).cast_into_unchecked::<Operation>())
    };
    super::check(py);
    catch_unwind(AssertUnwindSafe(|| Operation::advance(&slf))).unwrap_or_else(|_| Err(super::internal_error()))
}

/// Runs with the interpreter attached, as it is in every slot, and known to be so: otherwise `PyO3` keeps back the
/// references that are dropped.
#[inline]
fn attached<R>(run: impl Fn(Python<'_>) -> R) -> R {
    // While the interpreter ends nothing more can be attached, but what is goes on.
    // SAFETY: see above.
    Python::try_attach(&run).unwrap_or_else(|| run(unsafe { Python::assume_attached() }))
}

unsafe extern "C" fn send(
    slf: *mut ffi::PyObject,
    _value: *mut ffi::PyObject,
    result: *mut *mut ffi::PyObject,
) -> ffi::PySendResult {
    // SAFETY: called by the interpreter with our object and a place for the result.
    attached(|py| unsafe {
        match step(slf) {
            Ok(Next::Return(value)) => {
                *result = value.into_ptr();
                ffi::PySendResult::PYGEN_RETURN
            }
            Ok(Next::Yield(future)) => {
                *result = future.into_ptr();
                ffi::PySendResult::PYGEN_NEXT
            }
            Err(error) => {
                *result = ptr::null_mut();
                error.restore(py);
                ffi::PySendResult::PYGEN_ERROR
            }
        }
    })
}

unsafe extern "C" fn iternext(slf: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: called by the interpreter with our object.
    attached(|py| unsafe {
        match step(slf) {
            Ok(Next::Yield(future)) => return future.into_ptr(),
            Ok(Next::Return(value)) => raise_stop_iteration(py, value.into_ptr()),
            Err(error) => error.restore(py),
        }
        ptr::null_mut()
    })
}
