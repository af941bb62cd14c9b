//! `rapfiles.os` and `rapfiles.ospath`: the usual forms of the standard library's functions. And what paths are asked.
//!
//! Each function here takes arguments of the kinds that programs use: str, bytes and `os.PathLike` for paths, int
//! for descriptors, real bools. What isn't of these kinds is left to the standard library's own function, run in an
//! executor, so that oddities and errors are its own, word for word, in every version of Python.

mod access;
mod args;
mod cwd;
mod dir;
mod entry;
mod function;
mod list;
mod names;
mod question;
mod same;
mod scandir;
#[cfg(target_os = "linux")]
mod sendfile;
mod stat;
mod statvfs;

use pyo3::prelude::*;
use rapfiles_core::engine::metrics::Meter;

use function::Function;

/// All functions there are.
fn functions() -> impl Iterator<Item = &'static Function> {
    let rooms = [
        access::FUNCTIONS.as_slice(),
        &cwd::FUNCTIONS,
        &dir::FUNCTIONS,
        &list::FUNCTIONS,
        &names::FUNCTIONS,
        &question::FUNCTIONS,
        &same::FUNCTIONS,
        &scandir::FUNCTIONS,
        #[cfg(target_os = "linux")]
        &sendfile::FUNCTIONS,
        &stat::FUNCTIONS,
        &statvfs::FUNCTIONS,
    ];
    rooms.into_iter().flatten()
}

/// Where they are counted.
pub fn meters() -> impl Iterator<Item = &'static Meter> {
    functions().map(|function| &function.meter)
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<entry::DirEntry>()?;
    module.add_class::<scandir::ScandirIterator>()?;
    function::register(module)
}
