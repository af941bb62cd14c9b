//! The compiled module `rapfiles._rapfiles`: each room's `register`, nothing else.

use pyo3::prelude::*;

mod ask;
mod atomic;
mod batch;
#[cfg(feature = "bench")]
mod bench;
mod bridge;
mod context;
mod convert;
mod copy;
mod error;
mod file;
mod find;
mod fs;
mod glob;
mod lock;
mod long;
mod map;
mod os;
mod path;
mod pipeline;
mod scan;
mod search;
mod serve;
mod settings;
mod task;
mod text;
mod walk;
mod whole;

#[pymodule(gil_used = true)]
fn _rapfiles(module: &Bound<'_, PyModule>) -> PyResult<()> {
    rapfiles_core::engine::notice_forks();
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    atomic::register(module)?;
    batch::register(module)?;
    #[cfg(feature = "bench")]
    bench::register(module)?;
    bridge::register(module)?;
    context::register(module)?;
    copy::register(module)?;
    file::register(module)?;
    find::register(module)?;
    fs::register(module)?;
    glob::register(module)?;
    lock::register(module)?;
    long::register(module)?;
    map::register(module)?;
    os::register(module)?;
    path::register(module)?;
    pipeline::register(module)?;
    scan::register(module)?;
    search::register(module)?;
    serve::register(module)?;
    settings::register(module)?;
    walk::register(module)?;
    whole::register(module)?;
    // The stub says what there is.
    module.delattr("__all__")
}
