//! An entry of a tree: its path, and what was learned of it on the way.

use std::io;
use std::sync::Arc;

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};
use rapfiles_core::engine::Lane;
use rapfiles_core::engine::metrics::Meter;
use rapfiles_core::find::Entries;
use rapfiles_core::fs::CWD;
use rapfiles_core::fs::stat::{Status, Subject, stat, stat_now};
use rapfiles_core::{Stop, find};

use crate::bridge::{Act, Operation, Step};
use crate::convert::path::{PathArg, Style};
use crate::convert::stat::stat_result;
use crate::error::os_error;

pub static METADATA: Meter = Meter::new("metadata");

/// Something in a tree. It can be used wherever a path can.
#[pyclass(frozen, generic, module = "rapfiles._rapfiles")]
pub struct TreeEntry {
    /// The root as it was given, and the way from there.
    #[pyo3(get)]
    path: Py<PyAny>,
    /// Steps from the root; what is in it is 1 step away.
    #[pyo3(get)]
    depth: u32,
    /// The type's name, `""` for one that has none.
    kind: &'static str,
    /// Whether metadata are those of what a symbolic link leads to.
    follow: bool,
    status: Option<Arc<Status>>,
}

impl TreeEntry {
    pub fn new(py: Python<'_>, entries: &Entries, at: usize, style: Style, follow: bool) -> PyResult<Py<Self>> {
        let path = style.tell(py, entries.path(at))?.unbind();
        let kind = find::name_of(entries.kind(at));
        let follow = follow && kind != "symlink";
        Py::new(py, Self { path, depth: entries.depth(at), kind, follow, status: entries.status(at).cloned() })
    }
}

#[pymethods]
impl TreeEntry {
    /// The last part of the path.
    #[getter]
    fn name<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let path = self.path.bind(py);
        if let Ok(bytes) = path.cast::<PyBytes>() {
            let name = bytes.as_bytes().rsplit(|byte| *byte == b'/').next().unwrap_or_default();
            return Ok(PyBytes::new(py, name).into_any());
        }
        path.call_method1(intern!(py, "rpartition"), ("/",))?.get_item(2)
    }

    /// What it is: `"file"`, `"dir"`, `"symlink"`, `"socket"`, `"fifo"`, `"block"` or `"char"`.
    #[getter]
    fn file_type<'py>(&self, py: Python<'py>) -> Bound<'py, PyString> {
        PyString::intern(py, self.kind)
    }

    /// Whether it is a regular file (or a symbolic link to one, if links were followed).
    #[getter]
    fn is_file(&self) -> bool {
        self.kind == "file"
    }

    /// Whether it is a directory (or a symbolic link to one, if links were followed).
    #[getter]
    fn is_dir(&self) -> bool {
        self.kind == "dir"
    }

    /// Whether it is a symbolic link (one that leads nowhere, if links were followed).
    #[getter]
    fn is_symlink(&self) -> bool {
        self.kind == "symlink"
    }

    /// Its metadata; those that were read on the way, if there are any. Of the link itself, unless links were followed.
    fn metadata(&self, py: Python<'_>) -> PyResult<Py<Operation>> {
        if let Some(status) = &self.status {
            return Operation::known(py, "metadata", stat_result(py, status));
        }
        let path = PathArg::new(self.path.bind(py))?;
        Operation::act(py, "metadata", Metadata { path, follow: self.follow, result: None })
    }

    fn __fspath__(&self, py: Python<'_>) -> Py<PyAny> {
        self.path.clone_ref(py)
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        Ok(format!("<TreeEntry {}>", self.path.bind(py).repr()?))
    }
}

/// Asks for metadata.
struct Metadata {
    path: PathArg,
    follow: bool,
    result: Option<io::Result<Status>>,
}

impl Metadata {
    fn subject(&self) -> Subject<'_> {
        Subject::Path { dir: CWD, path: self.path.as_c(), follow: self.follow }
    }
}

impl Act for Metadata {
    fn meter(&self) -> &'static Meter {
        &METADATA
    }

    fn poll(&mut self, operation: &Bound<'_, Operation>) -> PyResult<Step> {
        let py = operation.py();
        let result = match self.result.take() {
            Some(result) => result,
            None => match stat_now(self.subject()) {
                Ok(status) => Ok(status),
                Err(Stop::Failed(error)) => Err(error),
                Err(Stop::WouldBlock) => return Ok(Step::Soon { lane: Lane::Disk, effect: false }),
            },
        };
        match result {
            Ok(status) => stat_result(py, &status).map(Step::Done),
            Err(error) => Err(os_error(py, &error, Some(&self.path.given))),
        }
    }

    fn run(&mut self) {
        self.result = Some(stat(self.subject()));
    }

    fn give_up(&mut self, _operation: &Bound<'_, Operation>) {}
}
