//! Metadata, and what follows from them: the kernel is asked without a thread if it has them in memory.

use std::io;

use pyo3::prelude::*;
use rapfiles_core::Stop;
use rapfiles_core::engine::Lane;
use rapfiles_core::engine::metrics::Meter;
use rapfiles_core::fs::stat::{Status, stat, stat_now};

use crate::bridge::{Act, Operation, Step};
use crate::convert::target::Target;
use crate::error::os_error;
use crate::task::truth;

/// What is made of metadata, or of their absence.
pub enum View {
    Value(fn(Python<'_>, &Status) -> PyResult<Py<PyAny>>),
    /// Without metadata the answer is no.
    Question(fn(&Status) -> bool),
    /// The answer is no only if it is known that nothing is there; what else goes wrong is raised.
    Certain(fn(&Status) -> bool),
}

/// Nanoseconds that an attempt takes: three system calls on what is in memory.
const COST: u64 = 2500;

/// Asks for metadata.
pub struct Ask {
    meter: &'static Meter,
    target: Target,
    follow: bool,
    view: View,
    result: Option<io::Result<Status>>,
}

impl Ask {
    pub fn new(meter: &'static Meter, target: Target, follow: bool, view: View) -> Self {
        Self { meter, target, follow, view, result: None }
    }
}

impl Act for Ask {
    fn meter(&self) -> &'static Meter {
        self.meter
    }

    fn cost(&self) -> Option<u64> {
        Some(COST)
    }

    fn poll(&mut self, operation: &Bound<'_, Operation>) -> PyResult<Step> {
        let py = operation.py();
        let result = match self.result.take() {
            Some(result) => result,
            None => match stat_now(self.target.subject(self.follow)) {
                Err(Stop::WouldBlock) => return Ok(Step::Soon { lane: Lane::Disk, effect: false }),
                Err(Stop::Failed(error)) => Err(error),
                Ok(status) => Ok(status),
            },
        };
        let answer = match (&self.view, result) {
            (View::Value(view), Ok(status)) => view(py, &status),
            (View::Question(view) | View::Certain(view), Ok(status)) => truth(py, view(&status)),
            (View::Question(_), Err(_)) => truth(py, false),
            (View::Certain(_), Err(error)) if is_absence(&error) => truth(py, false),
            (_, Err(error)) => Err(os_error(py, &error, Some(self.target.given()))),
        };
        answer.map(Step::Done)
    }

    fn run(&mut self) {
        self.result = Some(stat(self.target.subject(self.follow)));
    }

    fn give_up(&mut self, _operation: &Bound<'_, Operation>) {}
}

/// Whether an error says that the path leads nowhere.
fn is_absence(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::ENOENT | libc::ENOTDIR | libc::ELOOP))
}

/// Whether metadata are of this kind of file.
pub fn is(status: &Status, kind: u32) -> bool {
    status.mode & libc::S_IFMT == kind
}
