//! Whole files, read in one call.

use std::io;

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};
use rapfiles_core::Stop;
use rapfiles_core::engine::Lane;
use rapfiles_core::engine::metrics::Meter;
use rapfiles_core::lent::Lent;
use rapfiles_core::whole::{self, Source};

use super::made;
use crate::bridge::{Act, Operation, Step};
use crate::convert::bytes::NewBytes;
use crate::convert::path::PathArg;
use crate::error::os_error;

pub static READ_FILE: Meter = Meter::new("read_file");

/// Up to here a worker's own memory is used and copied once; beyond, the final object is made first.
const COPIED: usize = 256 * 1024;

/// How the bytes are handed over.
enum Decode {
    Bytes,
    Text { encoding: Py<PyAny>, errors: Py<PyAny>, translate: bool },
}

impl Decode {
    fn apply(&self, py: Python<'_>, bytes: Py<PyAny>) -> PyResult<Py<PyAny>> {
        let Decode::Text { encoding, errors, translate } = self else { return Ok(bytes) };
        let text = bytes.bind(py).call_method1(pyo3::intern!(py, "decode"), (encoding, errors))?;
        if *translate { crate::text::universal_newlines(&text.cast_into::<PyString>()?) } else { Ok(text.unbind()) }
    }
}

#[derive(Default)]
enum Progress {
    #[default]
    New,
    /// Open, and too much or too cold for an attempt.
    Open(Source),
    /// A worker fills the final object.
    Filling(Source, NewBytes),
    /// The final object is full so far, and more came after it.
    Filled(NewBytes, usize, Vec<u8>),
    /// A worker has read it all.
    Read(Lent),
    Failed(io::Error),
}

struct ReadFile {
    path: PathArg,
    decode: Decode,
    progress: Progress,
    count: usize,
}

impl ReadFile {
    fn now(&mut self, py: Python<'_>) -> PyResult<Step> {
        let opened = match whole::open_now(self.path.as_c()) {
            Ok(opened) => opened,
            Err(Stop::WouldBlock) => return Ok(SOON),
            Err(Stop::Failed(error)) => return Err(os_error(py, &error, Some(&self.path.given))),
        };
        let (source, answer) = opened;
        let mut final_object = Final { py, bytes: None };
        match whole::read_now(&source, answer, &mut final_object) {
            Ok(()) => {
                self.count = source.size;
                let bytes = final_object.bytes.map_or_else(|| Ok(py.None()), |bytes| bytes.finish(py, source.size))?;
                Ok(Step::Done(self.decode.apply(py, bytes)?))
            }
            Err(_) => self.fill(py, source),
        }
    }

    /// A large file is read by a worker straight into the object that the caller gets.
    fn fill(&mut self, py: Python<'_>, source: Source) -> PyResult<Step> {
        self.progress = if source.size > COPIED {
            let bytes = NewBytes::new(py, source.size)?;
            Progress::Filling(source, bytes)
        } else {
            Progress::Open(source)
        };
        Ok(SOON)
    }

    fn finish(&mut self, py: Python<'_>, bytes: Py<PyAny>) -> PyResult<Step> {
        self.count = bytes.bind(py).len()?;
        Ok(Step::Done(self.decode.apply(py, bytes)?))
    }
}

const SOON: Step = Step::Soon { lane: Lane::Disk, effect: false };

/// A bytes object as destination of an attempt.
pub(super) struct Final<'py> {
    pub py: Python<'py>,
    pub bytes: Option<NewBytes>,
}

impl whole::Destination for Final<'_> {
    fn reserve(&mut self, size: usize) -> Option<&mut [u8]> {
        self.bytes = NewBytes::new(self.py, size).ok();
        self.bytes.as_mut().map(NewBytes::memory)
    }
}

impl Act for ReadFile {
    fn meter(&self) -> &'static Meter {
        &READ_FILE
    }

    fn poll(&mut self, operation: &Bound<'_, Operation>) -> PyResult<Step> {
        let py = operation.py();
        match std::mem::take(&mut self.progress) {
            Progress::New => self.now(py),
            Progress::Open(source) => self.fill(py, source),
            Progress::Filling(source, bytes) => {
                self.progress = Progress::Filling(source, bytes);
                Ok(SOON)
            }
            Progress::Filled(bytes, count, more) if more.is_empty() => {
                let bytes = bytes.finish(py, count)?;
                self.finish(py, bytes)
            }
            Progress::Filled(mut bytes, count, more) => {
                let whole = [&bytes.memory()[..count], &more].concat();
                self.finish(py, PyBytes::new(py, &whole).into_any().unbind())
            }
            Progress::Read(bytes) => self.finish(py, PyBytes::new(py, &bytes).into_any().unbind()),
            Progress::Failed(error) => Err(os_error(py, &error, Some(&self.path.given))),
        }
    }

    fn run(&mut self) {
        let progress = std::mem::take(&mut self.progress);
        self.progress = step(&self.path, progress).unwrap_or_else(Progress::Failed);
    }

    fn bytes(&self) -> usize {
        self.count
    }

    fn wants_fd(&self) -> bool {
        matches!(&self.progress, Progress::Failed(error) if matches!(error.raw_os_error(), Some(libc::EMFILE | libc::ENFILE)))
    }

    fn give_up(&mut self, _operation: &Bound<'_, Operation>) {
        self.progress = Progress::New;
    }
}

/// The worker's part.
fn step(path: &PathArg, progress: Progress) -> io::Result<Progress> {
    let source = match progress {
        Progress::Filling(source, mut bytes) => {
            let count = whole::read_into(&source, bytes.memory())?;
            let mut more = Vec::new();
            if count == bytes.memory().len() {
                whole::read_rest(source, &mut more)?;
            }
            return Ok(Progress::Filled(bytes, count, more));
        }
        Progress::Open(source) => source,
        _ => {
            let source = whole::open(path.as_c())?;
            if source.size > COPIED {
                return Ok(Progress::Open(source));
            }
            source
        }
    };
    whole::read(source).map(Progress::Read)
}

#[pyfunction]
pub fn read_file_bytes(py: Python<'_>, path: &Bound<'_, PyAny>) -> PyResult<Py<Operation>> {
    let act =
        PathArg::new(path).map(|path| ReadFile { path, decode: Decode::Bytes, progress: Progress::New, count: 0 });
    made(py, "read_file_bytes", act)
}

#[pyfunction]
#[pyo3(signature = (path, encoding="utf-8", errors="strict", newline=None))]
pub fn read_file(
    py: Python<'_>,
    path: &Bound<'_, PyAny>,
    encoding: &str,
    errors: &str,
    newline: Option<&str>,
) -> PyResult<Py<Operation>> {
    let encoding = PyString::new(py, encoding).into_any().unbind();
    let errors = PyString::new(py, errors).into_any().unbind();
    let act = PathArg::new(path).and_then(|path| {
        let decode = Decode::Text { encoding, errors, translate: crate::text::newline(newline)?.is_none() };
        Ok(ReadFile { path, decode, progress: Progress::New, count: 0 })
    });
    made(py, "read_file", act)
}
