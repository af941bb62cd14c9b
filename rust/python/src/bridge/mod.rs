//! Between Python's event loops and the engine: what is awaited, where completions arrive, what a coroutine function is.

mod completion;
mod event_loop;
mod exit;
mod function;
mod groups;
mod method;
mod next;
mod operation;
mod pulled;
mod reshaped;
mod slots;
mod stream;

pub use completion::{Act, Step};
pub use event_loop::running;
pub use exit::{check, hold_others};
pub use function::native_method;
pub use method::{Args, Begin, Class, Verb};
pub use next::{Source, next};
pub use operation::{Call, Operation};
pub use pulled::pulled;
pub use reshaped::Reshape;
pub use slots::{raise_stop_iteration, stop_iteration};
pub use stream::{Items, Stream};

use pyo3::exceptions::PySystemError;
use pyo3::prelude::*;

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Operation>()?;
    module.add_class::<Stream>()?;
    event_loop::register(module)?;
    slots::install(module.py());
    function::register(module)
}

/// What a panic becomes.
pub fn internal_error() -> PyErr {
    PySystemError::new_err("rapfiles: an internal error; please report it")
}
