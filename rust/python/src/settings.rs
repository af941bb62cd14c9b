//! `configure`, `metrics`, and what happens at exit.

use std::collections::BTreeMap;
use std::time::Duration;

use pyo3::prelude::*;
use pyo3::types::PyDict;
use rapfiles_core::engine::{
    self,
    metrics::{Meter, Reading},
};
use rapfiles_core::now;

use crate::bridge::Operation;
use crate::{
    atomic, batch, copy, file, find, fs, glob, lock, map, os, path, pipeline, scan, search, serve, walk, whole,
};

/// Writes that are under way when the process ends may take this long without any of them being done.
const PATIENCE: Duration = Duration::from_secs(5);

fn meters() -> Vec<&'static Meter> {
    let mut all = file::meters();
    all.extend([&glob::GLOB, &search::SEARCH]);
    all.extend(batch::meters());
    all.extend(copy::meters());
    all.extend(atomic::meters());
    all.push(&lock::LOCK);
    all.extend(fs::meters());
    all.extend(os::meters());
    all.extend(path::meters());
    all.extend(walk::meters());
    all.push(&find::FIND);
    all.extend(scan::meters());
    all.extend(serve::meters());
    all.extend(whole::meters());
    all.extend([&map::MAP, &pipeline::PIPELINE]);
    all
}

/// What they say. Several rooms may have the same kind of operation.
fn readings() -> BTreeMap<&'static str, Reading> {
    let mut all = BTreeMap::<_, Reading>::new();
    for meter in meters() {
        let reading = meter.read();
        all.entry(meter.name).and_modify(|sum| sum.add(&reading)).or_insert(reading);
    }
    all
}

#[pyfunction]
#[pyo3(signature = (*, threads=None, fd_limit=None, now=None))]
fn configure(threads: Option<usize>, fd_limit: Option<usize>, now: Option<bool>) {
    engine::configure(threads, fd_limit);
    if let Some(on) = now {
        now::set_enabled(on);
    }
}

#[pyfunction]
fn metrics(py: Python<'_>) -> PyResult<Py<PyDict>> {
    let kinds = PyDict::new(py);
    for (name, reading) in readings() {
        let kind = PyDict::new(py);
        kind.set_item("now", reading.now)?;
        kind.set_item("soon", reading.soon)?;
        kind.set_item("errors", reading.errors)?;
        kind.set_item("cancelled", reading.cancelled)?;
        kind.set_item("bytes", reading.bytes)?;
        kind.set_item("seconds", reading.total.as_secs_f64())?;
        kind.set_item("slowest", reading.slowest.as_secs_f64())?;
        kind.set_item("latency_buckets", reading.buckets.to_vec())?;
        kinds.set_item(name, kind)?;
    }
    let limits = engine::limits();
    let all = PyDict::new(py);
    all.set_item("kinds", kinds)?;
    all.set_item("queued", engine::queued())?;
    all.set_item("threads", limits.threads)?;
    all.set_item("fd_limit", limits.fds)?;
    all.set_item("now", now::enabled())?;
    Ok(all.unbind())
}

/// Runs an operation to its end on this thread, without an event loop.
#[pyfunction]
fn run_blocking(operation: &Bound<'_, Operation>) -> PyResult<Py<PyAny>> {
    Operation::run_blocking(operation)
}

/// Keeps an object for ever, whatever becomes of the interpreter.
#[pyfunction]
fn never_free(object: Py<PyAny>) {
    std::mem::forget(object);
}

/// Lets writes that are under way reach the kernel.
#[pyfunction]
fn settle(py: Python<'_>) {
    crate::bridge::hold_others(py);
    py.detach(|| engine::settle(PATIENCE));
}

fn from_environment() {
    if std::env::var("RAPFILES_NOW").is_ok_and(|value| value.trim() == "0") {
        now::set_enabled(false);
    }
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    from_environment();
    module.add_function(wrap_pyfunction!(configure, module)?)?;
    module.add_function(wrap_pyfunction!(metrics, module)?)?;
    module.add_function(wrap_pyfunction!(run_blocking, module)?)?;
    module.add_function(wrap_pyfunction!(never_free, module)?)?;
    module.add_function(wrap_pyfunction!(settle, module)?)
}
