//! Arguments, taken for what they usually are. `None` is for what is not: the standard library knows what to do.

use std::os::fd::RawFd;

use pyo3::Borrowed;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyInt};
use rapfiles_core::engine::metrics::Meter;

use crate::convert::path::PathArg;
use crate::convert::target::{Dir, Fd, Target};

/// No function has more parameters than this.
pub const MOST: usize = 5;

/// What a function was called with, by the places of its parameters.
pub struct Args<'a, 'py> {
    pub py: Python<'py>,
    pub meter: &'static Meter,
    values: [Option<Borrowed<'a, 'py, PyAny>>; MOST],
}

impl<'py> Args<'_, 'py> {
    pub fn new(py: Python<'py>, meter: &'static Meter) -> Self {
        Self { py, meter, values: [None; MOST] }
    }

    /// False if that parameter has a value already.
    ///
    /// # Safety
    /// `value` is an object that outlives this.
    pub unsafe fn set(&mut self, place: usize, value: *mut ffi::PyObject) -> bool {
        // SAFETY: passed on.
        self.values[place].replace(unsafe { Borrowed::from_ptr(self.py, value) }).is_none()
    }

    /// An argument as it is.
    pub fn object(&self, place: usize) -> Option<&Bound<'py, PyAny>> {
        self.values[place].as_deref()
    }

    fn object_or_none(&self, place: usize) -> Option<&Bound<'py, PyAny>> {
        self.object(place).filter(|value| !value.is_none())
    }

    pub fn path(&self, place: usize) -> Option<PathArg> {
        PathArg::new(self.object(place)?).ok()
    }

    /// A path from the working directory, or a descriptor.
    pub fn path_or_fd(&self, place: usize) -> Option<Target> {
        let object = self.object(place)?;
        if object.is_instance_of::<PyInt>() {
            return Some(Target::Fd(self.fd(place)?, object.clone().unbind()));
        }
        Some(Target::Path(PathArg::new(object).ok()?, Dir::CWD))
    }

    /// A descriptor that could be open.
    pub fn fd(&self, place: usize) -> Option<Fd> {
        self.number(place).and_then(|number| RawFd::try_from(number).ok()).and_then(Fd::new)
    }

    /// A directory that a path begins in.
    pub fn dir(&self, place: usize) -> Option<Dir> {
        match self.object_or_none(place) {
            None => Some(Dir::CWD),
            Some(_) => self.fd(place).map(Dir::from),
        }
    }

    pub fn number(&self, place: usize) -> Option<i64> {
        let object = self.object(place)?;
        // A bool is an int, but seldom meant to be one: there may be a warning to give.
        object.cast_exact::<PyInt>().ok()?.extract().ok()
    }

    /// The permissions of something new.
    pub fn mode(&self, place: usize) -> Option<u32> {
        match self.object(place) {
            None => Some(0o777),
            Some(_) => self.number(place).and_then(|mode| u32::try_from(mode).ok()).filter(|mode| *mode <= 0o7777),
        }
    }

    pub fn flag(&self, place: usize, default: bool) -> Option<bool> {
        match self.object(place) {
            None => Some(default),
            Some(object) => object.cast_exact::<PyBool>().ok().map(PyBoolMethods::is_true),
        }
    }

    /// Whether an argument was left out, or is what stands for that.
    pub fn absent(&self, place: usize) -> bool {
        self.object_or_none(place).is_none()
    }
}
