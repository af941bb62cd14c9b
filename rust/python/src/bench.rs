//! An operation that does nothing, by our bridge and by `pyo3-async-runtimes`: what a completion costs.

use pyo3::prelude::*;
use rapfiles_core::engine::Lane;
use rapfiles_core::engine::metrics::Meter;

use crate::bridge::{Act, Operation, Step};

static NOOP: Meter = Meter::new("noop");

/// Goes to a worker and comes back.
#[derive(Default)]
struct Noop {
    done: bool,
}

impl Act for Noop {
    fn meter(&self) -> &'static Meter {
        &NOOP
    }

    fn poll(&mut self, operation: &Bound<'_, Operation>) -> PyResult<Step> {
        if self.done {
            return Ok(Step::Done(operation.py().None()));
        }
        Ok(Step::Soon { lane: Lane::Disk, effect: false })
    }

    fn run(&mut self) {
        self.done = true;
    }

    fn give_up(&mut self, _operation: &Bound<'_, Operation>) {}
}

#[pyfunction]
fn _bench_noop(py: Python<'_>) -> PyResult<Py<Operation>> {
    Operation::act(py, "noop", Noop::default())
}

#[pyfunction]
fn _bench_future_into_py(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    pyo3_async_runtimes::tokio::future_into_py(py, async {
        // As any operation on a file would have to: off the reactor.
        let _done = pyo3_async_runtimes::tokio::get_runtime().spawn_blocking(|| ()).await;
        Ok(())
    })
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(_bench_noop, module)?)?;
    module.add_function(wrap_pyfunction!(_bench_future_into_py, module)?)
}
