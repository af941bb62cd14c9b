//! Long work: an object whose `advance()` is awaited again and again until all is done. `rapfiles/_long.py` does that.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use pyo3::prelude::*;
use rapfiles_core::engine::Lane;
use rapfiles_core::engine::metrics::Meter;
use rapfiles_core::fs::Failure;
use rapfiles_core::long;

use crate::bridge::{Act, Operation, Step};
use crate::task::{Names, Task, lacks_fd, truth};

/// A worker comes back after so long, to say how far it is and to hear whether it goes on.
const SLICE: Duration = Duration::from_millis(50);

/// Long work of some room, and what Python gets of it.
pub trait Work: long::Long + 'static {
    /// What only the loop's thread can do, before and after each slice: it makes ready what comes next, and takes in what has
    /// come. For a moment; false if there is more to do, after the loop has had a turn.
    fn attend(&mut self, _py: Python<'_>) -> PyResult<bool> {
        Ok(true)
    }

    /// What has come of it. Asked once, at the end.
    fn result(&mut self, py: Python<'_>) -> PyResult<Py<PyAny>>;
}

/// Work under way.
#[pyclass(frozen, module = "rapfiles._rapfiles")]
pub struct Long {
    meter: &'static Meter,
    names: Arc<Names>,
    work: Arc<Mutex<dyn Work>>,
}

impl Long {
    pub fn new(meter: &'static Meter, names: Names, work: impl Work) -> Self {
        Self { meter, names: Arc::new(names), work: Arc::new(Mutex::new(work)) }
    }
}

/// Nobody else has it: what is under way is waited for before anything else is asked.
fn lock<'a>(work: &'a Mutex<dyn Work>) -> MutexGuard<'a, dyn Work + 'static> {
    work.lock().unwrap_or_else(PoisonError::into_inner)
}

#[pymethods]
impl Long {
    /// Does some of it; true when everything is done.
    fn advance(&self, py: Python<'_>) -> PyResult<Py<Operation>> {
        let (work, names) = (Arc::clone(&self.work), Arc::clone(&self.names));
        let advance = Advance { meter: self.meter, work, names, result: None };
        Operation::act(py, self.meter.name, advance)
    }

    /// Does nothing more, and leaves nothing half.
    fn give_up(&self, py: Python<'_>) -> PyResult<Py<Operation>> {
        let work = Arc::clone(&self.work);
        let give_up = move || lock(&work).give_up();
        Operation::act(py, self.meter.name, Task::new(self.meter, true, give_up, |py, ()| Ok(py.None())))
    }

    /// How many items are done, how many there are, and the bytes that were moved.
    fn progress(&self) -> (u64, u64, u64) {
        let progress = lock(&self.work).progress();
        (progress.done, progress.total, progress.bytes)
    }

    /// What has come of it, once all is done.
    fn result(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        lock(&self.work).result(py)
    }
}

/// One slice.
struct Advance {
    meter: &'static Meter,
    work: Arc<Mutex<dyn Work>>,
    names: Arc<Names>,
    result: Option<Result<bool, Failure>>,
}

impl Act for Advance {
    fn meter(&self) -> &'static Meter {
        self.meter
    }

    fn poll(&mut self, operation: &Bound<'_, Operation>) -> PyResult<Step> {
        let py = operation.py();
        if let Some(Err(failure)) = &self.result {
            return Err(self.names.raise(py, failure));
        }
        if !lock(&self.work).attend(py)? {
            return Ok(Step::Rest);
        }
        match &self.result {
            Some(Ok(finished)) => truth(py, *finished).map(Step::Done),
            _ => Ok(Step::Soon { lane: Lane::Disk, effect: true }),
        }
    }

    fn run(&mut self) {
        self.result = Some(lock(&self.work).advance(SLICE));
    }

    fn wants_fd(&self) -> bool {
        self.result.as_ref().is_some_and(lacks_fd)
    }

    fn give_up(&mut self, _operation: &Bound<'_, Operation>) {}
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Long>()
}
