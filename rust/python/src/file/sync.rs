//! What handles answer without being awaited: properties, misuse, giving the descriptor away.

use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList};

use super::handle::{Handle, Place};
use crate::bridge::Args;
use crate::convert::path::PathArg;

/// The exception that the standard library raises for such a call.
pub fn misuse(this: &Bound<'_, Handle>, name: &str, args: Args) -> PyErr {
    match ask(this, name, args) {
        Ok(_) => PyValueError::new_err(format!("{name}: not possible on this file")),
        Err(error) => error,
    }
}

/// What the standard library makes of such a call, where that needn't be an exception: no lines are written to any
/// file, nothing is read from one that can't be read, a closed one is closed again, or knows without a look at itself
/// what it can't do.
pub fn harmless(this: &Bound<'_, Handle>, name: &str, args: Args) -> PyResult<Py<PyAny>> {
    let closed = matches!(this.borrow().place, Place::Closed | Place::Detached);
    let unread = closed || !this.borrow().info()?.parsed.readable;
    match name {
        "close" | "writelines" | "readable" | "writable" => ask(this, name, args),
        "readline" if unread => ask(this, name, args),
        _ => Err(misuse(this, name, args)),
    }
}

fn ask(this: &Bound<'_, Handle>, name: &str, args: Args) -> PyResult<Py<PyAny>> {
    let py = this.py();
    let (kind, state, mode) = {
        let this = this.borrow();
        let state = match this.place {
            Place::Closed => "closed",
            Place::Detached => "detached",
            _ if this.info()?.seekable => "open",
            _ => "stream",
        };
        (this.info()?.kind.name(), state, this.info()?.parsed.raw_name())
    };
    let args = PyList::new(py, args.into_iter().flatten())?;
    Ok(super::classes(py)?.misuse.bind(py).call1((kind, state, mode, name, args))?.unbind())
}

/// Whether the file is closed; `ValueError` once it is detached.
#[pyfunction]
fn handle_closed(this: &Bound<'_, Handle>) -> PyResult<bool> {
    if matches!(this.borrow().place, Place::Detached) {
        return Err(misuse(this, "closed", [None, None]));
    }
    Ok(matches!(this.borrow().place, Place::Closed))
}

/// The number of the descriptor.
#[pyfunction]
fn handle_fileno(this: &Bound<'_, Handle>) -> PyResult<i32> {
    match this.borrow().place {
        Place::Here(_) | Place::Taken => return Ok(this.borrow().info()?.fd),
        _ => {}
    }
    Err(misuse(this, "fileno", [None, None]))
}

type Described = (Py<PyAny>, Py<PyAny>, &'static str, &'static str, bool, bool);

/// Name, mode, kind, raw mode, whether readable, whether writable.
#[pyfunction]
fn handle_info(this: &Bound<'_, Handle>) -> PyResult<Described> {
    let py = this.py();
    let this = this.borrow();
    let info = this.info()?;
    let (name, mode) = (info.name.clone_ref(py), info.mode.clone_ref(py));
    Ok((name, mode, info.kind.name(), info.parsed.raw_name(), info.parsed.readable, info.parsed.writable))
}

/// Whether the file can be read from; the standard library's words where it is closed.
#[pyfunction]
fn handle_readable(this: &Bound<'_, Handle>) -> PyResult<bool> {
    if matches!(this.borrow().place, Place::Closed | Place::Detached) {
        return harmless(this, "readable", [None, None])?.extract(this.py());
    }
    Ok(this.borrow().info()?.parsed.readable)
}

type Surrendered = (i32, Py<PyAny>, usize, Py<PyAny>, usize, bool);

/// Gives the descriptor away: (descriptor, bytes read ahead, how many characters of them were read, bytes not yet
/// written, how large the buffer was asked to be, whether it is to be closed).
#[pyfunction]
fn handle_surrender(this: &Bound<'_, Handle>) -> PyResult<Surrendered> {
    let py = this.py();
    let mut handle = this.borrow_mut();
    let place = match handle.place {
        Place::Here(_) => std::mem::replace(&mut handle.place, Place::Detached),
        Place::Taken => return Err(PyRuntimeError::new_err("an operation is under way on this file")),
        _ => {
            drop(handle);
            return Err(misuse(this, "detach", [None, None]));
        }
    };
    let Place::Here(mut open) = place else { return Err(PyRuntimeError::new_err("no file")) };
    let (mut ahead, used) = open.text.as_ref().map_or((Vec::new(), 0), |text| text.unread(py));
    ahead.extend_from_slice(open.file.buffered());
    let ahead = PyBytes::new(py, &ahead).into_any().unbind();
    let size = open.file.declared_buffer();
    let (fd, pending) = open.file.detach();
    let pending = PyBytes::new(py, &pending).into_any().unbind();
    let fd = fd.map_or(-1, std::os::fd::IntoRawFd::into_raw_fd);
    Ok((fd, ahead, used, pending, size, handle.info()?.closefd))
}

/// Has a path removed when the file is closed, or nothing (None). Says whether it is still open.
#[pyfunction]
fn handle_remove_when_closed(this: &Bound<'_, Handle>, path: Option<&Bound<'_, PyAny>>) -> PyResult<bool> {
    let path = path.map(PathArg::new).transpose()?.map(|path| path.as_c().to_owned());
    match &mut this.borrow_mut().place {
        Place::Here(open) => open.file.remove_when_closed(path),
        Place::Taken => return Err(PyRuntimeError::new_err("an operation is under way on this file")),
        _ => return Ok(false),
    }
    Ok(true)
}

/// The handle stands for a Python object from here on.
#[pyfunction]
fn handle_hand_over(this: &Bound<'_, Handle>) {
    this.borrow_mut().place = Place::Elsewhere;
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(handle_closed, module)?)?;
    module.add_function(wrap_pyfunction!(handle_fileno, module)?)?;
    module.add_function(wrap_pyfunction!(handle_info, module)?)?;
    module.add_function(wrap_pyfunction!(handle_readable, module)?)?;
    module.add_function(wrap_pyfunction!(handle_surrender, module)?)?;
    module.add_function(wrap_pyfunction!(handle_remove_when_closed, module)?)?;
    module.add_function(wrap_pyfunction!(handle_hand_over, module)?)
}
