//! An operation that takes one hop: what a worker does, and what is made of it.

use pyo3::prelude::*;
use rapfiles_core::engine::Lane;
use rapfiles_core::engine::metrics::Meter;
use rapfiles_core::fs::{Blame, Failure};

use super::args::Args;
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

    fn raise(&self, py: Python<'_>, failure: &Failure) -> PyErr {
        match &failure.on {
            Blame::Given => os_error2(py, &failure.error, self.first.as_ref(), self.second.as_ref()),
            Blame::Nobody => os_error(py, &failure.error, None),
            Blame::Path(path) => match self.style.unwrap_or(Style::Str).tell(py, path) {
                Ok(path) => os_error(py, &failure.error, Some(&path.unbind())),
                Err(error) => error,
            },
        }
    }
}

struct Task<T, W, V> {
    meter: &'static Meter,
    names: Names,
    lane: Lane,
    effect: bool,
    work: W,
    view: V,
    result: Option<Result<T, Failure>>,
}

impl<T, W, V> Act for Task<T, W, V>
where
    T: Send + Sync,
    W: FnMut() -> Result<T, Failure> + Send + Sync,
    V: Fn(Python<'_>, T) -> PyResult<Py<PyAny>> + Send + Sync,
{
    fn meter(&self) -> &'static Meter {
        self.meter
    }

    fn poll(&mut self, operation: &Bound<'_, Operation>) -> PyResult<Step> {
        let py = operation.py();
        match self.result.take() {
            None => Ok(Step::Soon { lane: self.lane, effect: self.effect }),
            Some(Ok(value)) => (self.view)(py, value).map(Step::Done),
            Some(Err(failure)) => Err(self.names.raise(py, &failure)),
        }
    }

    fn run(&mut self) {
        self.result = Some((self.work)());
    }

    fn wants_fd(&self) -> bool {
        let error = self.result.as_ref().and_then(|result| result.as_ref().err());
        error.is_some_and(|failure| matches!(failure.error.raw_os_error(), Some(libc::EMFILE | libc::ENFILE)))
    }

    fn give_up(&mut self, _operation: &Bound<'_, Operation>) {}
}

/// Looks something up.
pub fn look<T: Send + Sync + 'static, E: Into<Failure>>(
    args: &Args<'_, '_>,
    names: Names,
    mut work: impl FnMut() -> Result<T, E> + Send + Sync + 'static,
    view: impl Fn(Python<'_>, T) -> PyResult<Py<PyAny>> + Send + Sync + 'static,
) -> Box<dyn Act> {
    let work = move || work().map_err(Into::into);
    Box::new(Task { meter: args.meter, names, lane: Lane::Disk, effect: false, work, view, result: None })
}

/// Changes something: the end of the process waits for it.
pub fn change<E: Into<Failure>>(
    args: &Args<'_, '_>,
    names: Names,
    mut work: impl FnMut() -> Result<(), E> + Send + Sync + 'static,
) -> Box<dyn Act> {
    let (work, view) = (move || work().map_err(Into::into), |py: Python<'_>, ()| Ok(py.None()));
    Box::new(Task { meter: args.meter, names, lane: Lane::Disk, effect: true, work, view, result: None })
}

/// Moves bytes to or from somebody who may take their time.
pub fn stream<T: Send + Sync + 'static, E: Into<Failure>>(
    args: &Args<'_, '_>,
    mut work: impl FnMut() -> Result<T, E> + Send + Sync + 'static,
    view: impl Fn(Python<'_>, T) -> PyResult<Py<PyAny>> + Send + Sync + 'static,
) -> Box<dyn Act> {
    let (work, names) = (move || work().map_err(Into::into), Names::default());
    Box::new(Task { meter: args.meter, names, lane: Lane::Stream, effect: false, work, view, result: None })
}

/// A bool, as Python's.
pub fn truth(py: Python<'_>, value: bool) -> PyResult<Py<PyAny>> {
    Ok(value.into_pyobject(py)?.to_owned().into_any().unbind())
}
