//! The awaitable of `__anext__`: an item that lies ready costs no more than a method call.
//!
//! As every awaitable here it does nothing before it is awaited, so an item is never taken for nobody. The objects
//! are used again and again; the type is written by hand because this is the hottest place of all.

use std::cell::UnsafeCell;
use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

use super::operation::Operation;

/// Where items come from.
pub struct Source {
    /// An item that needs no waiting. Called with the object that is iterated over.
    pub ready: fn(&Bound<'_, PyAny>) -> Option<PyResult<Py<PyAny>>>,
    /// The operation that fetches one.
    pub fetch: fn(&Bound<'_, PyAny>) -> PyResult<Py<Operation>>,
}

#[repr(C)]
struct Next {
    head: ffi::PyObject,
    source: &'static Source,
    /// What is iterated over; null when the item was handed out.
    owner: *mut ffi::PyObject,
    /// The operation that fetches the item, if it takes one.
    operation: *mut ffi::PyObject,
}

/// Objects to be used again.
const KEPT: usize = 64;

struct Free(UnsafeCell<(usize, [*mut Next; KEPT])>);

// SAFETY: reached only with the GIL, which the module declares that it needs.
unsafe impl Sync for Free {}

static FREE: Free = Free(UnsafeCell::new((0, [ptr::null_mut(); KEPT])));
static TYPE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();

/// The awaitable of the next item of `owner`.
#[inline]
pub fn next(owner: Bound<'_, PyAny>, source: &'static Source) -> PyResult<Py<PyAny>> {
    let py = owner.py();
    // SAFETY: the object is of our type, and all its fields are set.
    unsafe {
        let (count, kept) = &mut *FREE.0.get();
        let object = if *count > 0 {
            *count -= 1;
            let object = kept[*count];
            let class = TYPE.get(py).map_or(ptr::null_mut(), Py::as_ptr);
            ffi::PyObject_Init(object.cast(), class.cast());
            object
        } else {
            allocate(py)?
        };
        (&raw mut (*object).source).write(source);
        (&raw mut (*object).owner).write(owner.into_ptr());
        (&raw mut (*object).operation).write(ptr::null_mut());
        Ok(Bound::from_owned_ptr(py, object.cast()).unbind())
    }
}

#[cold]
fn allocate(py: Python<'_>) -> PyResult<*mut Next> {
    let class = TYPE.get_or_try_init(py, || make_type(py))?;
    // SAFETY: the type is ours; a null result has set an exception.
    unsafe {
        let object = ffi::PyType_GenericAlloc(class.as_ptr().cast(), 0).cast::<Next>();
        if object.is_null() { Err(PyErr::fetch(py)) } else { Ok(object) }
    }
}

unsafe extern "C" fn free(slf: *mut ffi::PyObject) {
    // SAFETY: the last reference is gone. An object that is kept is initialised again when it is taken.
    unsafe {
        let class = ffi::Py_TYPE(slf);
        let this = slf.cast::<Next>();
        ffi::Py_CLEAR(&raw mut (*this).owner);
        ffi::Py_CLEAR(&raw mut (*this).operation);
        let (count, kept) = &mut *FREE.0.get();
        if *count < KEPT {
            kept[*count] = this;
            *count += 1;
        } else {
            ffi::PyObject_Free(slf.cast());
        }
        ffi::Py_DECREF(class.cast());
    }
}

unsafe extern "C" fn itself(slf: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: a valid object.
    unsafe { ffi::Py_NewRef(slf) }
}

unsafe extern "C" fn send(
    slf: *mut ffi::PyObject,
    value: *mut ffi::PyObject,
    result: *mut *mut ffi::PyObject,
) -> ffi::PySendResult {
    // SAFETY: called by the interpreter with our object and a place for the result.
    unsafe {
        let this = slf.cast::<Next>();
        if !(*this).operation.is_null() {
            return ffi::PyIter_Send((*this).operation, value, result);
        }
        let py = Python::assume_attached();
        super::check(py);
        match catch_unwind(AssertUnwindSafe(|| take(py, this))) {
            Ok(Ok(Some(item))) => {
                *result = item.into_ptr();
                ffi::PySendResult::PYGEN_RETURN
            }
            Ok(Ok(None)) => ffi::PyIter_Send((*this).operation, value, result),
            failed => {
                if let Err(error) = failed.unwrap_or_else(|_| Err(super::internal_error())) {
                    error.restore(py);
                }
                *result = ptr::null_mut();
                ffi::PySendResult::PYGEN_ERROR
            }
        }
    }
}

/// An item that is ready; None when an operation was put in place to fetch it.
///
/// # Safety
/// `this` is one of our objects.
unsafe fn take(py: Python<'_>, this: *mut Next) -> PyResult<Option<Py<PyAny>>> {
    // SAFETY: the fields are valid or null.
    unsafe {
        let owner = Bound::from_borrowed_ptr_or_opt(py, (*this).owner)
            .ok_or_else(|| pyo3::exceptions::PyRuntimeError::new_err("cannot reuse already awaited coroutine"))?;
        let source = (*this).source;
        if let Some(item) = (source.ready)(&owner) {
            ffi::Py_CLEAR(&raw mut (*this).owner);
            return item.map(Some);
        }
        (*this).operation = (source.fetch)(&owner)?.into_ptr();
        ffi::Py_CLEAR(&raw mut (*this).owner);
        Ok(None)
    }
}

unsafe extern "C" fn iternext(slf: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: passed on.
    unsafe {
        let mut result = ptr::null_mut();
        match send(slf, ffi::Py_None(), &raw mut result) {
            ffi::PySendResult::PYGEN_NEXT => result,
            ffi::PySendResult::PYGEN_ERROR => ptr::null_mut(),
            ffi::PySendResult::PYGEN_RETURN => {
                super::slots::raise_stop_iteration(Python::assume_attached(), result);
                ptr::null_mut()
            }
        }
    }
}

unsafe extern "C" fn send_method(slf: *mut ffi::PyObject, _value: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: passed on.
    unsafe { iternext(slf) }
}

/// An operation in flight is told; otherwise nothing was taken and nothing is lost.
unsafe extern "C" fn throw(slf: *mut ffi::PyObject, args: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: passed on; without an operation an empty one takes the exception and raises it.
    unsafe {
        let this = slf.cast::<Next>();
        let py = Python::assume_attached();
        ffi::Py_CLEAR(&raw mut (*this).owner);
        if (*this).operation.is_null() {
            match Operation::known(py, "__anext__", Ok(py.None())) {
                Ok(operation) => (*this).operation = operation.into_ptr(),
                Err(error) => {
                    error.restore(py);
                    return ptr::null_mut();
                }
            }
        }
        let throw = ffi::PyObject_GetAttrString((*this).operation, c"throw".as_ptr());
        if throw.is_null() {
            return ptr::null_mut();
        }
        let result = ffi::PyObject_Call(throw, args, ptr::null_mut());
        ffi::Py_DECREF(throw);
        result
    }
}

unsafe extern "C" fn close(slf: *mut ffi::PyObject, _none: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: passed on.
    unsafe {
        let this = slf.cast::<Next>();
        ffi::Py_CLEAR(&raw mut (*this).owner);
        if (*this).operation.is_null() {
            return ffi::Py_NewRef(ffi::Py_None());
        }
        ffi::PyObject_CallMethodNoArgs((*this).operation, ffi::PyUnicode_InternFromString(c"close".as_ptr()))
    }
}

fn make_type(py: Python<'_>) -> PyResult<Py<PyAny>> {
    let method = |name: &'static std::ffi::CStr, function: ffi::PyCFunction, flags| ffi::PyMethodDef {
        ml_name: name.as_ptr(),
        ml_meth: ffi::PyMethodDefPointer { PyCFunction: function },
        ml_flags: flags,
        ml_doc: ptr::null(),
    };
    // The interpreter keeps what these point to.
    let methods = Box::leak(Box::new([
        method(c"send", send_method, ffi::METH_O),
        method(c"throw", throw, ffi::METH_VARARGS),
        method(c"close", close, ffi::METH_NOARGS),
        ffi::PyMethodDef::zeroed(),
    ]));
    let slot = |slot, pfunc: *mut c_void| ffi::PyType_Slot { slot, pfunc };
    let slots = Box::leak(Box::new([
        slot(ffi::Py_tp_dealloc, free as *mut c_void),
        slot(ffi::Py_am_await, itself as *mut c_void),
        slot(ffi::Py_am_send, send as *mut c_void),
        slot(ffi::Py_tp_iter, itself as *mut c_void),
        slot(ffi::Py_tp_iternext, iternext as *mut c_void),
        slot(ffi::Py_tp_methods, methods.as_mut_ptr().cast()),
        slot(0, ptr::null_mut()),
    ]));
    let flags = ffi::Py_TPFLAGS_DEFAULT | ffi::Py_TPFLAGS_DISALLOW_INSTANTIATION;
    let spec = Box::leak(Box::new(ffi::PyType_Spec {
        name: c"rapfiles._rapfiles.Next".as_ptr(),
        basicsize: i32::try_from(size_of::<Next>()).unwrap_or(0),
        itemsize: 0,
        flags: u32::try_from(flags).unwrap_or(0),
        slots: slots.as_mut_ptr(),
    }));
    // SAFETY: the specification is complete and lives as long as the process.
    unsafe { Bound::from_owned_ptr_or_err(py, ffi::PyType_FromSpec(spec)).map(Bound::unbind) }
}
