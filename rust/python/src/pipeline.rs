//! Pipelines: the parts of them that need no Python.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use pyo3::exceptions::{PyNotImplementedError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use rapfiles_core::atomic::Options;
use rapfiles_core::engine::metrics::Meter;
use rapfiles_core::fs::Failure;
use rapfiles_core::hash::Algorithm;
use rapfiles_core::long::{self, Progress};
use rapfiles_core::pipeline::{self, CHUNK, Format, Out, Sink, Source, Step};

use crate::bridge::Operation;
use crate::convert::bytes::{Borrowed, NewBytes};
use crate::convert::path::PathArg;
use crate::error::os_error;
use crate::long::{Long, Work};
use crate::task::{Names, look, operation};

pub static PIPELINE: Meter = Meter::new("pipeline");

/// A worker comes back after so long, even if nothing has come out.
const SLICE: Duration = Duration::from_millis(50);

type Shared = Arc<Mutex<pipeline::Chain>>;

fn lock(chain: &Mutex<pipeline::Chain>) -> MutexGuard<'_, pipeline::Chain> {
    chain.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Fed(Borrowed);

impl AsRef<[u8]> for Fed {
    fn as_ref(&self) -> &[u8] {
        self.0.as_slice()
    }
}

/// A pipeline, or a part of one.
#[pyclass(frozen, module = "rapfiles._rapfiles")]
pub struct Chain {
    shared: Shared,
    source: Option<PathArg>,
    target: Option<PathArg>,
}

impl Chain {
    fn names(&self, py: Python<'_>) -> Names {
        match (&self.source, &self.target) {
            (Some(source), _) => Names::one(py, source),
            (None, Some(target)) => Names::one(py, target),
            (None, None) => Names::default(),
        }
    }
}

#[pymethods]
impl Chain {
    /// `source`, `target`: paths, or None for what is fed and pulled. `steps`: each a word, a name, a number.
    #[new]
    #[allow(clippy::needless_pass_by_value)] // as it is extracted
    fn new(
        py: Python<'_>,
        source: Option<&Bound<'_, PyAny>>,
        steps: Vec<(String, Option<String>, Option<i64>)>,
        target: Option<&Bound<'_, PyAny>>,
        durability: &str,
    ) -> PyResult<Self> {
        let steps: Vec<Step> = steps.iter().map(step).collect::<PyResult<_>>()?;
        let (source, target) = (source.map(PathArg::new).transpose()?, target.map(PathArg::new).transpose()?);
        let from = source.as_ref().map_or(Source::Fed, |path| Source::Path(path.as_c().to_owned()));
        let options = Options { durability: crate::atomic::durability(durability)?, ..Options::default() };
        let to = target.as_ref().map_or(Sink::Nothing, |path| Sink::File { path: path.as_c().to_owned(), options });
        let chain = pipeline::Chain::new(from, &steps, to).map_err(|error| os_error(py, &error, None))?;
        Ok(Self { shared: Arc::new(Mutex::new(chain)), source, target })
    }

    /// Gives it its next bytes; None: there are no more.
    #[pyo3(signature = (chunk, /))]
    fn feed(&self, chunk: Option<&Bound<'_, PyBytes>>) -> PyResult<()> {
        let fed = chunk.map(|chunk| Borrowed::of_buffer(chunk)).transpose()?;
        lock(&self.shared).feed(fed.map(|fed| Box::new(Fed(fed)) as pipeline::Chunk));
        Ok(())
    }

    /// The next bytes. None of them: it is hungry, or ended, or it takes more time.
    fn pull(&self, py: Python<'_>) -> PyResult<Py<Operation>> {
        let chain = Arc::clone(&self.shared);
        let mut memory = Some(NewBytes::new(py, CHUNK)?);
        let work = move || {
            // It is there again each time that there was an error, which is the only reason to be called twice.
            let Some(mut bytes) = memory.take() else {
                return Err(Failure::from(std::io::Error::other("pulled twice")));
            };
            match lock(&chain).pull(bytes.memory(), SLICE) {
                Ok(out) => Ok((bytes, out)),
                Err(failure) => {
                    memory = Some(bytes);
                    Err(failure)
                }
            }
        };
        let view = |py: Python<'_>, (bytes, out): (NewBytes, Out)| {
            bytes.finish(py, if let Out::Bytes(count) = out { count } else { 0 })
        };
        operation(py, &PIPELINE, Ok(look(&PIPELINE, self.names(py), work, view)))
    }

    /// All of it as long work, up to the end or until it is hungry.
    fn work(&self, py: Python<'_>) -> Long {
        Long::new(&PIPELINE, self.names(py), Carried(Arc::clone(&self.shared)))
    }

    /// Whether it goes on when it is fed.
    #[getter]
    fn hungry(&self) -> bool {
        lock(&self.shared).is_hungry()
    }

    /// Whether nothing more will come out.
    #[getter]
    fn ended(&self) -> bool {
        lock(&self.shared).is_ended()
    }

    /// Bytes that went in, and bytes that came out.
    fn counts(&self) -> (u64, u64) {
        lock(&self.shared).counts()
    }

    /// The digests, in the order of the steps that make them.
    fn digests(&self) -> Vec<String> {
        lock(&self.shared).digests()
    }
}

struct Carried(Shared);

impl long::Long for Carried {
    fn advance(&mut self, slice: Duration) -> Result<bool, Failure> {
        lock(&self.0).advance(slice)
    }

    fn progress(&self) -> Progress {
        lock(&self.0).progress()
    }

    fn give_up(&mut self) {
        lock(&self.0).give_up();
    }
}

impl Work for Carried {
    fn result(&mut self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        Ok(py.None())
    }
}

fn step((word, name, number): &(String, Option<String>, Option<i64>)) -> PyResult<Step> {
    let unknown = |what: &str| PyValueError::new_err(format!("unknown {what}: {name:?}"));
    let format = || name.as_deref().map(|name| Format::named(name).ok_or_else(|| unknown("format"))).transpose();
    match word.as_str() {
        "compress" => {
            let format = format()?.ok_or_else(|| unknown("format"))?;
            let level = number.and_then(|level| i32::try_from(level).ok()).unwrap_or_else(|| format.usual_level());
            Ok(Step::Compress { format, level })
        }
        "decompress" => {
            let limit = number.and_then(|limit| u64::try_from(limit).ok());
            Ok(Step::Decompress { format: format()?, limit })
        }
        _ => {
            let algorithm = name.as_deref().and_then(Algorithm::named).ok_or_else(|| unknown("algorithm"))?;
            Ok(Step::Hash(algorithm))
        }
    }
}

/// The lowest, the usual and the highest level of a format.
#[pyfunction]
#[pyo3(signature = (name, /))]
fn pipeline_levels(name: &str) -> PyResult<(i32, i32, i32)> {
    let format = Format::named(name)
        .ok_or_else(|| PyValueError::new_err(format!("format must be bz2, gzip, xz or zstd: '{name}'")))?;
    if !format.is_built() {
        return Err(PyNotImplementedError::new_err(format!("this build of rapfiles doesn't know {name}")));
    }
    Ok((*format.levels().start(), format.usual_level(), *format.levels().end()))
}

/// The format that a path's suffix tells.
#[pyfunction]
#[pyo3(signature = (path, /))]
fn pipeline_format(path: &Bound<'_, PyAny>) -> PyResult<Option<&'static str>> {
    let path = PathArg::new(path)?;
    Ok(Format::of_path(path.as_c().to_bytes()).map(Format::name))
}

/// Whether there is such an algorithm.
#[pyfunction]
#[pyo3(signature = (name, /))]
fn is_hash(name: &str) -> bool {
    Algorithm::named(name).is_some()
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Chain>()?;
    module.add_function(wrap_pyfunction!(pipeline_levels, module)?)?;
    module.add_function(wrap_pyfunction!(pipeline_format, module)?)?;
    module.add_function(wrap_pyfunction!(is_hash, module)?)
}
