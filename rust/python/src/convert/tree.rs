//! Options that everything has that goes through trees.

use std::ffi::OsStr;
use std::num::NonZero;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};
use rapfiles_core::find::{Depth, Pattern, text_of};
use rapfiles_core::ignore_rules::{Environment, Settings};

use super::path::PathArg;
use crate::error::pattern_error;

/// More threads than these are of no use to a disk, or a program.
const THREADS: usize = 8;
/// And more than these nobody may have.
const MOST: i64 = 256;

/// How many threads look.
pub fn threads(given: Option<i64>) -> PyResult<usize> {
    match given {
        None => Ok(std::thread::available_parallelism().map_or(1, NonZero::get).min(THREADS)),
        Some(count @ 1..=MOST) => Ok(usize::try_from(count).unwrap_or(1)),
        Some(other) => Err(PyValueError::new_err(format!("threads must be between 1 and {MOST}: {other}"))),
    }
}

/// How deep they look.
pub fn depth(min: Option<i64>, max: Option<i64>) -> PyResult<Depth> {
    let steps = |name: &str, given: Option<i64>| {
        let negative = |given| PyValueError::new_err(format!("{name} must not be negative: {given}"));
        given.map(|given| usize::try_from(given).map_err(|_| negative(given))).transpose()
    };
    Ok(Depth { min: steps("min_depth", min)?.unwrap_or(0), max: steps("max_depth", max)?.unwrap_or(usize::MAX) })
}

/// What is ignored. A plain name is looked for in every directory, anything else is one file.
pub fn ignore(git: bool, files: Option<&Bound<'_, PyAny>>) -> PyResult<Option<Settings>> {
    let given = files.map(paths).transpose()?.unwrap_or_default();
    if given.is_empty() && !git {
        return Ok(None);
    }
    let given = given.iter().map(|path| path.as_c().to_bytes().to_vec());
    let (files, names) = given.partition::<Vec<_>, _>(|path| path.contains(&b'/'));
    let files = files.iter().map(|path| PathBuf::from(OsStr::from_bytes(path))).collect();
    Ok(Some(Settings { git: git.then(Environment::read), names, files }))
}

/// One path or several.
pub fn paths(given: &Bound<'_, PyAny>) -> PyResult<Vec<PathArg>> {
    let single = given.hasattr("__fspath__")?;
    items(given, single)?.iter().map(PathArg::new).collect()
}

/// Texts that may be absent, one or several, each as it was given too.
pub fn texts<'py>(name: &str, given: Option<&Bound<'py, PyAny>>) -> PyResult<Vec<(Bound<'py, PyAny>, String)>> {
    let Some(given) = given else { return Ok(Vec::new()) };
    let both = |item: Bound<'py, PyAny>| text(name, &item).map(|text| (item, text));
    items(given, false)?.into_iter().map(both).collect()
}

/// A compiled glob; `behind` so many characters of what was given.
pub fn glob(given: &Bound<'_, PyAny>, text: &str, behind: usize) -> PyResult<Pattern> {
    let case = Some(true);
    Pattern::glob(text, case)
        .map_err(|bad| pattern_error(given, bad.position.map(|position| position + behind), &bad.reason))
}

/// The items of something that may be a single one.
fn items<'py>(given: &Bound<'py, PyAny>, single: bool) -> PyResult<Vec<Bound<'py, PyAny>>> {
    if single || given.is_instance_of::<PyString>() || given.is_instance_of::<PyBytes>() {
        return Ok(vec![given.clone()]);
    }
    given.try_iter()?.collect()
}

/// Text as the core has names: what is not UTF-8 is kept.
fn text(name: &str, given: &Bound<'_, PyAny>) -> PyResult<String> {
    if !given.is_instance_of::<PyString>() && !given.is_instance_of::<PyBytes>() {
        let kind = given.get_type().name()?.to_string();
        return Err(PyTypeError::new_err(format!("{name} must be str or bytes, not {kind}")));
    }
    if let Ok(text) = given.extract::<&str>() {
        return Ok(text.to_owned());
    }
    Ok(text_of(PathArg::new(given)?.as_c().to_bytes()).into_owned())
}
