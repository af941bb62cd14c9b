//! An entry of a tree: its path, and what was learned of it on the way.

use std::ptr;

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};
use rapfiles_core::engine::metrics::Meter;
use rapfiles_core::fs::stat::Status;
use rapfiles_core::walk::{Entry, Kind};

use crate::ask::{Ask, View};
use crate::bridge::Operation;
use crate::convert::path::{PathArg, Style};
use crate::convert::stat::stat_result;
use crate::convert::target::{Dir, Target};

pub static METADATA: Meter = Meter::new("metadata");

/// An entry of a tree. It can be used wherever a path can.
#[pyclass(frozen, generic, freelist = 128, module = "rapfiles._rapfiles")]
pub struct WalkEntry {
    path: Py<PyAny>,
    /// Its metadata, if they were asked for.
    status: Option<Box<Status>>,
    depth: u32,
    kind: Kind,
    link: bool,
}

impl WalkEntry {
    pub fn new(py: Python<'_>, entry: &Entry<'_>, style: Style) -> PyResult<Py<Self>> {
        let path = path(py, entry, style)?;
        let depth = u32::try_from(entry.depth).unwrap_or(u32::MAX);
        let status = entry.status.map(|status| Box::new(*status));
        Py::new(py, Self { path, status, depth, kind: entry.kind, link: entry.link })
    }

    /// Whether it is the link itself that is told about.
    fn is_itself(&self) -> bool {
        !self.link || self.kind == Kind::Symlink
    }
}

/// An entry's path.
pub fn path(py: Python<'_>, entry: &Entry<'_>, style: Style) -> PyResult<Py<PyAny>> {
    match style {
        Style::Str if entry.ascii => ascii(py, entry.before, entry.name),
        style => Ok(style.tell(py, &[entry.before, entry.name].concat())?.unbind()),
    }
}

/// A str of two parts that are ASCII.
fn ascii(py: Python<'_>, before: &[u8], name: &[u8]) -> PyResult<Py<PyAny>> {
    let size = ffi::Py_ssize_t::try_from(before.len() + name.len()).unwrap_or(ffi::Py_ssize_t::MAX);
    // SAFETY: the string is new and known to nobody else, and has room for so many characters of one byte.
    unsafe {
        let text = Bound::from_owned_ptr_or_err(py, ffi::PyUnicode_New(size, 127))?;
        let memory = ffi::PyUnicode_DATA(text.as_ptr()).cast::<u8>();
        ptr::copy_nonoverlapping(before.as_ptr(), memory, before.len());
        ptr::copy_nonoverlapping(name.as_ptr(), memory.add(before.len()), name.len());
        Ok(text.unbind())
    }
}

#[pymethods]
impl WalkEntry {
    /// The root as it was given, and the way from there.
    #[getter]
    fn path(&self, py: Python<'_>) -> Py<PyAny> {
        self.path.clone_ref(py)
    }

    /// The last part of the path.
    #[getter]
    fn name<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let path = self.path.bind(py);
        if let Ok(bytes) = path.cast::<PyBytes>() {
            let name = bytes.as_bytes().rsplit(|byte| *byte == b'/').next().unwrap_or_default();
            return Ok(PyBytes::new(py, name).into_any());
        }
        let (text, end) = (path.cast::<PyString>()?.as_ptr(), ffi::Py_ssize_t::MAX);
        // SAFETY: a string comes of a string; it has a slash, as every path here, or begins at 0.
        unsafe {
            let slash = ffi::PyUnicode_FindChar(text, u32::from('/'), 0, end, -1);
            Bound::from_owned_ptr_or_err(py, ffi::PyUnicode_Substring(text, slash + 1, end))
        }
    }

    /// Steps from the root: what is in it is 1 step away.
    #[getter]
    fn depth(&self) -> u32 {
        self.depth
    }

    /// What it is: `"file"`, `"dir"`, `"symlink"`, `"socket"`, `"fifo"`, `"block"` or `"char"`.
    #[getter]
    fn file_type<'py>(&self, py: Python<'py>) -> Bound<'py, PyString> {
        PyString::intern(py, self.kind.name())
    }

    /// Whether it is a regular file; with links followed, also a symbolic link to one.
    fn is_file(&self) -> bool {
        self.kind == Kind::File
    }

    /// Whether it is a directory; with links followed, also a symbolic link to one.
    fn is_dir(&self) -> bool {
        self.kind == Kind::Directory
    }

    /// Whether it is a symbolic link, followed or not.
    fn is_symlink(&self) -> bool {
        self.link
    }

    /// Its metadata: those read on the way, or what the system says now. With links followed, those of what a link leads to;
    /// otherwise those of the link.
    fn metadata(&self, py: Python<'_>) -> PyResult<Py<Operation>> {
        if let Some(status) = &self.status {
            return Operation::known(py, "metadata", stat_result(py, status));
        }
        let target = Target::Path(PathArg::new(self.path.bind(py))?, Dir::CWD);
        Operation::act(py, "metadata", Ask::new(&METADATA, target, !self.is_itself(), View::Value(stat_result)))
    }

    fn __fspath__(&self, py: Python<'_>) -> Py<PyAny> {
        self.path.clone_ref(py)
    }

    fn __str__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let path = self.path.bind(py);
        if path.is_instance_of::<PyString>() { Ok(self.path(py)) } else { Ok(path.repr()?.into_any().unbind()) }
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        Ok(format!("<WalkEntry {}>", self.path.bind(py).repr()?))
    }
}
