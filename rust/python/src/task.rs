//! An operation of one hop: what a worker does, and what is made of it.

use pyo3::prelude::*;
use rapfiles_core::engine::Lane;
use rapfiles_core::engine::metrics::Meter;
use rapfiles_core::fs::{Blame, Failure};

use crate::bridge::{Act, Operation, Step};
use crate::convert::path::{PathArg, Style};
use crate::error::{os_error, os_error2};

/// What errors are about: one path, two or none.
#[derive(Default)]
pub struct Names {
    first: Option<Py<PyAny>>,
    second: Option<Py<PyAny>>,
    style: Option<Style>,
}

impl Names {
    pub fn one(py: Python<'_>, path: &PathArg) -> Self {
        Self { first: Some(path.given.clone_ref(py)), second: None, style: Some(path.style(py)) }
    }

    pub fn two(py: Python<'_>, from: &PathArg, to: &PathArg) -> Self {
        // What is made on the way is made for the new name.
        Self { first: Some(from.given.clone_ref(py)), second: Some(to.given.clone_ref(py)), style: Some(to.style(py)) }
    }

    pub fn object(object: Py<PyAny>) -> Self {
        Self { first: Some(object), ..Self::default() }
    }

    /// Every failure knows its own path.
    pub fn told(style: Style) -> Self {
        Self { style: Some(style), ..Self::default() }
    }

    fn tell(&self, py: Python<'_>, path: &[u8]) -> PyResult<Py<PyAny>> {
        self.style.unwrap_or(Style::Str).tell(py, path).map(Bound::unbind)
    }

    pub fn raise(&self, py: Python<'_>, failure: &Failure) -> PyErr {
        match &failure.on {
            Blame::Given => os_error2(py, &failure.error, self.first.as_ref(), self.second.as_ref()),
            Blame::Source => os_error(py, &failure.error, self.first.as_ref()),
            Blame::Target => os_error(py, &failure.error, self.second.as_ref()),
            Blame::Nobody => os_error(py, &failure.error, None),
            Blame::Path(path) => match self.tell(py, path) {
                Ok(path) => os_error(py, &failure.error, Some(&path)),
                Err(error) => error,
            },
            Blame::Paths(from, to) => match (self.tell(py, from), self.tell(py, to)) {
                (Ok(from), Ok(to)) => os_error2(py, &failure.error, Some(&from), Some(&to)),
                (Err(error), _) | (_, Err(error)) => error,
            },
        }
    }
}

/// What a worker does, and what is made of what comes of it.
pub struct Task<T, W, V> {
    meter: &'static Meter,
    lane: Lane,
    effect: bool,
    work: W,
    view: V,
    wants_fd: fn(&T) -> bool,
    result: Option<T>,
}

impl<T, W, V> Task<T, W, V>
where
    W: FnMut() -> T,
    V: Fn(Python<'_>, T) -> PyResult<Py<PyAny>>,
{
    /// `effect`: the end of the process waits for it.
    pub fn new(meter: &'static Meter, effect: bool, work: W, view: V) -> Self {
        Self { meter, lane: Lane::Disk, effect, work, view, wants_fd: |_| false, result: None }
    }
}

impl<T, W, V> Act for Task<T, W, V>
where
    T: Send + Sync,
    W: FnMut() -> T + Send + Sync,
    V: Fn(Python<'_>, T) -> PyResult<Py<PyAny>> + Send + Sync,
{
    fn meter(&self) -> &'static Meter {
        self.meter
    }

    fn poll(&mut self, operation: &Bound<'_, Operation>) -> PyResult<Step> {
        match self.result.take() {
            None => Ok(Step::Soon { lane: self.lane, effect: self.effect }),
            Some(result) => (self.view)(operation.py(), result).map(Step::Done),
        }
    }

    fn run(&mut self) {
        self.result = Some((self.work)());
    }

    fn wants_fd(&self) -> bool {
        self.result.as_ref().is_some_and(self.wants_fd)
    }

    fn give_up(&mut self, _operation: &Bound<'_, Operation>) {}
}

/// What all of the following come to.
fn hop<T: Send + Sync + 'static, E: Into<Failure>>(
    (meter, lane, effect): (&'static Meter, Lane, bool),
    names: Names,
    mut work: impl FnMut() -> Result<T, E> + Send + Sync + 'static,
    view: impl Fn(Python<'_>, T) -> PyResult<Py<PyAny>> + Send + Sync + 'static,
) -> Box<dyn Act> {
    let work = move || work().map_err(Into::into);
    let view = move |py: Python<'_>, result: Result<T, Failure>| match result {
        Ok(value) => view(py, value),
        Err(failure) => Err(names.raise(py, &failure)),
    };
    Box::new(Task { meter, lane, effect, work, view, wants_fd: lacks_fd, result: None })
}

/// Whether it failed because too many files are open.
pub fn lacks_fd<T>(result: &Result<T, Failure>) -> bool {
    let errno = result.as_ref().err().and_then(|failure| failure.error.raw_os_error());
    matches!(errno, Some(libc::EMFILE | libc::ENFILE))
}

/// Looks something up.
pub fn look<T: Send + Sync + 'static, E: Into<Failure>>(
    meter: &'static Meter,
    names: Names,
    work: impl FnMut() -> Result<T, E> + Send + Sync + 'static,
    view: impl Fn(Python<'_>, T) -> PyResult<Py<PyAny>> + Send + Sync + 'static,
) -> Box<dyn Act> {
    hop((meter, Lane::Disk, false), names, work, view)
}

/// Changes something: the end of the process waits for it.
pub fn change<E: Into<Failure>>(
    meter: &'static Meter,
    names: Names,
    work: impl FnMut() -> Result<(), E> + Send + Sync + 'static,
) -> Box<dyn Act> {
    change_to(meter, names, work, |py, ()| Ok(py.None()))
}

/// Changes something, and tells what came of it.
pub fn change_to<T: Send + Sync + 'static, E: Into<Failure>>(
    meter: &'static Meter,
    names: Names,
    work: impl FnMut() -> Result<T, E> + Send + Sync + 'static,
    view: impl Fn(Python<'_>, T) -> PyResult<Py<PyAny>> + Send + Sync + 'static,
) -> Box<dyn Act> {
    hop((meter, Lane::Disk, true), names, work, view)
}

/// Moves bytes to or from somebody who may take their time.
pub fn stream<T: Send + Sync + 'static, E: Into<Failure>>(
    meter: &'static Meter,
    work: impl FnMut() -> Result<T, E> + Send + Sync + 'static,
    view: impl Fn(Python<'_>, T) -> PyResult<Py<PyAny>> + Send + Sync + 'static,
) -> Box<dyn Act> {
    hop((meter, Lane::Stream, false), Names::default(), work, view)
}

/// The operation as a Python object; what was wrong with its arguments is raised when it is awaited, as by an `async def`.
pub fn operation(py: Python<'_>, meter: &'static Meter, act: PyResult<Box<dyn Act>>) -> PyResult<Py<Operation>> {
    match act {
        Ok(act) => Operation::boxed(py, meter.name, act),
        Err(error) => Operation::known(py, meter.name, Err(error)),
    }
}

/// A bool, as Python's.
pub fn truth(py: Python<'_>, value: bool) -> PyResult<Py<PyAny>> {
    Ok(value.into_pyobject(py)?.to_owned().into_any().unbind())
}
