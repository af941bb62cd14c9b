//! Finding what is in trees.

mod matcher;
mod options;

use pyo3::prelude::*;
use rapfiles_core::engine::metrics::Meter;
use rapfiles_core::find::Finder;

use crate::bridge::Stream;
use crate::walk::{Telling, tree};
pub use options::Given;

pub static FIND: Meter = Meter::new("find");

#[pyfunction]
#[allow(clippy::needless_pass_by_value)] // that is how arguments arrive
fn find(py: Python<'_>, given: Given<'_>) -> PyResult<Py<Stream>> {
    let roots = given.roots()?;
    let telling =
        Telling { meter: &FIND, threads: given.threads()?, style: roots.style, strict: given.strict, pairs: false };
    tree(py, "find", Finder::new(roots.paths, given.options()?), telling)
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<matcher::PatternMatcher>()?;
    module.add_function(wrap_pyfunction!(find, module)?)
}
