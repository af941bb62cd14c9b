//! Locks on files.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use rapfiles_core::engine::Lane;
use rapfiles_core::engine::metrics::Meter;
use rapfiles_core::lock::{Held, Outcome, Stage, Wish};

use crate::bridge::{Act, Operation, Step};
use crate::convert::path::PathArg;
use crate::error::{os_error, timed_out};
use crate::task::{Names, change, operation};

pub static LOCK: Meter = Meter::new("lock_file");

/// Waits for a lock, without a thread.
struct Acquire {
    path: PathArg,
    wish: Arc<Wish>,
    timeout: f64,
}

impl Act for Acquire {
    fn meter(&self) -> &'static Meter {
        &LOCK
    }

    fn poll(&mut self, operation: &Bound<'_, Operation>) -> PyResult<Step> {
        let py = operation.py();
        match (self.wish.stage(), self.wish.take()) {
            (_, Some(Outcome::Held(held))) => {
                let held = HeldLock(Mutex::new(Some(held)));
                Ok(Step::Done(Py::new(py, held)?.into_any()))
            }
            (_, Some(Outcome::Failed(error))) => Err(os_error(py, &error, Some(&self.path.given))),
            (_, Some(Outcome::TimedOut)) => Err(timed_out(py, "not locked", self.timeout, &self.path.given)),
            (Stage::Ask, None) => Ok(Step::Soon { lane: Lane::Disk, effect: false }),
            (_, None) => {
                let wish = Arc::clone(&self.wish);
                Ok(Step::Waiting(Box::new(move |waiter| wish.when_decided(waiter))))
            }
        }
    }

    fn run(&mut self) {
        self.wish.ask();
    }

    fn wants_fd(&self) -> bool {
        self.wish.wants_fd()
    }

    fn give_up(&mut self, _operation: &Bound<'_, Operation>) {
        self.wish.give_up();
    }
}

/// A lock. Whoever lets it go releases it.
#[pyclass(frozen, module = "rapfiles._rapfiles")]
struct HeldLock(Mutex<Option<Held>>);

impl HeldLock {
    fn take(&self) -> Option<Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

#[pymethods]
impl HeldLock {
    #[getter]
    fn held(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// Releases it; what is asked of a server is awaited.
    fn release(&self, py: Python<'_>) -> PyResult<Py<Operation>> {
        let Some(held) = self.take() else { return Operation::known(py, LOCK.name, Ok(py.None())) };
        if held.is_local() {
            held.release();
            return Operation::known(py, LOCK.name, Ok(py.None()));
        }
        let mut held = Some(held);
        let work = move || {
            if let Some(held) = held.take() {
                held.release();
            }
            Ok::<(), std::io::Error>(())
        };
        operation(py, &LOCK, Ok(change(&LOCK, Names::default(), work)))
    }

    /// Releases it without a word; in a forked child, leaves it to the parent.
    fn drop(&self) {
        drop(self.take());
    }
}

/// Locks a file, as soon as that can be. `timeout`: in seconds.
#[pyfunction]
fn lock_file(
    py: Python<'_>,
    path: &Bound<'_, PyAny>,
    exclusive: bool,
    timeout: Option<f64>,
) -> PyResult<Py<Operation>> {
    let path = PathArg::new(path)?;
    let within = timeout.filter(|seconds| *seconds < u32::MAX.into()).map(|seconds| {
        let bad = || PyValueError::new_err(format!("timeout must be at least 0, or None: {seconds}"));
        Duration::try_from_secs_f64(seconds).map_err(|_| bad())
    });
    if timeout.is_some_and(f64::is_nan) {
        return Err(PyValueError::new_err("timeout must be at least 0, or None: nan"));
    }
    let wish = Wish::new(path.as_c(), exclusive, within.transpose()?);
    Operation::act(py, LOCK.name, Acquire { path, wish, timeout: timeout.unwrap_or(0.0) })
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<HeldLock>()?;
    module.add_function(wrap_pyfunction!(lock_file, module)?)
}
