//! Files that change in one step.

mod staged;
mod transaction;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyString;
use rapfiles_core::atomic::{self, Durability, Options};
use rapfiles_core::engine::metrics::Meter;

use crate::bridge::{Act, Operation};
use crate::convert::bytes::Borrowed;
use crate::convert::path::PathArg;
use crate::task::{Names, change, change_to, operation};

static WRITE: Meter = Meter::new("atomic_write_file");
static MOVE: Meter = Meter::new("atomic_move_file");

pub fn meters() -> [&'static Meter; 4] {
    [&WRITE, &MOVE, &staged::OPEN, &transaction::TRANSACTION]
}

pub fn durability(word: &str) -> PyResult<Durability> {
    match word {
        "full" => Ok(Durability::Full),
        "rename" => Ok(Durability::Rename),
        "none" => Ok(Durability::None),
        _ => Err(PyValueError::new_err(format!("durability must be 'full', 'rename' or 'none': '{word}'"))),
    }
}

/// How a file is replaced: durability, permissions, and whether owner and attributes are kept, links followed, and a file
/// that is there replaced.
#[derive(FromPyObject)]
#[allow(clippy::struct_excessive_bools)] // each is a question of its own
struct Given(String, Option<i64>, bool, bool, bool, bool);

impl Given {
    fn options(&self) -> PyResult<Options> {
        let Self(word, mode, keep_owner, keep_xattrs, follow_symlinks, overwrite) = self;
        let permissions = |mode: i64| {
            let mode = u32::try_from(mode).ok().filter(|mode| *mode <= 0o7777);
            mode.ok_or_else(|| PyValueError::new_err("mode must be between 0 and 0o7777"))
        };
        Ok(Options {
            durability: durability(word)?,
            mode: mode.map(permissions).transpose()?,
            keep_owner: *keep_owner,
            keep_xattrs: *keep_xattrs,
            follow_symlinks: *follow_symlinks,
            overwrite: *overwrite,
        })
    }
}

/// A write that is one hop.
fn write(given_path: &Bound<'_, PyAny>, data: PyResult<Borrowed>, given: &Given) -> PyResult<Box<dyn Act>> {
    let (path, data, options) = (PathArg::new(given_path)?, data?, given.options()?);
    let names = Names::one(given_path.py(), &path);
    let work = move || atomic::write(path.as_c(), data.as_slice(), options).map(|()| data.as_slice().len());
    Ok(change_to(&WRITE, names, work, |py, count| Ok(count.into_pyobject(py)?.into_any().unbind())))
}

#[pyfunction]
#[allow(clippy::needless_pass_by_value)] // as it is extracted
fn atomic_write_bytes(
    py: Python<'_>,
    path: &Bound<'_, PyAny>,
    data: &Bound<'_, PyAny>,
    given: Given,
) -> PyResult<Py<Operation>> {
    operation(py, &WRITE, write(path, Borrowed::of_buffer(data), &given))
}

#[pyfunction]
#[allow(clippy::needless_pass_by_value)] // as it is extracted
fn atomic_write_text(
    py: Python<'_>,
    path: &Bound<'_, PyAny>,
    text: &Bound<'_, PyString>,
    encoding: &str,
    errors: &str,
    given: Given,
) -> PyResult<Py<Operation>> {
    operation(py, &WRITE, write(path, Borrowed::of_text(text, encoding, errors), &given))
}

#[pyfunction]
fn atomic_move(
    py: Python<'_>,
    source: &Bound<'_, PyAny>,
    target: &Bound<'_, PyAny>,
    word: &str,
    overwrite: bool,
) -> PyResult<Py<Operation>> {
    let act = || {
        let (from, to, durability) = (PathArg::new(source)?, PathArg::new(target)?, durability(word)?);
        let names = Names::two(py, &from, &to);
        Ok(change(&MOVE, names, move || atomic::move_file(from.as_c(), to.as_c(), durability, overwrite)))
    };
    operation(py, &MOVE, act())
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<staged::AtomicFile>()?;
    module.add_class::<transaction::AtomicTransaction>()?;
    module.add_function(wrap_pyfunction!(atomic_write_bytes, module)?)?;
    module.add_function(wrap_pyfunction!(atomic_write_text, module)?)?;
    module.add_function(wrap_pyfunction!(atomic_move, module)?)
}
