//! The names in a directory.

use pyo3::prelude::*;
use pyo3::types::PyList;
use rapfiles_core::fs::list::{self, Directory};

use super::args::Args;
use super::function::{Function, Started};
use crate::convert::path::{PathArg, Style};
use crate::convert::target::Target;
use crate::task::{Names, look};

pub static FUNCTIONS: [Function; 1] = [Function::new("listdir", 1, &["path"], listdir)];

/// The directory to be read, as it was given.
pub enum Given {
    Current,
    Target(Target),
}

impl Given {
    pub fn new(args: &Args<'_, '_>) -> Option<Self> {
        if args.absent(0) { Some(Given::Current) } else { args.path_or_fd(0).map(Given::Target) }
    }

    pub fn directory(&self) -> Directory<'_> {
        match self {
            Given::Current => Directory::Path(c"."),
            Given::Target(Target::Path(path, _)) => Directory::Path(path.as_c()),
            Given::Target(Target::Fd(fd, _)) => Directory::Open(fd.borrow()),
        }
    }

    pub fn path(&self) -> Option<&PathArg> {
        match self {
            Given::Target(Target::Path(path, _)) => Some(path),
            _ => None,
        }
    }

    pub fn style(&self, py: Python<'_>) -> Style {
        self.path().map_or(Style::Str, |path| path.style(py))
    }

    /// What errors call it.
    pub fn names(&self, py: Python<'_>) -> Names {
        match self {
            Given::Current => Names::object(pyo3::types::PyString::new(py, ".").into_any().unbind()),
            Given::Target(target) => Names::object(target.given().clone_ref(py)),
        }
    }
}

fn listdir(args: &Args<'_, '_>) -> Started {
    let given = Given::new(args)?;
    let (names, style) = (given.names(args.py), given.style(args.py));
    Some(look(
        args.meter,
        names,
        move || list::names(given.directory()),
        move |py, names| {
            let told = names.iter().map(|name| style.tell(py, name)).collect::<PyResult<Vec<_>>>()?;
            Ok(PyList::new(py, told)?.into_any().unbind())
        },
    ))
}
