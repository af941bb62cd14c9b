//! The same for many files at once, in one crossing.

mod orders;
mod rename;
mod work;

use orders::{Looking, Reading, Removing, Transferring, Writing};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList};
use rapfiles_core::copy::How;
use rapfiles_core::engine::metrics::Meter;
use rename::Renaming;
use work::{Batched, Order};

use crate::convert::path::Style;
use crate::long::Long;
use crate::task::Names;

static READ_FILES: Meter = Meter::new("read_files");
static WRITE_FILES: Meter = Meter::new("write_files");
static REMOVE_FILES: Meter = Meter::new("remove_files");
static STAT_FILES: Meter = Meter::new("stat_files");
static COPY_FILES: Meter = Meter::new("copy_files");
static MOVE_FILES: Meter = Meter::new("move_files");
static RENAME_FILES: Meter = Meter::new("rename_files");

pub fn meters() -> [&'static Meter; 7] {
    [&READ_FILES, &WRITE_FILES, &REMOVE_FILES, &STAT_FILES, &COPY_FILES, &MOVE_FILES, &RENAME_FILES]
}

/// How a batch is done.
#[derive(FromPyObject)]
struct Manner(Option<usize>, bool);

fn batch(meter: &'static Meter, items: &Bound<'_, PyList>, manner: &Manner, order: impl Order + Sync) -> Long {
    let bytes = items.get_item(0).is_ok_and(|first| first.is_instance_of::<PyBytes>());
    let names = Names::told(if bytes { Style::Bytes } else { Style::Str });
    Long::new(meter, names, Batched::new(items, manner.0, manner.1, order))
}

#[pyfunction]
#[allow(clippy::needless_pass_by_value)] // as it is extracted
fn read_files(paths: &Bound<'_, PyList>, manner: Manner) -> Long {
    batch(&READ_FILES, paths, &manner, Reading::default())
}

#[pyfunction]
#[allow(clippy::needless_pass_by_value)] // as it is extracted
fn write_files(files: &Bound<'_, PyList>, manner: Manner) -> Long {
    batch(&WRITE_FILES, files, &manner, Writing::default())
}

#[pyfunction]
#[allow(clippy::needless_pass_by_value)] // as it is extracted
fn remove_files(paths: &Bound<'_, PyList>, manner: Manner, missing_ok: bool) -> Long {
    batch(&REMOVE_FILES, paths, &manner, Removing { missing_ok, paths: Vec::new() })
}

#[pyfunction]
#[allow(clippy::needless_pass_by_value)] // as it is extracted
fn stat_files(paths: &Bound<'_, PyList>, manner: Manner, follow: bool) -> Long {
    batch(&STAT_FILES, paths, &manner, Looking { follow, paths: Vec::new() })
}

#[pyfunction]
#[allow(clippy::needless_pass_by_value, clippy::fn_params_excessive_bools)] // as it is extracted; Python gives them by name
fn copy_files(
    pairs: &Bound<'_, PyList>,
    manner: Manner,
    overwrite: bool,
    follow: bool,
    times: bool,
    xattrs: bool,
) -> Long {
    let how = How { overwrite, follow, times, xattrs, ..How::default() };
    batch(&COPY_FILES, pairs, &manner, Transferring::new(how))
}

#[pyfunction]
#[allow(clippy::needless_pass_by_value)] // as it is extracted
fn move_files(pairs: &Bound<'_, PyList>, manner: Manner, overwrite: bool) -> Long {
    let how = How { moving: true, overwrite, ..How::default() };
    batch(&MOVE_FILES, pairs, &manner, Transferring::new(how))
}

#[pyfunction]
fn rename_files(pairs: &Bound<'_, PyList>, dry: bool) -> PyResult<Long> {
    Ok(Long::new(&RENAME_FILES, Names::default(), Renaming::new(pairs, dry)?))
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(read_files, module)?)?;
    module.add_function(wrap_pyfunction!(write_files, module)?)?;
    module.add_function(wrap_pyfunction!(remove_files, module)?)?;
    module.add_function(wrap_pyfunction!(stat_files, module)?)?;
    module.add_function(wrap_pyfunction!(copy_files, module)?)?;
    module.add_function(wrap_pyfunction!(move_files, module)?)?;
    module.add_function(wrap_pyfunction!(rename_files, module)?)
}
