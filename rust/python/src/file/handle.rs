//! The Python object of an open file.

use std::collections::VecDeque;

use pyo3::exceptions::{PyResourceWarning, PyRuntimeError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::PyString;
use pyo3::{PyTraverseError, PyVisit};
use rapfiles_core::engine;
use rapfiles_core::file::{File, Mode};

use super::state::TextState;
use super::text_write::Manner;
use crate::bridge::{self, Operation};

/// What kind of file the standard library would have made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Raw,
    Reader,
    Writer,
    Random,
    Text,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Kind::Raw => "raw",
            Kind::Reader => "reader",
            Kind::Writer => "writer",
            Kind::Random => "random",
            Kind::Text => "text",
        }
    }
}

/// What is known of a file from its opening on.
pub struct Info {
    pub name: Py<PyAny>,
    pub mode: Py<PyAny>,
    pub parsed: Mode,
    pub kind: Kind,
    pub fd: i32,
    pub closefd: bool,
    /// Whether it has a position: a pipe has none.
    pub seekable: bool,
    pub text: Option<TextInfo>,
}

/// What is known of a text file besides.
pub struct TextInfo {
    pub encoding: Py<PyAny>,
    pub errors: Py<PyAny>,
    pub manner: Manner,
    /// Line ends met, as [`TextState::seen`] had it when an operation took the file.
    pub seen: u8,
}

/// The file and how its text is understood: what an operation takes with it.
pub struct Open {
    pub file: File,
    pub text: Option<TextState>,
}

impl Open {
    /// Before a write, what a text reader had decoded ahead is skipped, as the standard library does.
    #[inline]
    pub fn leave_reading(&mut self) {
        if let Some(text) = &mut self.text {
            text.leave(&mut self.file);
        }
    }
}

pub enum Place {
    /// Not one of ours: Python's part of the package has the object.
    Elsewhere,
    /// Here, ready for the next operation.
    Here(Box<Open>),
    /// With an operation.
    Taken,
    Closed,
    /// `detach` has given it away.
    Detached,
}

/// An open file. The classes of `rapfiles.threadpool` are made of it.
#[pyclass(subclass, weakref, module = "rapfiles._rapfiles")]
pub struct Handle {
    pub place: Place,
    /// Operations that wait for their turn, first come first served.
    pub queue: VecDeque<Py<Operation>>,
    /// The event loop that uses it, while one does: only to be compared.
    pub user: usize,
    pub info: Option<Box<Info>>,
    /// The process it was opened in: what was under way at a fork is not in the child.
    pub generation: u64,
    pub owner: Option<Py<PyAny>>,
}

impl Handle {
    #[inline]
    pub fn is_native(&self) -> bool {
        !matches!(self.place, Place::Elsewhere)
    }

    /// Fills a new object of one of the handle classes.
    pub fn settle(&mut self, open: Open, info: Info) {
        self.place = Place::Here(Box::new(open));
        self.info = Some(Box::new(info));
        self.generation = engine::generation();
    }

    /// The file, if no operation has it and none is before us.
    #[inline]
    pub fn idle(&mut self) -> Option<&mut Open> {
        match &mut self.place {
            Place::Here(open) if self.queue.is_empty() => Some(open),
            _ => None,
        }
    }

    /// Puts an operation at the end of the queue, if it isn't in it. All that wait there belong to one event loop:
    /// another's can't be woken from here.
    pub fn join_queue(handle: &Bound<'_, Self>, operation: &Bound<'_, Operation>) -> PyResult<()> {
        let user = bridge::running(handle.py())?.as_ptr() as usize;
        let mut this = handle.borrow_mut();
        let taken = !this.queue.is_empty() || matches!(this.place, Place::Taken);
        if taken && this.user != user {
            return Err(PyRuntimeError::new_err(
                "this file is in use in another event loop; await its operations there, or open the file again",
            ));
        }
        this.user = user;
        if !this.queue.iter().any(|other| other.is(operation)) {
            this.queue.push_back(operation.clone().unbind());
        }
        Ok(())
    }

    /// Takes an operation out of the queue. If its turn had come, it is the next one's.
    pub fn leave_queue(handle: &Bound<'_, Self>, operation: &Bound<'_, Operation>) {
        let mut this = handle.borrow_mut();
        let first = this.queue.front().is_some_and(|first| first.is(operation));
        this.queue.retain(|other| !other.is(operation));
        let free = !matches!(this.place, Place::Taken);
        drop(this);
        if first && free {
            Self::wake_next(handle);
        }
    }

    /// Tells the first in the queue that the file is free.
    pub fn wake_next(handle: &Bound<'_, Self>) {
        let next = handle.borrow().queue.front().map(|next| next.clone_ref(handle.py()));
        if let Some(next) = next {
            Operation::wake(next.bind(handle.py()));
        }
    }

    pub fn info(&self) -> PyResult<&Info> {
        self.info.as_deref().ok_or_else(|| PyTypeError::new_err("not a native handle"))
    }

    pub fn text_info_mut(&mut self) -> Option<&mut TextInfo> {
        self.info.as_mut()?.text.as_mut()
    }

    pub fn text_info(&self) -> PyResult<&TextInfo> {
        self.info()?.text.as_ref().ok_or_else(|| PyTypeError::new_err("not a text file"))
    }
}

#[pymethods]
impl Handle {
    #[new]
    #[pyo3(signature = (*_args, **_kwargs))]
    fn new(_args: &Bound<'_, pyo3::types::PyTuple>, _kwargs: Option<&Bound<'_, pyo3::types::PyDict>>) -> Self {
        Self { place: Place::Elsewhere, queue: VecDeque::new(), user: 0, info: None, generation: 0, owner: None }
    }

    /// Whether the file is ours, not a Python object that an executor works on.
    #[getter]
    fn _native(&self) -> bool {
        self.is_native()
    }

    /// Hands out a line without a detour if there is one in the buffer.
    fn __anext__(slf: Bound<'_, Self>) -> PyResult<Py<PyAny>> {
        super::read_lines::next(slf)
    }

    fn __aiter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        if let Some(owner) = &self.owner {
            visit.call(owner)?;
        }
        for operation in &self.queue {
            visit.call(operation)?;
        }
        match &self.info {
            Some(info) => visit.call(&info.name),
            None => Ok(()),
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        let Place::Here(mut open) = std::mem::replace(&mut self.place, Place::Closed) else { return };
        // Its decoder is an object of Python's, which no worker touches.
        drop(open.text.take());
        if self.generation != engine::generation() {
            // The parent's file: what it had pending is the parent's to write.
            drop(open.file.detach().1);
            return;
        }
        let effect = open.file.leaves_something();
        // The last writes and the close may block, and this is the loop's thread.
        engine::spawn(effect, move || drop(open));
        if let Some(info) = self.info.take().filter(|info| info.closefd) {
            Python::try_attach(|py| unclosed(py, &info));
        }
    }
}

fn unclosed(py: Python<'_>, info: &Info) {
    let name = info.name.bind(py).repr().map_or_else(|_| "?".to_owned(), |name| name.to_string());
    let mode = info.mode.bind(py).cast::<PyString>().map_or_else(|_| "?".to_owned(), ToString::to_string);
    let message = format!("unclosed file <rapfiles {} name={name} mode='{mode}'>", info.kind.name());
    let message = std::ffi::CString::new(message).unwrap_or_default();
    let pending = PyErr::take(py);
    if let Err(error) = PyErr::warn(py, &py.get_type::<PyResourceWarning>(), &message, 1) {
        error.write_unraisable(py, None);
    }
    if let Some(pending) = pending {
        pending.restore(py);
    }
}
