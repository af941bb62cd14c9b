//! What can be set of a file besides its name and contents; and what its filesystem has room for.

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyString};
use rapfiles_core::engine::metrics::Meter;
use rapfiles_core::fs::owner::{self, Owner};
use rapfiles_core::fs::times::Time;
use rapfiles_core::fs::{permissions, statvfs, times};

use super::lookup::target;
use super::metadata::time;
use super::on_one;
use crate::bridge::Operation;
use crate::convert::target::Target;
use crate::task::{Names, change, look, operation};

static DISK_USAGE: Meter = Meter::new("disk_usage");
static SET_OWNER: Meter = Meter::new("set_owner");
static SET_PERMISSIONS: Meter = Meter::new("set_permissions");
static SET_TIMES: Meter = Meter::new("set_times");

pub static METERS: [&Meter; 4] = [&DISK_USAGE, &SET_OWNER, &SET_PERMISSIONS, &SET_TIMES];

#[pyfunction]
fn disk_usage(path: &Bound<'_, PyAny>) -> PyResult<Py<Operation>> {
    let py = path.py();
    let act = target(path).map(|target| {
        let names = Names::object(target.given().clone_ref(py));
        let work = move || match &target {
            Target::Path(path, _) => statvfs::of_path(path.as_c()),
            Target::Fd(fd, _) => statvfs::of_file(fd.borrow()),
        };
        look(&DISK_USAGE, names, work, |py, figures| Ok(figures.usage().into_pyobject(py)?.into_any().unbind()))
    });
    operation(py, &DISK_USAGE, act)
}

#[pyfunction]
#[pyo3(signature = (path, mode, *, follow_symlinks=true))]
fn set_permissions(path: &Bound<'_, PyAny>, mode: u32, follow_symlinks: bool) -> PyResult<Py<Operation>> {
    on_one(&SET_PERMISSIONS, path, |path, names| {
        // The kind of a file may come with them, as it stands in its metadata.
        if mode > 0o177_777 {
            return Err(PyValueError::new_err(format!("mode is more than permissions: {mode:#o}")));
        }
        let mode = mode & 0o7777;
        Ok(change(&SET_PERMISSIONS, names, move || permissions::set(path.as_c(), mode, follow_symlinks)))
    })
}

/// The times are nanoseconds.
#[pyfunction]
fn set_times(
    path: &Bound<'_, PyAny>,
    accessed: Option<i128>,
    modified: Option<i128>,
    follow_symlinks: bool,
) -> PyResult<Py<Operation>> {
    on_one(&SET_TIMES, path, |path, names| {
        let [accessed, modified] = [moment(accessed)?, moment(modified)?];
        Ok(change(&SET_TIMES, names, move || times::set(path.as_c(), accessed, modified, follow_symlinks)))
    })
}

fn moment(nanoseconds: Option<i128>) -> PyResult<Option<Time>> {
    nanoseconds.map(time).transpose()
}

#[pyfunction]
#[pyo3(signature = (path, uid=None, gid=None, *, follow_symlinks=true))]
fn set_owner(
    path: &Bound<'_, PyAny>,
    uid: Option<&Bound<'_, PyAny>>,
    gid: Option<&Bound<'_, PyAny>>,
    follow_symlinks: bool,
) -> PyResult<Py<Operation>> {
    on_one(&SET_OWNER, path, |path, names| {
        let (user, group) = (wanted("uid", uid)?, wanted("gid", gid)?);
        Ok(change(&SET_OWNER, names, move || {
            let user = user.as_ref().map(|user| user.user("uid")).transpose()?;
            let group = group.as_ref().map(|group| group.group("gid")).transpose()?;
            owner::give(path.as_c(), user, group, follow_symlinks)
        }))
    })
}

/// A user or group; none, as -1, is to stay who it is.
fn wanted(name: &str, given: Option<&Bound<'_, PyAny>>) -> PyResult<Option<Owner>> {
    let Some(given) = given else { return Ok(None) };
    if let Ok(text) = given.cast::<PyString>() {
        return Ok(Some(Owner::Name(text.to_str()?.to_owned())));
    }
    let number = if given.is_instance_of::<PyBool>() { None } else { given.extract::<i128>().ok() };
    match number {
        None => Err(PyTypeError::new_err(format!("{name} must be int or str, not {}", given.get_type().name()?))),
        Some(-1) => Ok(None),
        Some(number) => match u32::try_from(number) {
            // The largest is what -1 looks like to the system.
            Err(_) | Ok(u32::MAX) => Err(PyValueError::new_err(format!("{name} is not an id: {number}"))),
            Ok(id) => Ok(Some(Owner::Id(id))),
        },
    }
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(disk_usage, module)?)?;
    module.add_function(wrap_pyfunction!(set_owner, module)?)?;
    module.add_function(wrap_pyfunction!(set_permissions, module)?)?;
    module.add_function(wrap_pyfunction!(set_times, module)?)
}
