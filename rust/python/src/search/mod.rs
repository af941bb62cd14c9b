//! Searching what is in files.

mod options;
mod result;

use std::sync::Arc;

use options::Given;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use rapfiles_core::engine::channel::Producer;
use rapfiles_core::engine::metrics::Meter;
use rapfiles_core::engine::produce;
use rapfiles_core::find;
use rapfiles_core::fs::{Blame, Failure};
use rapfiles_core::search::{Lines, Options, Pattern, Search};
use result::SearchResult;

use crate::bridge::{Items, Stream};
use crate::convert::path::Style;
use crate::error::{os_error, pattern_error};

pub static SEARCH: Meter = Meter::new("search");

/// A search that hasn't begun.
struct Plan {
    roots: Vec<Vec<u8>>,
    files: find::Options,
    regex: String,
    options: Options,
    threads: usize,
}

impl Plan {
    /// Begins it, on as many threads as there is work for.
    fn run(self, producer: &Producer<Lines, Failure>) {
        let Self { roots, files, regex, options, threads } = self;
        let search = match Search::new(roots, files, &regex, options, threads) {
            Ok(search) => Arc::new(search),
            Err(failure) => return producer.fail(failure),
        };
        for _ in 1..search.threads() {
            let (search, producer) = (Arc::clone(&search), producer.clone());
            produce(move || search.work(&producer));
        }
        search.work(producer);
    }
}

/// What a search finds.
struct Found {
    plan: Option<Plan>,
    style: Style,
    /// The file of the last result: most of the time it is that of the next one.
    path: Option<(Arc<[u8]>, Py<PyAny>)>,
}

impl Found {
    fn path(&mut self, py: Python<'_>, path: &Arc<[u8]>) -> PyResult<&Py<PyAny>> {
        let told = match self.path.take() {
            Some((last, told)) if Arc::ptr_eq(&last, path) => told,
            _ => self.style.tell(py, path)?.unbind(),
        };
        Ok(&self.path.insert((Arc::clone(path), told)).1)
    }
}

impl Items for Found {
    type Batch = Lines;
    type Error = Failure;

    fn meter(&self) -> &'static Meter {
        &SEARCH
    }

    fn start(&mut self, producer: Producer<Lines, Failure>) {
        if let Some(plan) = self.plan.take() {
            produce(move || plan.run(&producer));
        }
    }

    fn item(&mut self, py: Python<'_>, batch: &mut Lines, index: usize) -> PyResult<Py<PyAny>> {
        let at = batch.place(index);
        let path = self.path(py, batch.path(batch.line(at)))?;
        Ok(Py::new(py, SearchResult::new(py, batch, at, path))?.into_any())
    }

    fn error(&self, py: Python<'_>, failure: Failure) -> PyErr {
        let path = match &failure.on {
            Blame::Path(path) => self.style.tell(py, path).ok().map(Bound::unbind),
            _ => None,
        };
        os_error(py, &failure.error, path.as_ref())
    }
}

/// `given` has the options of `find` too.
#[pyfunction]
fn search(py: Python<'_>, regex: &Bound<'_, PyString>, given: &Bound<'_, PyDict>) -> PyResult<Py<Stream>> {
    let options = given.extract::<Given>()?.options()?;
    let found = given.extract::<crate::find::Given<'_>>()?;
    let roots = found.roots()?;
    let (files, threads) = (found.options()?, found.threads()?);
    let text = regex.to_str()?.to_owned();
    Pattern::check(&text, &options).map_err(|bad| pattern_error(regex.as_any(), bad.position, &bad.reason))?;
    let plan = Plan { roots: roots.paths, files, regex: text, options, threads };
    Stream::new(py, "search", Found { plan: Some(plan), style: roots.style, path: None })
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<SearchResult>()?;
    module.add_function(wrap_pyfunction!(search, module)?)
}
