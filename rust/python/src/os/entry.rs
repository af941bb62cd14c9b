//! An entry of a directory, with everything that `os.DirEntry` tells. Only `stat` may have to ask the disk.

use std::io;

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyString};
use rapfiles_core::fs::list::{Entry, Kind};
use rapfiles_core::fs::stat::{Status, Subject, stat};

use crate::convert::path::PathArg;
use crate::convert::stat::stat_result;
use crate::convert::target::{Dir, Fd};
use crate::error::os_error;

/// An entry of a directory.
#[pyclass(frozen, generic, module = "rapfiles._rapfiles")]
pub struct DirEntry {
    #[pyo3(get)]
    name: Py<PyAny>,
    place: Place,
    path: PyOnceLock<Py<PyAny>>,
    entry: Entry,
    followed: PyOnceLock<Py<PyAny>>,
    itself: PyOnceLock<Py<PyAny>>,
}

/// Where an entry was found.
pub enum Place {
    /// What comes before its name in its path.
    Path(Py<PyAny>),
    /// In the directory of a descriptor.
    Fd(Fd),
}

impl Place {
    pub fn clone_ref(&self, py: Python<'_>) -> Self {
        match self {
            Place::Path(prefix) => Place::Path(prefix.clone_ref(py)),
            Place::Fd(fd) => Place::Fd(*fd),
        }
    }
}

impl DirEntry {
    pub fn new(name: Py<PyAny>, place: Place, entry: Entry) -> Self {
        let (path, followed, itself) = (PyOnceLock::new(), PyOnceLock::new(), PyOnceLock::new());
        Self { name, place, path, entry, followed, itself }
    }

    fn is(&self, py: Python<'_>, kind: Kind, follow: bool) -> PyResult<bool> {
        let Some(target) = self.entry.target.as_deref().filter(|_| follow) else { return Ok(self.entry.kind == kind) };
        let wanted = if kind == Kind::File { libc::S_IFREG } else { libc::S_IFDIR };
        match target {
            Ok(status) => Ok(status.mode & libc::S_IFMT == wanted),
            // A link to nowhere is neither.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(os_error(py, error, Some(self.path(py)?))),
        }
    }

    fn ask(&self, py: Python<'_>, follow: bool) -> PyResult<Status> {
        let (path, dir) = match &self.place {
            Place::Path(_) => (PathArg::new(self.path(py)?.bind(py))?, Dir::CWD),
            Place::Fd(fd) => (PathArg::new(self.name.bind(py))?, Dir::from(*fd)),
        };
        let subject = Subject::Path { dir: dir.borrow(), path: path.as_c(), follow };
        py.detach(|| stat(subject)).map_err(|error| os_error(py, &error, Some(&path.given)))
    }
}

#[pymethods]
impl DirEntry {
    /// The entry's path: that of the directory, as it was given, and the name.
    #[getter]
    fn path(&self, py: Python<'_>) -> PyResult<&Py<PyAny>> {
        self.path.get_or_try_init(py, || match &self.place {
            Place::Fd(_) => Ok(self.name.clone_ref(py)),
            Place::Path(prefix) => join(prefix.bind(py), self.name.bind(py)),
        })
    }

    fn __fspath__(&self, py: Python<'_>) -> PyResult<&Py<PyAny>> {
        self.path(py)
    }

    /// Whether it is a directory, or a symbolic link to one.
    #[pyo3(signature = (*, follow_symlinks=true))]
    fn is_dir(&self, py: Python<'_>, follow_symlinks: bool) -> PyResult<bool> {
        self.is(py, Kind::Directory, follow_symlinks)
    }

    /// Whether it is a regular file, or a symbolic link to one.
    #[pyo3(signature = (*, follow_symlinks=true))]
    fn is_file(&self, py: Python<'_>, follow_symlinks: bool) -> PyResult<bool> {
        self.is(py, Kind::File, follow_symlinks)
    }

    /// Whether it is a symbolic link.
    fn is_symlink(&self) -> bool {
        self.entry.kind == Kind::Symlink
    }

    /// Whether it is a junction: they exist on Windows only.
    #[allow(clippy::unused_self)]
    fn is_junction(&self) -> bool {
        false
    }

    /// Its number in the filesystem.
    fn inode(&self) -> u64 {
        self.entry.inode
    }

    /// Its metadata. The first time this asks the disk, as `os.DirEntry` does: in a coroutine, prefer
    /// ``await rapfiles.os.stat(entry)``.
    #[pyo3(signature = (*, follow_symlinks=true))]
    fn stat(&self, py: Python<'_>, follow_symlinks: bool) -> PyResult<&Py<PyAny>> {
        if !follow_symlinks || self.entry.target.is_none() {
            return self.itself.get_or_try_init(py, || stat_result(py, &self.ask(py, false)?));
        }
        self.followed.get_or_try_init(py, || match self.entry.target.as_deref() {
            Some(Ok(status)) => stat_result(py, status),
            _ => stat_result(py, &self.ask(py, true)?),
        })
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        Ok(format!("<DirEntry {}>", self.name.bind(py).repr()?))
    }
}

/// Two str or two bytes as one.
fn join(prefix: &Bound<'_, PyAny>, name: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
    if let (Ok(prefix), Ok(name)) = (prefix.cast::<PyBytes>(), name.cast::<PyBytes>()) {
        return Ok(PyBytes::new(prefix.py(), &[prefix.as_bytes(), name.as_bytes()].concat()).into_any().unbind());
    }
    let (prefix, name) = (prefix.cast::<PyString>()?, name.cast::<PyString>()?);
    // SAFETY: both are str.
    unsafe {
        let path = ffi::PyUnicode_Concat(prefix.as_ptr(), name.as_ptr());
        Bound::from_owned_ptr_or_err(prefix.py(), path).map(Bound::unbind)
    }
}
