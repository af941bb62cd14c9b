//! Renaming many.

use std::time::Duration;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyList;
use rapfiles_core::batch::{Flaw, Renames};
use rapfiles_core::fs::Failure;
use rapfiles_core::long::{Long, Progress};

use super::work::pair;
use crate::convert::path::PathArg;
use crate::long::Work;
use crate::task::Names;

/// What is renamed, in Python's terms.
pub struct Renaming {
    items: Py<PyList>,
    renames: Renames,
}

impl Renaming {
    pub fn new(items: &Bound<'_, PyList>, dry: bool) -> PyResult<Self> {
        let bytes = |path: &PathArg| path.as_c().to_bytes().to_vec();
        let pairs = items.iter().map(|item| taken(&item).map(|(from, to)| (bytes(&from), bytes(&to))));
        Ok(Self { renames: Renames::new(pairs.collect::<PyResult<_>>()?, dry), items: items.clone().unbind() })
    }

    fn error(&self, py: Python<'_>, flaw: &Flaw) -> PyResult<PyErr> {
        let (Flaw::Failure(index, _) | Flaw::Twice(index) | Flaw::Within(index)) = flaw;
        let (from, to) = taken(&self.items.bind(py).get_item(*index)?)?;
        let shown = |path: &PathArg| path.given.bind(py).repr();
        Ok(match flaw {
            Flaw::Failure(_, failure) => Names::two(py, &from, &to).raise(py, failure),
            Flaw::Twice(_) => {
                let message = format!("{} to {}: one of them is named twice", shown(&from)?, shown(&to)?);
                PyValueError::new_err(message)
            }
            Flaw::Within(_) => {
                let message = format!("{} to {}: within what is renamed too", shown(&from)?, shown(&to)?);
                PyValueError::new_err(message)
            }
        })
    }
}

fn taken(item: &Bound<'_, PyAny>) -> PyResult<(PathArg, PathArg)> {
    let (from, to) = pair(item)?;
    Ok((PathArg::new(&from)?, PathArg::new(&to)?))
}

impl Long for Renaming {
    fn advance(&mut self, slice: Duration) -> Result<bool, Failure> {
        self.renames.advance(slice)
    }

    fn progress(&self) -> Progress {
        self.renames.progress()
    }

    fn give_up(&mut self) {
        self.renames.give_up();
    }
}

impl Work for Renaming {
    fn attend(&mut self, py: Python<'_>) -> PyResult<bool> {
        match self.renames.take_flaw() {
            Some(flaw) => Err(self.error(py, &flaw)?),
            None => Ok(true),
        }
    }

    fn result(&mut self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        Ok(self.items.clone_ref(py).into_any())
    }
}
