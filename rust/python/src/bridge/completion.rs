//! What goes to a worker and comes back.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use pyo3::prelude::*;
use rapfiles_core::engine::channel::Waiter;
use rapfiles_core::engine::metrics::Meter;
use rapfiles_core::engine::{self, Lane};

use super::operation::Operation;

/// How far an operation got on the loop's thread.
pub enum Step {
    /// The result.
    Done(Py<PyAny>),
    /// It has to run on a worker. `effect`: the end of the process waits for it.
    Soon { lane: Lane, effect: bool },
    /// It stands in its handle's queue.
    Queued,
    /// It waits, without a thread, for somebody who calls what this is given.
    Waiting(Box<dyn FnOnce(Waiter)>),
    /// It could go on, and lets the loop have a turn before.
    Rest,
}

/// An operation that may need a worker.
pub trait Act: Send + Sync {
    /// Where it is counted.
    fn meter(&self) -> &'static Meter;

    /// Goes as far as it can on the loop's thread: called first of all, when its turn in a queue has come, and again
    /// after each [`Act::run`].
    fn poll(&mut self, operation: &Bound<'_, Operation>) -> PyResult<Step>;

    /// Takes a place in its queue, if it has one, while the loop has a turn before it is polled.
    fn reserve(&mut self, _operation: &Bound<'_, Operation>) -> PyResult<()> {
        Ok(())
    }

    /// Does on a worker what would block. Knows no Python.
    fn run(&mut self);

    /// Nanoseconds that an attempt takes from the fairness budget, if they are always about the same. Otherwise they
    /// are measured, which takes time too.
    fn cost(&self) -> Option<u64> {
        None
    }

    /// Bytes read or written, for the metrics.
    fn bytes(&self) -> usize {
        0
    }

    /// Whether it met the limit on open files and may run again when one is closed.
    fn wants_fd(&self) -> bool {
        false
    }

    /// Nobody waits any more: drops, on a worker, what needs no interpreter to be dropped. The loop may be closed before it hears of it.
    fn let_go(&mut self) {}

    /// Nobody waits any more: leaves everything as if it had not been asked, as far as that can be.
    fn give_up(&mut self, operation: &Bound<'_, Operation>);
}

/// An operation on its way through the engine.
pub struct Job {
    pub operation: Py<Operation>,
    pub act: Box<dyn Act>,
    pub cancelled: Arc<AtomicBool>,
}

impl engine::Job for Job {
    fn run(&mut self) {
        if !self.cancelled.load(Ordering::Acquire) {
            self.work();
        }
        if self.cancelled.load(Ordering::Acquire) {
            self.act.let_go();
        }
    }

    fn wants_fd(&self) -> bool {
        !self.cancelled.load(Ordering::Acquire) && self.act.wants_fd()
    }
}

impl Job {
    fn work(&mut self) {
        if catch_unwind(AssertUnwindSafe(|| self.act.run())).is_err() {
            self.act = Box::new(Broken(self.act.meter()));
        }
    }
}

/// What is left of an operation that panicked: an error, and nobody who waits for ever.
struct Broken(&'static Meter);

impl Act for Broken {
    fn meter(&self) -> &'static Meter {
        self.0
    }

    fn poll(&mut self, _operation: &Bound<'_, Operation>) -> PyResult<Step> {
        Err(super::internal_error())
    }

    fn run(&mut self) {}

    fn give_up(&mut self, _operation: &Bound<'_, Operation>) {}
}
