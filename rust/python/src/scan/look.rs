//! Looking for structures.

use std::sync::Arc;
use std::time::{Duration, Instant};

use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};
use rapfiles_core::engine::channel::Producer;
use rapfiles_core::engine::metrics::Meter;
use rapfiles_core::fs::Failure;
use rapfiles_core::scan::{self, Counts, Match, Options, Structure};

use super::found::{tell, tell_paths};
use super::structure::{compile, compile_all};
use crate::bridge::{Items, Operation, Stream};
use crate::convert::path::{PathArg, Style};
use crate::task::{self, Names};

static MATCHES: Meter = Meter::new("structure_matches");
static ASSESS: Meter = Meter::new("assess");
static ALL_FILES: Meter = Meter::new("all_files");
static SCAN: Meter = Meter::new("scan");

/// How far it is, is told so often at most.
const OFTEN: Duration = Duration::from_millis(50);

pub fn meters() -> [&'static Meter; 4] {
    [&MATCHES, &ASSESS, &ALL_FILES, &SCAN]
}

/// A path, and how paths are told to whoever gave it.
fn path_of(given: &Bound<'_, PyAny>) -> PyResult<(Vec<u8>, Style)> {
    let path = PathArg::new(given)?;
    Ok((path.as_c().to_bytes().to_vec(), path.style(given.py())))
}

fn operation<T: Send + Sync + 'static>(
    py: Python<'_>,
    meter: &'static Meter,
    style: Style,
    work: impl FnMut() -> Result<T, Failure> + Send + Sync + 'static,
    view: impl Fn(Python<'_>, T) -> PyResult<Py<PyAny>> + Send + Sync + 'static,
) -> PyResult<Py<Operation>> {
    task::operation(py, meter, Ok(task::look(meter, Names::told(style), work, view)))
}

/// The matches, each for its pattern.
fn tell_all(py: Python<'_>, style: Style, found: &[Match], patterns: &Py<PyTuple>) -> PyResult<Py<PyAny>> {
    let told = found.iter().map(|found| tell(style, found, &patterns.bind(py).get_item(found.structure)?));
    Ok(PyList::new(py, told.collect::<PyResult<Vec<_>>>()?)?.into_any().unbind())
}

/// Whether a directory matches.
#[pyfunction]
fn structure_matches(
    directory: &Bound<'_, PyAny>,
    pattern: Bound<'_, PyAny>,
    follow_symlinks: bool,
) -> PyResult<Py<Operation>> {
    let ((path, style), structure) = (path_of(directory)?, compile(&pattern)?);
    let py = directory.py();
    let pattern = pattern.unbind();
    let work = move || scan::matching(&path, &structure, follow_symlinks);
    operation(py, &MATCHES, style, work, move |py, found| match found {
        Some(found) => tell(style, &found, pattern.bind(py)).map(Bound::unbind),
        None => Ok(py.None()),
    })
}

/// The directories above a file that match. The path is an absolute one.
#[pyfunction]
fn structures_above(
    file: &Bound<'_, PyAny>,
    patterns: Bound<'_, PyTuple>,
    follow_symlinks: bool,
) -> PyResult<Py<Operation>> {
    let ((path, style), structures) = (path_of(file)?, compile_all(patterns.as_any())?);
    let patterns = patterns.unbind();
    let work = move || scan::above(&path, &structures, follow_symlinks);
    operation(file.py(), &ASSESS, style, work, move |py, found| tell_all(py, style, &found, &patterns))
}

/// Everything in a directory that is no directory.
#[pyfunction]
fn all_files(directory: &Bound<'_, PyAny>) -> PyResult<Py<Operation>> {
    let (path, style) = path_of(directory)?;
    let work = move || scan::all_files(&path);
    operation(directory.py(), &ALL_FILES, style, work, move |py, files| {
        let files = tell_paths(py, style, &files)?;
        Ok(files.to_list().into_any().unbind())
    })
}

/// Directories of a tree that match.
struct Scanning {
    work: Option<(Vec<u8>, Vec<Structure>, Options)>,
    patterns: Py<PyTuple>,
    style: Style,
    progress: Option<Telling>,
}

/// Who is told how far it is.
struct Telling {
    callback: Py<PyAny>,
    counts: Arc<Counts>,
    last: Instant,
}

impl Telling {
    fn new(callback: Py<PyAny>) -> Self {
        Self { callback, counts: Arc::default(), last: Instant::now() }
    }

    fn tell(&mut self, py: Python<'_>) -> PyResult<()> {
        let (looked_at, known) = self.counts.get();
        self.callback.call1(py, (looked_at, known, 0))?;
        self.last = Instant::now();
        Ok(())
    }
}

impl Items for Scanning {
    type Batch = Vec<Match>;
    type Error = Failure;

    fn meter(&self) -> &'static Meter {
        &SCAN
    }

    fn start(&mut self, producer: Producer<Vec<Match>, Failure>) {
        if let Some((root, structures, options)) = self.work.take() {
            let counts = self.progress.as_ref().map(|telling| Arc::clone(&telling.counts));
            scan::start(root, structures, options, counts, producer);
        }
    }

    fn item(&mut self, py: Python<'_>, batch: &mut Vec<Match>, index: usize) -> PyResult<Py<PyAny>> {
        let found = &batch[index];
        tell(self.style, found, &self.patterns.bind(py).get_item(found.structure)?).map(Bound::unbind)
    }

    fn error(&self, py: Python<'_>, error: Failure) -> PyErr {
        Names::told(self.style).raise(py, &error)
    }

    fn glance(&mut self, py: Python<'_>, ended: bool) -> PyResult<()> {
        match &mut self.progress {
            Some(telling) if ended || telling.last.elapsed() >= OFTEN => telling.tell(py),
            _ => Ok(()),
        }
    }
}

/// How a tree is looked through, as Python says it.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
struct Given {
    max_depth: Option<usize>,
    follow_symlinks: bool,
    hidden: bool,
    threads: usize,
    strict: bool,
    progress: Option<Py<PyAny>>,
}

/// The directories below a root that match, without those in one that is not looked at.
#[pyfunction]
#[pyo3(signature = (root, patterns, but, given))]
#[allow(clippy::needless_pass_by_value)] // as it is extracted
fn scan_structures(
    root: &Bound<'_, PyAny>,
    patterns: Bound<'_, PyTuple>,
    but: Option<&Bound<'_, PyAny>>,
    given: Given,
) -> PyResult<Py<Stream>> {
    let (path, style) = path_of(root)?;
    let options = Options {
        max_depth: given.max_depth.unwrap_or(usize::MAX),
        follow_symlinks: given.follow_symlinks,
        hidden: given.hidden,
        threads: given.threads,
        strict: given.strict,
        except: but.map(path_of).transpose()?.map(|(path, _)| path),
    };
    let work = Some((path, compile_all(patterns.as_any())?, options));
    let progress = given.progress.map(Telling::new);
    Stream::new(root.py(), "scan", Scanning { work, patterns: patterns.unbind(), style, progress })
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(structure_matches, module)?)?;
    module.add_function(wrap_pyfunction!(structures_above, module)?)?;
    module.add_function(wrap_pyfunction!(all_files, module)?)?;
    module.add_function(wrap_pyfunction!(scan_structures, module)?)
}
