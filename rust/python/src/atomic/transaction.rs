//! Several changes that happen together or not at all.

use std::io;
use std::sync::{Arc, Mutex};

use pyo3::exceptions::PyRuntimeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyString;
use rapfiles_core::atomic::{Broken, Durability, Staged, Transaction, Undertaking};
use rapfiles_core::engine::metrics::Meter;
use rapfiles_core::fs::Failure;

use super::staged::{AtomicFile, Later, lock};
use super::{Given, durability};
use crate::bridge::{Act, Operation};
use crate::convert::bytes::Borrowed;
use crate::convert::path::PathArg;
use crate::task::{Names, Task, change_to, operation};

pub static TRANSACTION: Meter = Meter::new("transaction");

/// What there is of a transaction, and what each of its changes is about.
struct Parts {
    transaction: Mutex<Later<Transaction>>,
    names: Mutex<Vec<Names>>,
}

/// Changes that are prepared.
#[pyclass(frozen, module = "rapfiles._rapfiles")]
pub struct AtomicTransaction {
    durability: Durability,
    parts: Arc<Parts>,
}

impl AtomicTransaction {
    /// Prepares a change on a worker. It is part of the transaction when whoever asked for it hears that it is ready.
    fn prepare<T: Send + Sync + 'static>(
        &self,
        (meter_names, change_names): (Names, Names),
        mut make: impl FnMut() -> io::Result<(Undertaking, T)> + Send + Sync + 'static,
        view: impl Fn(Python<'_>, T) -> PyResult<Py<PyAny>> + Send + Sync + 'static,
    ) -> Box<dyn Act> {
        let parts = Arc::clone(&self.parts);
        let change_names = Mutex::new(Some(change_names));
        let work = move || make().map(|(change, value)| (Later(Some(change)), value));
        change_to(&TRANSACTION, meter_names, work, move |py, (mut change, value)| {
            let mut transaction = lock(&parts.transaction);
            let (Some(transaction), Some(change)) = (transaction.0.as_mut(), change.0.take()) else {
                return Err(PyRuntimeError::new_err("the transaction has ended"));
            };
            transaction.add(change);
            lock(&parts.names).extend(lock(&change_names).take());
            view(py, value)
        })
    }
}

#[pymethods]
impl AtomicTransaction {
    #[new]
    fn new(word: &str) -> PyResult<Self> {
        let durability = durability(word)?;
        let transaction = Mutex::new(Later(Some(Transaction::new(durability))));
        Ok(Self { durability, parts: Arc::new(Parts { transaction, names: Mutex::default() }) })
    }

    /// New contents of a file: bytes, or text with its encoding and what happens to what that lacks.
    #[allow(clippy::needless_pass_by_value)] // as it is extracted
    fn write(
        &self,
        path: &Bound<'_, PyAny>,
        data: &Bound<'_, PyAny>,
        encoding: Option<(String, String)>,
        given: Given,
    ) -> PyResult<Py<Operation>> {
        let py = path.py();
        let act = || {
            let (path, options) = (PathArg::new(path)?, given.options()?);
            let data = match &encoding {
                None => Borrowed::of_buffer(data)?,
                Some((encoding, errors)) => Borrowed::of_text(data.cast::<PyString>()?, encoding, errors)?,
            };
            let names = (Names::one(py, &path), Names::one(py, &path));
            let make = move || {
                let mut staged = Staged::begin(path.as_c(), options)?;
                staged.write(data.as_slice())?;
                Ok((Undertaking::write(staged)?, data.as_slice().len()))
            };
            Ok(self.prepare(names, make, |py, count| Ok(count.into_pyobject(py)?.into_any().unbind())))
        };
        operation(py, &TRANSACTION, act())
    }

    /// A file that was written through a handle.
    fn take(&self, py: Python<'_>, file: &AtomicFile) -> PyResult<Py<Operation>> {
        let names = (Names::one(py, &file.path), Names::one(py, &file.path));
        let slot = Arc::clone(&file.slot);
        let make = move || {
            let staged = lock(&slot).0.take().ok_or_else(|| io::Error::from_raw_os_error(libc::ENOENT))?;
            Ok((Undertaking::write(staged)?, ()))
        };
        operation(py, &TRANSACTION, Ok(self.prepare(names, make, |py, ()| Ok(py.None()))))
    }

    /// Another name for a file.
    fn rename(&self, source: &Bound<'_, PyAny>, target: &Bound<'_, PyAny>, overwrite: bool) -> PyResult<Py<Operation>> {
        let (py, durability) = (source.py(), self.durability);
        let act = || {
            let (from, to) = (PathArg::new(source)?, PathArg::new(target)?);
            let names = (Names::two(py, &from, &to), Names::two(py, &from, &to));
            let make = move || Ok((Undertaking::rename(from.as_c(), to.as_c(), durability, overwrite)?, ()));
            Ok(self.prepare(names, make, |py, ()| Ok(py.None())))
        };
        operation(py, &TRANSACTION, act())
    }

    /// A file less.
    fn remove(&self, path: &Bound<'_, PyAny>) -> PyResult<Py<Operation>> {
        let (py, durability) = (path.py(), self.durability);
        let act = || {
            let path = PathArg::new(path)?;
            let names = (Names::one(py, &path), Names::one(py, &path));
            let make = move || Ok((Undertaking::remove(path.as_c(), durability)?, ()));
            Ok(self.prepare(names, make, |py, ()| Ok(py.None())))
        };
        operation(py, &TRANSACTION, act())
    }

    /// Makes all changes, or none.
    fn commit(&self, py: Python<'_>) -> PyResult<Py<Operation>> {
        let Some(transaction) = lock(&self.parts.transaction).0.take() else {
            return Err(PyRuntimeError::new_err("the transaction has ended"));
        };
        let mut transaction = Later(Some(transaction));
        let parts = Arc::clone(&self.parts);
        let work = move || transaction.0.take().map_or(Ok(()), Transaction::commit);
        let view = move |py: Python<'_>, result| match result {
            Ok(()) => Ok(py.None()),
            Err(broken) => Err(raise(py, &lock(&parts.names), broken)),
        };
        Operation::act(py, TRANSACTION.name, Task::new(&TRANSACTION, true, work, view))
    }

    /// Makes no change, and removes what was written.
    fn roll_back(&self, py: Python<'_>) -> PyResult<Py<Operation>> {
        let mut transaction = Later(lock(&self.parts.transaction).0.take());
        let work = move || drop(transaction.0.take());
        Operation::act(py, TRANSACTION.name, Task::new(&TRANSACTION, true, work, |py, ()| Ok(py.None())))
    }
}

/// The error of a change, with a note of what could not be undone.
fn raise(py: Python<'_>, names: &[Names], broken: Broken) -> PyErr {
    let failure = Failure::from(broken.error);
    let error = match names.get(broken.index) {
        Some(names) => names.raise(py, &failure),
        None => Names::default().raise(py, &failure),
    };
    if !broken.stuck.is_empty() {
        let paths: Vec<_> = broken.stuck.iter().map(|path| String::from_utf8_lossy(path)).collect();
        let note = format!("could not be made again what they were: {}", paths.join(", "));
        // Before Python 3.11 nothing shows it, but there it is.
        let _noted = error.value(py).setattr(intern!(py, "__notes__"), [note]);
    }
    error
}
