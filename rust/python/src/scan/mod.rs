//! Directory structures.

mod found;
mod look;
mod shuffle;
mod structure;

use pyo3::prelude::*;
use rapfiles_core::engine::metrics::Meter;

pub fn meters() -> impl Iterator<Item = &'static Meter> {
    look::meters().into_iter().chain(shuffle::meters())
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<shuffle::Shuffle>()?;
    structure::register(module)?;
    look::register(module)
}
