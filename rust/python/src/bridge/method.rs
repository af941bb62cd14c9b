//! Methods: what a room with objects of its own tells of them, so that they can be called, queued for and left.

use pyo3::prelude::*;

use super::completion::Act;
use super::operation::Operation;

/// Up to two positional arguments.
pub type Args = [Option<Py<PyAny>>; 2];

/// What a method comes to before the engine is asked.
pub enum Begin {
    /// The result: it was in the object's buffer.
    Done(Py<PyAny>),
    /// An operation.
    Act(Box<dyn Act>),
}

/// What all methods of a class have in common.
pub struct Class {
    /// Whether a method of this object is native; otherwise it is delegated. `TypeError` for what is no such object: with
    /// that, none of the other functions is called.
    pub admit: fn(&Bound<'_, PyAny>) -> PyResult<bool>,
    /// Python's `delegate(object, name, *args)`, for objects that aren't admitted.
    pub delegate: for<'py> fn(Python<'py>) -> PyResult<Bound<'py, PyAny>>,
    /// Takes a place in the object's queue, or keeps it.
    pub join_queue: fn(&Bound<'_, PyAny>, &Bound<'_, Operation>) -> PyResult<()>,
    /// Gives the place up.
    pub leave_queue: fn(&Bound<'_, PyAny>, &Bound<'_, Operation>),
}

/// A method.
pub struct Verb {
    pub name: &'static str,
    /// Nanoseconds it takes from the fairness budget when it is answered out of the buffer.
    pub cost: u64,
    pub start: fn(&Bound<'_, PyAny>, Args) -> PyResult<Begin>,
    pub class: &'static Class,
}
