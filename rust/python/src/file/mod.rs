//! File handles: what they hold, how operations take turns on them, and each operation.

mod build;
mod codec;
mod cookie;
mod encoder;
pub mod encoding;
mod handle;
mod open;
mod position;
mod read;
mod read_lines;
mod state;
mod sync;
mod sync_text;
mod text;
mod text_write;
mod turn;
mod verbs;
mod write;

pub use handle::Handle;
pub use open::{Source, open_source};
pub use verbs::verb;

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;
use rapfiles_core::engine::metrics::Meter;

/// What the Python part of the package gives to this one.
pub struct Classes {
    pub text: Py<PyType>,
    pub reader: Py<PyType>,
    pub buffered: Py<PyType>,
    pub raw: Py<PyType>,
    /// `delegate(handle, name, *args)`: runs a method of a Python file in an executor.
    pub delegate: Py<PyAny>,
    /// `misuse(kind, closed, name, args)`: raises what the standard library raises.
    pub misuse: Py<PyAny>,
}

static CLASSES: PyOnceLock<Classes> = PyOnceLock::new();

pub fn classes(py: Python<'_>) -> PyResult<&Classes> {
    CLASSES.get(py).ok_or_else(|| PyRuntimeError::new_err("rapfiles is not imported completely"))
}

/// Called once by the Python part of the package.
#[pyfunction]
fn set_classes(
    py: Python<'_>,
    text: Py<PyType>,
    reader: Py<PyType>,
    buffered: Py<PyType>,
    raw: Py<PyType>,
    delegate: Py<PyAny>,
    misuse: Py<PyAny>,
) {
    let _set_before = CLASSES.set(py, Classes { text, reader, buffered, raw, delegate, misuse });
}

/// The counters of this room.
pub fn meters() -> Vec<&'static Meter> {
    vec![
        &open::OPEN,
        &read::READ,
        &read::READINTO,
        &read_lines::READLINE,
        &read_lines::READLINES,
        &text::READ_TEXT,
        &write::WRITE,
        &write::FLUSH,
        &position::SEEK,
        &position::TELL,
        &position::TRUNCATE,
        &position::CLOSE,
        &position::ASK,
    ]
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Handle>()?;
    module.add_function(wrap_pyfunction!(set_classes, module)?)?;
    sync::register(module)?;
    sync_text::register(module)?;
    verbs::register(module)?;
    open::register(module)
}
