//! Native coroutine functions: `inspect.iscoroutinefunction` says yes, calls go straight to Rust.
//!
//! In Python one writes the signature and the docstring, and says what does the work:
//!
//! ```python
//! @native("read")
//! async def read(self, size: int = -1, /) -> bytes:
//!     """Read at most size bytes."""
//! ```
//!
//! The template's code object is what `inspect` looks at; it is never run.

use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

use pyo3::exceptions::PyTypeError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

use super::method::Verb;
use super::operation::{Call, Operation};

/// The object behind `@native`.
#[repr(C)]
struct Function {
    head: ffi::PyObject,
    vectorcall: ffi::vectorcallfunc,
    dict: *mut ffi::PyObject,
    /// A method …
    verb: Option<&'static Verb>,
    /// … or any callable.
    target: *mut ffi::PyObject,
}

static TYPE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();

/// A coroutine function that looks as `template` and does what a callable does.
#[pyfunction]
fn native_function(template: &Bound<'_, PyAny>, work: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
    make(template, None, work.clone().into_ptr())
}

/// A coroutine function that looks as `template` and is a method.
pub fn native_method(template: &Bound<'_, PyAny>, verb: &'static Verb) -> PyResult<Py<PyAny>> {
    make(template, Some(verb), ptr::null_mut())
}

/// The reference to `target`, which may be null, is taken over.
fn make(template: &Bound<'_, PyAny>, verb: Option<&'static Verb>, target: *mut ffi::PyObject) -> PyResult<Py<PyAny>> {
    let py = template.py();
    let class = TYPE.get_or_try_init(py, || make_type(py))?;
    // SAFETY: the type is ours and its instances are `Function`s; all fields are set before anybody sees it.
    let function = unsafe {
        let class = class.as_ptr().cast::<ffi::PyTypeObject>();
        let raw = ffi::PyType_GenericAlloc(class, 0).cast::<Function>();
        if raw.is_null() {
            return Err(PyErr::fetch(py));
        }
        (&raw mut (*raw).vectorcall).write(if verb.is_some() { call_verb } else { call_target });
        (&raw mut (*raw).dict).write(ptr::null_mut());
        (&raw mut (*raw).verb).write(verb);
        (&raw mut (*raw).target).write(target);
        Bound::from_owned_ptr(py, raw.cast())
    };
    py.import("functools")?.call_method1("update_wrapper", (&function, template))?;
    for name in ["__code__", "__defaults__", "__kwdefaults__"] {
        function.setattr(name, template.getattr(name)?)?;
    }
    Ok(function.unbind())
}

/// `f.read(…)` with the object as first argument.
unsafe extern "C" fn call_verb(
    callable: *mut ffi::PyObject,
    args: *const *mut ffi::PyObject,
    nargsf: usize,
    kwnames: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: the interpreter calls with our object and `nargs` valid arguments.
    unsafe {
        let py = Python::assume_attached();
        super::check(py);
        let count = ffi::PyVectorcall_NARGS(nargsf).unsigned_abs();
        let args = if count == 0 { &[] } else { std::slice::from_raw_parts(args, count) };
        let Some(verb) = (*callable.cast::<Function>()).verb else { return ptr::null_mut() };
        let made = catch_unwind(AssertUnwindSafe(|| make_call(py, verb, args, kwnames)));
        returned(py, made.unwrap_or_else(|_| Err(super::internal_error())))
    }
}

/// # Safety
/// The pointers are valid objects, as in a vectorcall.
unsafe fn make_call(
    py: Python<'_>,
    verb: &'static Verb,
    args: &[*mut ffi::PyObject],
    kwnames: *mut ffi::PyObject,
) -> PyResult<Py<PyAny>> {
    // SAFETY: passed on.
    let get = |n: usize| args.get(n).map(|arg| unsafe { Bound::from_borrowed_ptr(py, *arg) });
    let object = get(0).ok_or_else(|| PyTypeError::new_err(format!("{}() is called on nothing", verb.name)))?;
    if !(verb.class.admit)(&object)? {
        // SAFETY: passed on; the keyword values follow the positional ones.
        return unsafe { delegate(py, verb, args, kwnames) };
    }
    if args.len() > 3 || !kwnames.is_null() {
        let message = format!("{}() takes at most 2 positional arguments", verb.name);
        return Err(PyTypeError::new_err(message));
    }
    let rest = [get(1).map(Bound::unbind), get(2).map(Bound::unbind)];
    Ok(Py::new(py, Operation::new(verb.name, Call::Method(verb, object.unbind(), rest)))?.into_any())
}

/// What stands in for a file is no file of ours: Python's part of the package takes over.
///
/// # Safety
/// The pointers are valid objects, as in a vectorcall.
unsafe fn delegate(
    py: Python<'_>,
    verb: &'static Verb,
    args: &[*mut ffi::PyObject],
    kwnames: *mut ffi::PyObject,
) -> PyResult<Py<PyAny>> {
    let name = pyo3::types::PyString::new(py, verb.name);
    let function = (verb.class.delegate)(py)?;
    // SAFETY: the positional ones lead, the keyword values follow, as `kwnames` says.
    unsafe {
        let keywords = if kwnames.is_null() { 0 } else { ffi::PyTuple_GET_SIZE(kwnames).unsigned_abs() };
        let values = std::slice::from_raw_parts(args.as_ptr().add(args.len()), keywords);
        let mut all = vec![args[0], name.as_ptr()];
        all.extend_from_slice(&args[1..]);
        all.extend_from_slice(values);
        let result = ffi::PyObject_Vectorcall(function.as_ptr(), all.as_ptr(), args.len() + 1, kwnames);
        Bound::from_owned_ptr_or_err(py, result).map(Bound::unbind)
    }
}

/// Any other function: the arguments go on as they came.
unsafe extern "C" fn call_target(
    callable: *mut ffi::PyObject,
    args: *const *mut ffi::PyObject,
    nargsf: usize,
    kwnames: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: passed on unchanged, but for the promise about args[-1], which is ours to keep.
    unsafe {
        super::check(Python::assume_attached());
        ffi::PyObject_Vectorcall((*callable.cast::<Function>()).target, args, nargsf, kwnames)
    }
}

unsafe extern "C" {
    fn PyMethod_New(function: *mut ffi::PyObject, instance: *mut ffi::PyObject) -> *mut ffi::PyObject;
}

/// Called on an instance, it is a method of it.
unsafe extern "C" fn bind(
    slf: *mut ffi::PyObject,
    instance: *mut ffi::PyObject,
    _class: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: called by the interpreter.
    unsafe {
        if instance.is_null() || instance == ffi::Py_None() {
            return ffi::Py_NewRef(slf);
        }
        PyMethod_New(slf, instance)
    }
}

unsafe extern "C" fn free(slf: *mut ffi::PyObject) {
    // SAFETY: the last reference is gone; the type is a heap type, which its instances hold.
    unsafe {
        ffi::PyObject_GC_UnTrack(slf.cast());
        let class = ffi::Py_TYPE(slf);
        let this = slf.cast::<Function>();
        ffi::Py_CLEAR(&raw mut (*this).dict);
        ffi::Py_CLEAR(&raw mut (*this).target);
        ffi::PyObject_GC_Del(slf.cast());
        ffi::Py_DECREF(class.cast());
    }
}

unsafe extern "C" fn traverse(slf: *mut ffi::PyObject, visit: ffi::visitproc, arg: *mut c_void) -> i32 {
    // SAFETY: called by the collector.
    unsafe {
        let this = slf.cast::<Function>();
        for part in [(*this).dict, (*this).target] {
            if !part.is_null() {
                let code = visit(part, arg);
                if code != 0 {
                    return code;
                }
            }
        }
        visit(ffi::Py_TYPE(slf).cast(), arg)
    }
}

fn make_type(py: Python<'_>) -> PyResult<Py<PyAny>> {
    let offset = |field: usize| ffi::Py_ssize_t::try_from(field).unwrap_or(0);
    let member = |name: &'static std::ffi::CStr, at: usize| ffi::PyMemberDef {
        name: name.as_ptr(),
        type_code: ffi::Py_T_PYSSIZET,
        offset: offset(at),
        flags: ffi::Py_READONLY,
        doc: ptr::null(),
    };
    // The interpreter keeps what these point to.
    let members = Box::leak(Box::new([
        member(c"__vectorcalloffset__", std::mem::offset_of!(Function, vectorcall)),
        member(c"__dictoffset__", std::mem::offset_of!(Function, dict)),
        ffi::PyMemberDef { name: ptr::null(), type_code: 0, offset: 0, flags: 0, doc: ptr::null() },
    ]));
    let getset = Box::leak(Box::new([
        ffi::PyGetSetDef {
            name: c"__dict__".as_ptr(),
            get: Some(ffi::PyObject_GenericGetDict),
            set: Some(ffi::PyObject_GenericSetDict),
            doc: ptr::null(),
            closure: ptr::null_mut(),
        },
        ffi::PyGetSetDef { name: ptr::null(), get: None, set: None, doc: ptr::null(), closure: ptr::null_mut() },
    ]));
    let slot = |slot, pfunc: *mut c_void| ffi::PyType_Slot { slot, pfunc };
    let slots = Box::leak(Box::new([
        slot(ffi::Py_tp_dealloc, free as *mut c_void),
        slot(ffi::Py_tp_traverse, traverse as *mut c_void),
        slot(ffi::Py_tp_call, ffi::PyVectorcall_Call as *mut c_void),
        slot(ffi::Py_tp_descr_get, bind as *mut c_void),
        slot(ffi::Py_tp_members, members.as_mut_ptr().cast()),
        slot(ffi::Py_tp_getset, getset.as_mut_ptr().cast()),
        slot(0, ptr::null_mut()),
    ]));
    let flags = ffi::Py_TPFLAGS_DEFAULT
        | ffi::Py_TPFLAGS_HAVE_GC
        | ffi::Py_TPFLAGS_HAVE_VECTORCALL
        | ffi::Py_TPFLAGS_METHOD_DESCRIPTOR;
    let spec = Box::leak(Box::new(ffi::PyType_Spec {
        name: c"rapfiles._rapfiles.native_function".as_ptr(),
        basicsize: i32::try_from(size_of::<Function>()).unwrap_or(0),
        itemsize: 0,
        flags: u32::try_from(flags).unwrap_or(0),
        slots: slots.as_mut_ptr(),
    }));
    // SAFETY: the specification is complete and lives as long as the process.
    unsafe { Bound::from_owned_ptr_or_err(py, ffi::PyType_FromSpec(spec)).map(Bound::unbind) }
}

fn returned(py: Python<'_>, made: PyResult<Py<PyAny>>) -> *mut ffi::PyObject {
    match made {
        Ok(object) => object.into_ptr(),
        Err(error) => {
            error.restore(py);
            ptr::null_mut()
        }
    }
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(native_function, module)?)
}
