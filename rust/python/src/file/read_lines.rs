//! Lines: one, many, and one after the other.

use std::time::Instant;

use pyo3::exceptions::PyStopAsyncIteration;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList};
use rapfiles_core::engine::metrics::Meter;
use rapfiles_core::file::{Newline, Want};
use rapfiles_core::{Stop, Way, engine};

use super::codec::TURN;
use super::handle::{Handle, Open};
use super::text::Reading;
use super::turn::{Outcome, Trouble, Turn, Work};
use crate::bridge::{self, Call, Operation, Source};
use crate::convert::bytes::NewBytes;

pub static READLINE: Meter = Meter::new("readline");
pub static READLINES: Meter = Meter::new("readlines");

/// Nanoseconds that a line out of the buffer takes from the fairness budget.
const COST: u64 = 100;
/// So many lines are taken out of the buffer between two looks at the clock.
const GROUP: usize = 64;

/// A line on its way. It stays unread until it is consumed.
enum Line {
    Text(Reading),
    Bytes(ByteLine),
}

impl Line {
    fn new(open: &Open, limit: Option<usize>) -> Self {
        match open.text {
            Some(_) => Line::Text(Reading::new(Want::Line(limit))),
            None => Line::Bytes(ByteLine { limit: limit.unwrap_or(usize::MAX), ..ByteLine::default() }),
        }
    }

    fn attempt(&mut self, py: Python<'_>, open: &mut Open, way: Way) -> Outcome {
        match self {
            Line::Text(reading) => reading.attempt(py, open, way),
            Line::Bytes(line) => line.attempt(py, open, way),
        }
    }

    fn prepare(&mut self, open: &mut Open) -> Result<(), Stop> {
        match self {
            Line::Text(reading) => reading.prepare(open),
            Line::Bytes(line) => line.prepare(open),
        }
    }

    /// The next line, behind this one of so many characters or bytes.
    fn go_on(&mut self, length: usize) {
        match self {
            Line::Text(reading) => reading.go_on(Want::Line(None), length),
            Line::Bytes(line) => *line = ByteLine { from: line.end, end: line.end, ..ByteLine::default() },
        }
    }

    fn consume(&self, open: &mut Open) {
        match self {
            Line::Text(reading) => reading.consume(open),
            Line::Bytes(line) => open.file.consume(line.end),
        }
    }
}

/// A line of a binary file, from one offset in the buffer to another.
struct ByteLine {
    from: usize,
    end: usize,
    limit: usize,
    /// A huge one, which a worker copies.
    copy: Option<NewBytes>,
    copied: bool,
}

impl Default for ByteLine {
    fn default() -> Self {
        Self { from: 0, end: 0, limit: usize::MAX, copy: None, copied: false }
    }
}

impl ByteLine {
    fn attempt(&mut self, py: Python<'_>, open: &mut Open, way: Way) -> Outcome {
        if self.copied
            && let Some(bytes) = self.copy.take()
        {
            return Ok(bytes.finish(py, self.end - self.from)?);
        }
        self.end = open.file.ensure_line(way, self.from, self.limit)?;
        if self.end - self.from > super::build::LARGE {
            self.copy = Some(NewBytes::new(py, self.end - self.from)?);
            return Err(Trouble::NotNow);
        }
        Ok(PyBytes::new(py, &open.file.buffered()[self.from..self.end]).into_any().unbind())
    }

    fn prepare(&mut self, open: &mut Open) -> Result<(), Stop> {
        match &mut self.copy {
            Some(bytes) => {
                bytes.memory().copy_from_slice(&open.file.buffered()[self.from..self.end]);
                self.copied = true;
                Ok(())
            }
            None => open.file.ensure_line(Way::Soon, self.from, self.limit).map(drop),
        }
    }
}

/// `readline(limit)`, and the step of `async for`.
pub struct ReadLine {
    limit: Option<usize>,
    /// The end of the file ends the loop.
    iterating: bool,
    line: Option<Line>,
}

impl ReadLine {
    pub fn new(limit: Option<usize>, iterating: bool) -> Self {
        Self { limit, iterating, line: None }
    }
}

impl Work for ReadLine {
    fn meter(&self) -> &'static Meter {
        &READLINE
    }

    fn attempt(&mut self, py: Python<'_>, open: &mut Open, way: Way) -> Outcome {
        let line = self.line.get_or_insert_with(|| Line::new(open, self.limit));
        let result = line.attempt(py, open, way)?;
        line.consume(open);
        if self.iterating && result.bind(py).len()? == 0 {
            return Err(PyStopAsyncIteration::new_err(()).into());
        }
        Ok(result)
    }

    fn prepare(&mut self, open: &mut Open) -> Result<(), Stop> {
        let line = self.line.get_or_insert_with(|| Line::new(open, self.limit));
        line.prepare(open)
    }
}

/// `readlines(hint)`: lines until they are longer than that together, or all. They stay unread until it has them all.
pub struct ReadLines {
    hint: Option<usize>,
    lines: Option<Py<PyList>>,
    length: usize,
    line: Option<Line>,
}

impl ReadLines {
    pub fn new(hint: Option<usize>) -> Self {
        Self { hint, lines: None, length: 0, line: None }
    }

    fn gather(&mut self, py: Python<'_>, open: &mut Open, mut way: Way) -> Outcome {
        let since = Instant::now();
        let lines = self.lines.get_or_insert_with(|| PyList::empty(py).unbind()).bind(py);
        let line = self.line.get_or_insert_with(|| Line::new(open, None));
        loop {
            let found = line.attempt(py, open, way)?.into_bound(py);
            let length = found.len()?;
            if length == 0 {
                break;
            }
            lines.append(found)?;
            self.length += length;
            if self.hint.is_some_and(|hint| self.length > hint) {
                break;
            }
            line.go_on(length);
            // A worker makes ready a line or more; what it didn't is asked for again.
            way = if open.file.at_end() { way } else { Way::Now };
            if lines.len() % GROUP == 0 && since.elapsed() > TURN {
                return Err(Trouble::NotNow);
            }
        }
        line.consume(open);
        Ok(lines.clone().into_any().unbind())
    }
}

impl Work for ReadLines {
    fn meter(&self) -> &'static Meter {
        &READLINES
    }

    fn attempt(&mut self, py: Python<'_>, open: &mut Open, way: Way) -> Outcome {
        self.gather(py, open, way)
    }

    fn prepare(&mut self, open: &mut Open) -> Result<(), Stop> {
        let line = self.line.get_or_insert_with(|| Line::new(open, None));
        line.prepare(open)
    }

    fn bytes(&self) -> usize {
        self.length
    }
}

/// `__anext__`: out of the buffer at once, or an operation like any other.
pub static LINES: Source = Source { ready, fetch };

fn ready(handle: &Bound<'_, PyAny>) -> Option<PyResult<Py<PyAny>>> {
    // SAFETY: `next` is called with handles only.
    let handle = unsafe { handle.cast_unchecked::<Handle>() };
    if engine::spent() {
        return None;
    }
    let line = handle.borrow_mut().idle().and_then(|open| buffered(handle.py(), open))?;
    engine::spend(COST);
    Some(Ok(line))
}

fn fetch(handle: &Bound<'_, PyAny>) -> PyResult<Py<Operation>> {
    let py = handle.py();
    let handle = handle.cast::<Handle>()?;
    let readable = handle.borrow().info()?.parsed.readable;
    if !readable {
        let error = super::sync::misuse(handle, "readline", [None, None]);
        return Operation::known(py, "__anext__", Err(error));
    }
    let work = ReadLine::new(None, true);
    Py::new(py, Operation::new("__anext__", Call::Act(Box::new(Turn::new(handle, work)))))
}

/// The next line of a handle.
pub fn next(handle: Bound<'_, Handle>) -> PyResult<Py<PyAny>> {
    if !handle.borrow().is_native() {
        let delegate = super::classes(handle.py())?.delegate.bind(handle.py());
        return Ok(delegate.call1((&handle, "__anext__"))?.unbind());
    }
    bridge::next(handle.into_any(), &LINES)
}

/// A whole line that lies in the buffer.
#[inline]
pub fn buffered(py: Python<'_>, open: &mut Open) -> Option<Py<PyAny>> {
    if let Some(text) = &mut open.text {
        return text.line(py, &mut open.file);
    }
    let length = Newline::Lf.line(open.file.buffered(), false).filter(|&length| length <= super::build::LARGE)?;
    let line = PyBytes::new(py, &open.file.buffered()[..length]);
    open.file.consume(length);
    Some(line.into_any().unbind())
}
