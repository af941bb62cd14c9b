//! Entries of a directory: read by a worker all at once, handed out one by one without asking the disk.

use std::vec;

use pyo3::exceptions::PyStopAsyncIteration;
use pyo3::prelude::*;
use rapfiles_core::fs::list::{self, Entry, Names};

use super::args::Args;
use super::entry::{DirEntry, Place};
use super::function::{Function, Started};
use super::list::Given;
use crate::bridge::{self, Operation, Source};
use crate::convert::path::{PathArg, Style};
use crate::convert::target::Target;
use crate::task::look;

pub static FUNCTIONS: [Function; 1] = [Function::new("scandir", 1, &["path"], scandir)];

/// Iterates over the entries of a directory. `for` and `async for` both work, and neither waits for the disk.
#[pyclass(generic, module = "rapfiles._rapfiles")]
pub struct ScandirIterator {
    rest: Rest,
}

/// What is still to come.
enum Rest {
    Read {
        names: Names,
        entries: vec::IntoIter<Entry>,
        place: Place,
        style: Style,
    },
    /// Somebody else's entries.
    Made(Py<PyAny>),
    Nothing,
}

impl ScandirIterator {
    fn take(&mut self, py: Python<'_>) -> PyResult<Option<Py<PyAny>>> {
        let next = match &mut self.rest {
            Rest::Nothing => None,
            Rest::Made(entries) => entries.bind(py).try_iter()?.next().transpose()?.map(Bound::unbind),
            Rest::Read { names, entries, place, style } => {
                let at = names.len() - entries.len();
                match (names.get(at), entries.next()) {
                    (Some(name), Some(entry)) => {
                        let entry = DirEntry::new(style.tell(py, name)?.unbind(), place.clone_ref(py), entry);
                        Some(Py::new(py, entry)?.into_any())
                    }
                    _ => None,
                }
            }
        };
        if next.is_none() {
            self.rest = Rest::Nothing;
        }
        Ok(next)
    }
}

/// For `async for`: an entry always lies ready.
static SOURCE: Source = Source {
    ready: |iterator| {
        let next = iterator.cast::<ScandirIterator>().map_err(PyErr::from).and_then(|iterator| {
            let next = iterator.borrow_mut().take(iterator.py())?;
            next.ok_or_else(|| PyStopAsyncIteration::new_err(()))
        });
        Some(next)
    },
    fetch: |iterator| Operation::known(iterator.py(), "__anext__", Err(PyStopAsyncIteration::new_err(()))),
};

#[pymethods]
impl ScandirIterator {
    /// For entries that have been read already.
    #[new]
    fn new(entries: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(Self { rest: Rest::Made(entries.try_iter()?.into_any().unbind()) })
    }

    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__(&mut self, py: Python<'_>) -> PyResult<Option<Py<PyAny>>> {
        self.take(py)
    }

    fn __aiter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __anext__(slf: Bound<'_, Self>) -> PyResult<Py<PyAny>> {
        bridge::next(slf.into_any(), &SOURCE)
    }

    /// Lets go of the entries that are left.
    fn close(&mut self) {
        self.rest = Rest::Nothing;
    }

    fn __enter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&mut self, _exception: &Bound<'_, PyAny>) {
        self.close();
    }

    fn __aenter__(slf: &Bound<'_, Self>) -> PyResult<Py<Operation>> {
        Operation::known(slf.py(), "__aenter__", Ok(slf.clone().into_any().unbind()))
    }

    #[pyo3(signature = (*_exception))]
    fn __aexit__(&mut self, py: Python<'_>, _exception: &Bound<'_, PyAny>) -> PyResult<Py<Operation>> {
        self.close();
        Operation::known(py, "__aexit__", Ok(py.None()))
    }
}

fn scandir(args: &Args<'_, '_>) -> Started {
    let given = Given::new(args)?;
    let style = given.style(args.py);
    let place = match &given {
        Given::Target(Target::Fd(fd, _)) => Place::Fd(*fd),
        _ => Place::Path(style.tell(args.py, &prefix(given.path())).ok()?.unbind()),
    };
    let names = given.names(args.py);
    Some(look(
        args.meter,
        names,
        move || list::entries(given.directory()),
        move |py, (names, entries)| {
            let rest = Rest::Read { names, entries: entries.into_iter(), place: place.clone_ref(py), style };
            Ok(Py::new(py, ScandirIterator { rest })?.into_any())
        },
    ))
}

/// What comes before a name.
fn prefix(path: Option<&PathArg>) -> Vec<u8> {
    let mut prefix = path.map_or(&b"."[..], |path| path.as_c().to_bytes()).to_vec();
    if prefix.last().is_some_and(|last| *last != b'/') {
        prefix.push(b'/');
    }
    prefix
}
