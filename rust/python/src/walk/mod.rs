//! Trees: their entries, as streams of them.

mod entry;
mod stream;

use pyo3::prelude::*;
use rapfiles_core::engine::metrics::Meter;

pub use stream::{Telling, tree};

/// Where they are counted.
pub fn meters() -> impl Iterator<Item = &'static Meter> {
    [&entry::METADATA].into_iter()
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<entry::TreeEntry>()
}
