//! What is done to single paths, as functions of the package.

mod attributes;
mod dir;
mod lookup;
mod metadata;
mod names;
#[cfg(any(target_os = "linux", target_vendor = "apple"))]
mod xattr;

pub use metadata::FileMetadata;

use pyo3::prelude::*;
use rapfiles_core::engine::metrics::Meter;

use crate::bridge::{Act, Operation};
use crate::convert::path::PathArg;
use crate::task::{Names, operation};

/// Where they are counted.
pub fn meters() -> impl Iterator<Item = &'static Meter> {
    let rooms = [
        attributes::METERS.as_slice(),
        &dir::METERS,
        &lookup::METERS,
        &names::METERS,
        #[cfg(any(target_os = "linux", target_vendor = "apple"))]
        &xattr::METERS,
    ];
    rooms.into_iter().flatten().copied()
}

/// An operation on one path.
fn on_one(
    meter: &'static Meter,
    path: &Bound<'_, PyAny>,
    act: impl FnOnce(PathArg, Names) -> PyResult<Box<dyn Act>>,
) -> PyResult<Py<Operation>> {
    let py = path.py();
    let made = PathArg::new(path).and_then(|path| {
        let names = Names::one(py, &path);
        act(path, names)
    });
    operation(py, meter, made)
}

/// An operation on two paths; its errors name both.
fn on_two(
    meter: &'static Meter,
    first: &Bound<'_, PyAny>,
    second: &Bound<'_, PyAny>,
    act: impl FnOnce(PathArg, PathArg, Names) -> Box<dyn Act>,
) -> PyResult<Py<Operation>> {
    let py = first.py();
    let made = PathArg::new(first).and_then(|first| {
        let second = PathArg::new(second)?;
        let names = Names::two(py, &first, &second);
        Ok(act(first, second, names))
    });
    operation(py, meter, made)
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    attributes::register(module)?;
    dir::register(module)?;
    lookup::register(module)?;
    metadata::register(module)?;
    names::register(module)?;
    #[cfg(any(target_os = "linux", target_vendor = "apple"))]
    xattr::register(module)?;
    Ok(())
}
