//! What can be done to many files at once.

use std::collections::HashSet;
use std::mem;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};
use rapfiles_core::batch::{Errand, Looks, Read, Reads, Removal, Transfers, Writes};
use rapfiles_core::copy;

use super::work::{Made, Order, pair};
use crate::convert::bytes::{Borrowed, NewBytes};
use crate::convert::path::PathArg;
use crate::fs::FileMetadata;
use crate::task::{Names, truth};

type Object = Py<PyAny>;

fn path_names(py: Python<'_>, item: &Bound<'_, PyAny>) -> PyResult<Names> {
    Ok(Names::one(py, &PathArg::new(item)?))
}

/// Paths that are written to: each may be named once.
#[derive(Default)]
struct Targets(HashSet<Box<[u8]>>);

impl Targets {
    fn add(&mut self, path: &PathArg) -> PyResult<()> {
        if self.0.insert(path.as_c().to_bytes().into()) {
            return Ok(());
        }
        Err(PyValueError::new_err(format!("two of these go to {}", path.given)))
    }
}

/// Reading.
#[derive(Default)]
pub struct Reading(Vec<PathArg>);

impl Order for Reading {
    type Errand = Reads<PathArg, NewBytes>;

    fn take<'py>(&mut self, item: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        self.0.push(PathArg::new(item)?);
        Ok(item.clone())
    }

    fn errand(&mut self, _py: Python<'_>) -> Self::Errand {
        Reads::new(mem::take(&mut self.0))
    }

    fn names(py: Python<'_>, item: &Bound<'_, PyAny>) -> PyResult<Names> {
        path_names(py, item)
    }

    fn make(&self, py: Python<'_>, done: Read<NewBytes>) -> PyResult<Made<NewBytes>> {
        Ok(match done {
            Read::Bytes(bytes) => Made::Object(PyBytes::new(py, &bytes).into_any().unbind()),
            Read::Large(size) => Made::Memory(NewBytes::new(py, size)?),
            Read::Filled(bytes, count, more) if more.is_empty() => Made::Object(bytes.finish(py, count)?),
            Read::Filled(mut bytes, count, more) => {
                let whole = [&bytes.memory()[..count], &more].concat();
                Made::Object(PyBytes::new(py, &whole).into_any().unbind())
            }
        })
    }
}

/// Writing.
#[derive(Default)]
pub struct Writing {
    files: Vec<(PathArg, Borrowed)>,
    targets: Targets,
}

impl Order for Writing {
    type Errand = Writes<PathArg, Borrowed>;

    fn take<'py>(&mut self, item: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let (path, data) = pair(item)?;
        let data = match data.cast::<PyString>() {
            Ok(text) => crate::whole::encoded(text, "utf-8", "strict", None)?,
            Err(_) => crate::whole::bytes_of(&data)?,
        };
        let target = PathArg::new(&path)?;
        self.targets.add(&target)?;
        self.files.push((target, data));
        Ok(path)
    }

    fn errand(&mut self, _py: Python<'_>) -> Self::Errand {
        Writes { files: mem::take(&mut self.files) }
    }

    fn names(py: Python<'_>, item: &Bound<'_, PyAny>) -> PyResult<Names> {
        path_names(py, &pair(item)?.0)
    }

    fn make(&self, py: Python<'_>, done: usize) -> PyResult<Made<<Self::Errand as Errand>::Begun>> {
        Ok(Made::Object(done.into_pyobject(py)?.into_any().unbind()))
    }
}

/// Removing.
pub struct Removing {
    pub missing_ok: bool,
    pub paths: Vec<PathArg>,
}

impl Order for Removing {
    type Errand = Removal<PathArg>;

    fn take<'py>(&mut self, item: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        self.paths.push(PathArg::new(item)?);
        Ok(item.clone())
    }

    fn errand(&mut self, _py: Python<'_>) -> Self::Errand {
        Removal { paths: mem::take(&mut self.paths), missing_ok: self.missing_ok }
    }

    fn names(py: Python<'_>, item: &Bound<'_, PyAny>) -> PyResult<Names> {
        path_names(py, item)
    }

    fn make(&self, py: Python<'_>, done: bool) -> PyResult<Made<<Self::Errand as Errand>::Begun>> {
        Ok(Made::Object(truth(py, done)?))
    }
}

/// Asking for metadata.
pub struct Looking {
    pub follow: bool,
    pub paths: Vec<PathArg>,
}

impl Order for Looking {
    type Errand = Looks<PathArg>;

    fn take<'py>(&mut self, item: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        self.paths.push(PathArg::new(item)?);
        Ok(item.clone())
    }

    fn errand(&mut self, _py: Python<'_>) -> Self::Errand {
        Looks { paths: mem::take(&mut self.paths), follow: self.follow }
    }

    fn names(py: Python<'_>, item: &Bound<'_, PyAny>) -> PyResult<Names> {
        path_names(py, item)
    }

    fn make(
        &self,
        py: Python<'_>,
        done: <Self::Errand as Errand>::Done,
    ) -> PyResult<Made<<Self::Errand as Errand>::Begun>> {
        Ok(Made::Object(FileMetadata::make(py, &done)?))
    }
}

/// Copying and moving.
pub struct Transferring {
    how: copy::How,
    pairs: Vec<(PathArg, PathArg)>,
    targets: Targets,
}

impl Transferring {
    pub fn new(how: copy::How) -> Self {
        Self { how, pairs: Vec::new(), targets: Targets::default() }
    }
}

impl Order for Transferring {
    type Errand = Transfers<PathArg>;

    fn take<'py>(&mut self, item: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let (source, target) = pair(item)?;
        let (from, to) = (PathArg::new(&source)?, PathArg::new(&target)?);
        self.targets.add(&to)?;
        self.pairs.push((from, to));
        Ok(target)
    }

    fn errand(&mut self, _py: Python<'_>) -> Self::Errand {
        Transfers { pairs: mem::take(&mut self.pairs), how: self.how }
    }

    fn names(py: Python<'_>, item: &Bound<'_, PyAny>) -> PyResult<Names> {
        let (source, target) = pair(item)?;
        Ok(Names::two(py, &PathArg::new(&source)?, &PathArg::new(&target)?))
    }

    fn make(&self, py: Python<'_>, done: u64) -> PyResult<Made<<Self::Errand as Errand>::Begun>> {
        let object: Object = done.into_pyobject(py)?.into_any().unbind();
        Ok(Made::Object(object))
    }
}
