//! Whole files in one call; parts of them; files that come or go in many parts.

mod chunks;
mod lines;
mod pour;
mod ranges;
mod read;
mod write;

pub use write::{bytes_of, encoded};

use pyo3::prelude::*;
use rapfiles_core::engine::metrics::Meter;

use crate::bridge::{Act, Operation};

pub fn meters() -> [&'static Meter; 7] {
    [
        &read::READ_FILE,
        &write::WRITE_FILE,
        &write::APPEND_FILE,
        &ranges::READ_RANGES,
        &chunks::READ_CHUNKS,
        &lines::READ_LINES,
        &pour::WRITE_CHUNKS,
    ]
}

/// An operation, or one that raises when it is awaited.
fn made(py: Python<'_>, name: &'static str, act: PyResult<impl Act + 'static>) -> PyResult<Py<Operation>> {
    match act {
        Ok(act) => Operation::act(py, name, act),
        Err(error) => Operation::known(py, name, Err(error)),
    }
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<pour::ChunkWriter>()?;
    module.add_function(wrap_pyfunction!(read::read_file_bytes, module)?)?;
    module.add_function(wrap_pyfunction!(read::read_file, module)?)?;
    module.add_function(wrap_pyfunction!(write::write_file_bytes, module)?)?;
    module.add_function(wrap_pyfunction!(write::write_file, module)?)?;
    module.add_function(wrap_pyfunction!(write::append_file, module)?)?;
    module.add_function(wrap_pyfunction!(ranges::read_range, module)?)?;
    module.add_function(wrap_pyfunction!(ranges::read_ranges, module)?)?;
    module.add_function(wrap_pyfunction!(chunks::read_file_chunked, module)?)?;
    module.add_function(wrap_pyfunction!(lines::read_lines, module)?)?;
    module.add_function(wrap_pyfunction!(lines::read_lines_bytes, module)?)
}
