//! Paths that match patterns.

use std::num::NonZero;
use std::os::fd::RawFd;
use std::sync::Arc;
use std::thread::available_parallelism;

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyList;
use rapfiles_core::engine::channel::Producer;
use rapfiles_core::engine::{metrics::Meter, produce};
use rapfiles_core::fs::Failure;
use rapfiles_core::glob::{Alphabet, From, Globber, Options, Paths};

use crate::bridge::{Items, Stream};
use crate::convert::path::{Style, encoded};
use crate::error::{os_error, pattern_error};
use crate::task::Names;

pub static GLOB: Meter = Meter::new("glob");

/// More threads than that only wait for one another.
const THREADS: usize = 8;

struct Globbing {
    globber: Arc<Globber>,
    style: Style,
}

impl Items for Globbing {
    type Batch = Paths;
    type Error = Failure;

    fn meter(&self) -> &'static Meter {
        &GLOB
    }

    fn start(&mut self, producer: Producer<Paths, Failure>) {
        let threads = if self.globber.is_deep() { available_parallelism().map_or(1, NonZero::get) } else { 1 };
        for _ in 0..threads.min(THREADS) {
            let (globber, producer) = (Arc::clone(&self.globber), producer.clone());
            produce(move || globber.work(producer));
        }
    }

    fn item(&mut self, py: Python<'_>, batch: &mut Paths, index: usize) -> PyResult<Py<PyAny>> {
        self.style.tell(py, batch.get(index).unwrap_or_default()).map(Bound::unbind)
    }

    fn error(&self, py: Python<'_>, error: Failure) -> PyErr {
        Names::told(self.style).raise(py, &error)
    }
}

#[pyfunction]
fn glob(
    pattern: &Bound<'_, PyAny>,
    root_dir: Option<&Bound<'_, PyAny>>,
    dir_fd: Option<RawFd>,
    recursive: bool,
    include_hidden: bool,
) -> PyResult<Py<Stream>> {
    let (bytes, style) = encoded(pattern)?;
    let options = options(pattern.py(), style, root_dir, dir_fd, recursive, include_hidden)?;
    let globber = Globber::new(&bytes, options).map_err(|bad| pattern_error(pattern, bad.position, &bad.reason))?;
    if globber.first_listed().is_some_and(|path| path.contains(&0)) {
        return Err(PyValueError::new_err("embedded null byte"));
    }
    Stream::new(pattern.py(), "glob", Globbing { globber: Arc::new(globber), style })
}

/// `given`: the patterns, a list of them. `links`: whether `**` goes into symbolic links.
#[pyfunction]
#[pyo3(signature = (given, root_dir, dir_fd, recursive, include_hidden, links=true))]
fn globs(
    given: &Bound<'_, PyList>,
    root_dir: Option<&Bound<'_, PyAny>>,
    dir_fd: Option<RawFd>,
    recursive: bool,
    include_hidden: bool,
    links: bool,
) -> PyResult<Py<Stream>> {
    let py = given.py();
    let (mut patterns, mut style) = (Vec::with_capacity(given.len()), None);
    for pattern in given {
        let (bytes, like) = encoded(&pattern)?;
        if *style.get_or_insert(like) != like {
            return Err(PyTypeError::new_err("patterns must be all str or all bytes"));
        }
        patterns.push(bytes);
    }
    let style = match (style, root_dir) {
        (Some(style), _) => style,
        (None, Some(root)) => encoded(root)?.1,
        (None, None) => Style::Str,
    };
    let options = Options { links, ..options(py, style, root_dir, dir_fd, recursive, include_hidden)? };
    if patterns.iter().any(|pattern| pattern.contains(&0)) || options.root.contains(&0) {
        return Err(PyValueError::new_err("embedded null byte"));
    }
    let globber = Globber::together(&patterns, options).map_err(|(index, bad)| match given.get_item(index) {
        Ok(pattern) => pattern_error(&pattern, bad.position, &bad.reason),
        Err(error) => error,
    })?;
    Stream::new(py, "globs", Globbing { globber: Arc::new(globber), style })
}

fn options(
    py: Python<'_>,
    style: Style,
    root_dir: Option<&Bound<'_, PyAny>>,
    dir_fd: Option<RawFd>,
    recursive: bool,
    include_hidden: bool,
) -> PyResult<Options> {
    Ok(Options {
        alphabet: if style == Style::Bytes { Alphabet::Bytes } else { Alphabet::Text },
        root: root_dir.map_or_else(|| Ok(Vec::new()), |root| root_of(root, style))?,
        from: match dir_fd {
            Some(number) => From::descriptor(number).map_err(|error| os_error(py, &error, None))?,
            None => From::Current,
        },
        recursive,
        include_hidden,
        links: true,
        sure_of_start: py.version_info() >= (3, 13),
    })
}

fn root_of(root: &Bound<'_, PyAny>, style: Style) -> PyResult<Vec<u8>> {
    match encoded(root)? {
        (root, like) if like == style => Ok(root),
        _ => Err(PyTypeError::new_err("pattern and root_dir must be both str or both bytes")),
    }
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(glob, module)?)?;
    module.add_function(wrap_pyfunction!(globs, module)?)
}
