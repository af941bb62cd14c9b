//! Trees: their entries, as streams of them.

mod entry;
mod options;
mod stream;

use pyo3::prelude::*;
use rapfiles_core::engine::metrics::Meter;
use rapfiles_core::find::{Finder, Options};

use crate::bridge::Stream;
use crate::convert::path::PathArg;
use crate::convert::tree::threads;
use options::Given;
pub use stream::{Telling, tree};

static WALK: Meter = Meter::new("walk");
static SCAN_DIR: Meter = Meter::new("scan_dir");

/// Where they are counted.
pub fn meters() -> impl Iterator<Item = &'static Meter> {
    [&WALK, &SCAN_DIR, &entry::METADATA].into_iter()
}

#[pyfunction]
#[allow(clippy::needless_pass_by_value)] // that is how arguments arrive
fn walk(py: Python<'_>, given: Given<'_>) -> PyResult<Py<Stream>> {
    let root = given.root()?;
    let (style, threads) = (root.style(py), given.threads()?);
    let telling = Telling { meter: &WALK, threads, style, strict: given.strict, pairs: false };
    let finder = Finder::new(vec![root.as_c().to_bytes().to_vec()], given.options()?);
    tree(py, "walk", finder, telling)
}

#[pyfunction]
#[allow(clippy::needless_pass_by_value)] // that is how arguments arrive
fn scan_dir(py: Python<'_>, given: Given<'_>) -> PyResult<Py<Stream>> {
    let root = given.root()?;
    let telling = Telling { meter: &SCAN_DIR, threads: 1, style: root.style(py), strict: given.strict, pairs: false };
    let finder = Finder::new(vec![root.as_c().to_bytes().to_vec()], given.options()?);
    tree(py, "scan_dir", finder, telling)
}

/// The items are pairs of a path and whether it is a file's.
#[pyfunction]
fn walk_pairs(py: Python<'_>, root: &Bound<'_, PyAny>) -> PyResult<Py<Stream>> {
    let root = PathArg::new(root)?;
    let threads = threads(None)?;
    let telling = Telling { meter: &WALK, threads, style: root.style(py), strict: false, pairs: true };
    let options = Options { hidden: true, ..Options::default() };
    tree(py, "walk_dir", Finder::new(vec![root.as_c().to_bytes().to_vec()], options), telling)
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<entry::WalkEntry>()?;
    module.add_function(wrap_pyfunction!(scan_dir, module)?)?;
    module.add_function(wrap_pyfunction!(walk, module)?)?;
    module.add_function(wrap_pyfunction!(walk_pairs, module)?)
}
