//! What text files answer without being awaited: their properties, and how they are changed.

use std::mem;

use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use super::handle::{Handle, Open, Place};
use super::open::text_info;
use super::state::TextState;
use super::sync::misuse;

/// Encoding, errors, line buffering, write-through of a text file.
#[pyfunction]
fn handle_text(this: &Bound<'_, Handle>) -> PyResult<(Py<PyAny>, Py<PyAny>, bool, bool)> {
    let py = this.py();
    let this = this.borrow();
    let text = this.text_info()?;
    Ok((text.encoding.clone_ref(py), text.errors.clone_ref(py), text.manner.line_buffering, text.manner.write_through))
}

/// Which line ends a text file has met: 1 `\r`, 2 `\n`, 4 `\r\n`.
#[pyfunction]
fn handle_newlines(this: &Bound<'_, Handle>) -> PyResult<u8> {
    let handle = this.borrow();
    match &handle.place {
        Place::Here(open) => Ok(open.text.as_ref().map_or(0, |text| text.seen(this.py()))),
        Place::Detached => {
            drop(handle);
            Err(misuse(this, "newlines", [None, None]))
        }
        _ => Ok(handle.text_info().map_or(0, |info| info.seen)),
    }
}

/// Whether text was read from a file since its position was last set.
#[pyfunction]
fn handle_begun(this: &Bound<'_, Handle>) -> bool {
    match &this.borrow().place {
        Place::Here(open) => open.text.as_ref().is_some_and(TextState::begun),
        _ => false,
    }
}

/// The `newline` a text file was opened with.
#[pyfunction]
fn handle_newline(this: &Bound<'_, Handle>) -> PyResult<Option<&'static str>> {
    Ok(this.borrow().text_info()?.manner.newline_argument())
}

/// Where the reader of a text file stands, where its bytes ahead don't tell.
#[pyfunction]
fn handle_cookie(this: &Bound<'_, Handle>) -> PyResult<Option<Py<PyAny>>> {
    let py = this.py();
    let handle = this.borrow();
    let Place::Here(open) = &handle.place else { return Ok(None) };
    match &open.text {
        Some(text) if text.remembers() && handle.info()?.seekable => {
            let cookie = text.tell(py, &open.file).map_err(|_| PyRuntimeError::new_err("no position"))?;
            Ok(Some(cookie.pack(py)?.unbind()))
        }
        _ => Ok(None),
    }
}

/// Whether what is written next to a text file begins as a file does: with the encoding's byte order mark.
#[pyfunction]
fn handle_marks(this: &Bound<'_, Handle>) -> PyResult<bool> {
    match &mut this.borrow_mut().place {
        Place::Here(open) => match open.text.as_mut().and_then(TextState::encoder) {
            Some(encoder) => encoder.at_start(this.py()),
            None => Ok(false),
        },
        _ => Ok(false),
    }
}

/// Changes what text is in a file, from where it stands: `encoding`, `errors`, `newline`, `line_buffering` and
/// `write_through`, as far as they are among the changes. Whoever calls has made sure that nothing forbids it.
#[pyfunction]
fn handle_reconfigure(this: &Bound<'_, Handle>, changes: &Bound<'_, PyDict>) -> PyResult<()> {
    // Codecs are Python code: the file is taken out of the handle meanwhile, as by an operation.
    let mut open = match mem::replace(&mut this.borrow_mut().place, Place::Taken) {
        Place::Here(open) => open,
        place => {
            let taken = matches!(place, Place::Taken);
            this.borrow_mut().place = place;
            let error = if taken {
                PyRuntimeError::new_err("an operation is under way on this file")
            } else {
                misuse(this, "flush", [None, None])
            };
            return Err(error);
        }
    };
    let outcome = reconfigure(this, changes, &mut open);
    this.borrow_mut().place = Place::Here(open);
    Handle::wake_next(this);
    outcome
}

fn reconfigure(this: &Bound<'_, Handle>, changes: &Bound<'_, PyDict>, open: &mut Open) -> PyResult<()> {
    let py = this.py();
    let given = |name: &str| changes.get_item(name).map(|found| found.filter(|found| !found.is_none()));
    let (encoding, errors, newline) = (given("encoding")?, given("errors")?, changes.get_item("newline")?);
    let mut handle = this.borrow_mut();
    let mode = handle.info()?.parsed;
    let info = handle.info.as_mut().and_then(|info| info.text.as_mut());
    let info = info.ok_or_else(|| PyValueError::new_err("not a text file"))?;
    for (name, flag) in
        [("line_buffering", &mut info.manner.line_buffering), ("write_through", &mut info.manner.write_through)]
    {
        if let Some(on) = given(name)? {
            *flag = on.is_truthy()?;
        }
    }
    if encoding.is_none() && errors.is_none() && newline.is_none() {
        return Ok(());
    }
    let errors = match (&encoding, errors) {
        (_, Some(errors)) => errors,
        (Some(_), None) => PyString::intern(py, "strict").into_any(),
        (None, None) => info.errors.bind(py).clone(),
    };
    let encoding = encoding.unwrap_or_else(|| info.encoding.bind(py).clone());
    let newline = match newline {
        Some(newline) => newline,
        None => info.manner.newline_argument().into_pyobject(py)?.into_any(),
    };
    let manner = info.manner;
    drop(handle);
    let found = text_info(0, &encoding, &errors, &newline)?;
    let mut info = found.ok_or_else(|| PyValueError::new_err("this can't be text"))?;
    info.manner.line_buffering = manner.line_buffering;
    info.manner.write_through = manner.write_through;
    open.text = Some(info.state(py, &open.file, mode)?);
    if let Some(all) = &mut this.borrow_mut().info {
        all.text = Some(info);
    }
    Ok(())
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(handle_begun, module)?)?;
    module.add_function(wrap_pyfunction!(handle_cookie, module)?)?;
    module.add_function(wrap_pyfunction!(handle_marks, module)?)?;
    module.add_function(wrap_pyfunction!(handle_newline, module)?)?;
    module.add_function(wrap_pyfunction!(handle_newlines, module)?)?;
    module.add_function(wrap_pyfunction!(handle_reconfigure, module)?)?;
    module.add_function(wrap_pyfunction!(handle_text, module)?)
}
