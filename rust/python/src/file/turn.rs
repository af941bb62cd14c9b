//! How operations take turns on a handle: first in, first out, from any number of tasks.
//!
//! An operation takes the file out of its handle, works on it — here or on a worker — and puts it back when its
//! result is delivered. Only then does the next one begin, so a cancelled read can still give everything back.

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use rapfiles_core::engine::metrics::Meter;
use rapfiles_core::{Stop, Way, engine};

use super::handle::{Handle, Open, Place};
use crate::bridge::{self, Act, Operation, Step};
use crate::error::os_error;

/// Why a piece of work came to nothing.
pub enum Trouble {
    /// Not now: a worker has to make ready.
    NotNow,
    Io(std::io::Error),
    Python(PyErr),
}

impl From<Stop> for Trouble {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::WouldBlock => Trouble::NotNow,
            Stop::Failed(error) => Trouble::Io(error),
        }
    }
}

impl From<PyErr> for Trouble {
    fn from(error: PyErr) -> Self {
        Trouble::Python(error)
    }
}

pub type Outcome = Result<Py<PyAny>, Trouble>;

/// What an operation does with a file.
pub trait Work: Send + Sync + 'static {
    /// Where it is counted.
    fn meter(&self) -> &'static Meter;

    /// The whole of it on the loop's thread: [`Way::Now`] at first, [`Way::Held`] when a worker has made ready.
    fn attempt(&mut self, py: Python<'_>, open: &mut Open, way: Way) -> Outcome;

    /// Makes ready, on a worker.
    fn prepare(&mut self, open: &mut Open) -> Result<(), Stop>;

    /// Nobody wants the result: what was read goes back. On the loop's thread, however far it has come.
    fn give_up(&mut self, _py: Python<'_>, _open: &mut Open) {}

    /// Whether it must end before the process does.
    fn effect(&self) -> bool {
        false
    }

    /// For the metrics.
    fn bytes(&self) -> usize {
        0
    }
}

/// Whether an operation got its file.
enum Taken {
    Yes,
    Later,
    /// It was closed meanwhile, and this is the answer all the same.
    Never(Py<PyAny>),
}

/// A piece of work in the queue of a handle.
pub struct Turn<W> {
    handle: Py<Handle>,
    open: Option<Box<Open>>,
    work: W,
    /// What making ready came to; `None` before.
    prepared: Option<Result<(), Stop>>,
}

impl<W: Work> Turn<W> {
    pub fn new(handle: &Bound<'_, Handle>, work: W) -> Self {
        Self { handle: handle.clone().unbind(), open: None, work, prepared: None }
    }

    /// Takes the file, or a place in the queue.
    fn take(&mut self, operation: &Bound<'_, Operation>) -> PyResult<Taken> {
        let handle = self.handle.bind(operation.py());
        let mut this = handle.borrow_mut();
        let first = this.queue.front().is_none_or(|first| first.is(operation));
        match &mut this.place {
            Place::Here(_) if first => {
                this.queue.pop_front();
                if let Place::Here(open) = std::mem::replace(&mut this.place, Place::Taken) {
                    if let (Some(info), Some(text)) = (this.text_info_mut(), &open.text) {
                        info.seen = text.seen(operation.py());
                    }
                    self.open = Some(open);
                }
                Ok(Taken::Yes)
            }
            Place::Here(_) | Place::Taken => {
                if this.generation != engine::generation() {
                    return Err(PyRuntimeError::new_err(
                        "this file was being worked on when the process forked; open it again in the child",
                    ));
                }
                drop(this);
                Handle::join_queue(handle, operation)?;
                Ok(Taken::Later)
            }
            Place::Closed | Place::Detached | Place::Elsewhere => {
                drop(this);
                Handle::leave_queue(handle, operation);
                let name = match operation.borrow().name() {
                    "__anext__" => "readline",
                    "__aexit__" => "close",
                    name => name,
                };
                super::sync::harmless(handle, name, [None, None]).map(Taken::Never)
            }
        }
    }

    /// Puts the file back and lets the next one begin.
    fn release(&mut self, py: Python<'_>) {
        if let Some(open) = self.open.take() {
            let closed = open.file.raw_fd().is_none();
            self.handle.borrow_mut(py).place = if closed { Place::Closed } else { Place::Here(open) };
            Handle::wake_next(self.handle.bind(py));
        }
    }

    fn raise(&self, py: Python<'_>, error: &std::io::Error) -> PyErr {
        let this = self.handle.borrow(py);
        os_error(py, error, this.info.as_ref().map(|info| &info.name))
    }
}

impl<W: Work> Act for Turn<W> {
    fn meter(&self) -> &'static Meter {
        self.work.meter()
    }

    fn poll(&mut self, operation: &Bound<'_, Operation>) -> PyResult<Step> {
        let py = operation.py();
        if self.open.is_none() {
            match self.take(operation)? {
                Taken::Yes => {}
                Taken::Later => return Ok(Step::Queued),
                Taken::Never(answer) => return Ok(Step::Done(answer)),
            }
        }
        let Some(open) = self.open.as_deref_mut() else { return Ok(Step::Queued) };
        let outcome = match self.prepared.take() {
            None => self.work.attempt(py, open, Way::Now),
            Some(Ok(())) => self.work.attempt(py, open, Way::Held),
            Some(Err(stop)) => Err(Trouble::Io(stop.into_error())),
        };
        let lane = open.file.lane();
        let result = match outcome {
            Err(Trouble::NotNow) => {
                self.handle.borrow_mut(py).user = bridge::running(py).map_or(0, |user| user.as_ptr() as usize);
                return Ok(Step::Soon { lane, effect: self.work.effect() });
            }
            Ok(value) => Ok(Step::Done(value)),
            Err(Trouble::Python(error)) => Err(error),
            Err(Trouble::Io(error)) => Err(self.raise(py, &error)),
        };
        self.release(py);
        result
    }

    fn reserve(&mut self, operation: &Bound<'_, Operation>) -> PyResult<()> {
        Handle::join_queue(self.handle.bind(operation.py()), operation)
    }

    fn run(&mut self) {
        if let Some(open) = self.open.as_deref_mut() {
            self.prepared = Some(self.work.prepare(open));
        }
    }

    fn bytes(&self) -> usize {
        self.work.bytes()
    }

    fn give_up(&mut self, operation: &Bound<'_, Operation>) {
        let py = operation.py();
        if let Some(open) = self.open.as_deref_mut() {
            self.work.give_up(py, open);
            self.release(py);
            return;
        }
        Handle::leave_queue(self.handle.bind(py), operation);
    }
}
