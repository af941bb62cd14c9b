//! Parts of a file, in one call.

use std::io;
use std::mem;
use std::time::{Duration, Instant};

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList};
use rapfiles_core::Stop;
use rapfiles_core::engine::Lane;
use rapfiles_core::engine::metrics::Meter;
use rapfiles_core::now::Answer;
use rapfiles_core::whole::{self, Part, Range, Source};

use super::made;
use super::read::Final;
use crate::bridge::{Act, Operation, Step};
use crate::convert::bytes::NewBytes;
use crate::convert::path::PathArg;
use crate::error::os_error;

pub static READ_RANGES: Meter = Meter::new("read_range");

const SOON: Step = Step::Soon { lane: Lane::Disk, effect: false };
/// So many ranges, and so many bytes of them, are tried at once.
const TRIED: usize = 32;
const TRIED_BYTES: usize = 128 * 1024;
/// How long objects are made before the loop has a turn, and how many without asking for the time.
const TURN: Duration = Duration::from_micros(200);
const CHECKED: usize = 64;

#[derive(Default)]
enum Stage {
    #[default]
    New,
    Open(Source),
    /// The objects are made that a worker will fill.
    Making(Source, Vec<NewBytes>),
    /// What has no size is read as it comes.
    Unsized(Source),
    Read(Vec<Vec<u8>>),
    Filled(Vec<(NewBytes, usize)>),
    Failed(io::Error),
}

struct ReadRanges {
    path: PathArg,
    ranges: Vec<Range>,
    /// The result is one bytes object, no list of them.
    single: bool,
    stage: Stage,
    results: Vec<Py<PyAny>>,
    count: usize,
}

impl ReadRanges {
    fn new(path: &Bound<'_, PyAny>, ranges: PyResult<Vec<Range>>, single: bool) -> PyResult<Self> {
        let (path, ranges) = (PathArg::new(path)?, ranges?);
        Ok(Self { path, ranges, single, stage: Stage::New, results: Vec::new(), count: 0 })
    }

    fn now(&mut self, py: Python<'_>) -> PyResult<Step> {
        let (source, answer) = match whole::open_now(self.path.as_c()) {
            Ok(opened) => opened,
            Err(Stop::WouldBlock) => return Ok(SOON),
            Err(Stop::Failed(error)) => return Err(os_error(py, &error, Some(&self.path.given))),
        };
        if self.attempt(py, &source, answer)? {
            return self.done(py);
        }
        self.results.clear();
        self.count = 0;
        self.make(py, source, Vec::new())
    }

    /// Whether all of them could be read at once.
    fn attempt(&mut self, py: Python<'_>, source: &Source, answer: Answer) -> PyResult<bool> {
        let total = self.ranges.iter().fold(0_usize, |total, range| total.saturating_add(range.within(source.size)));
        if self.ranges.len() > TRIED || total > TRIED_BYTES {
            return Ok(false);
        }
        for range in &self.ranges {
            let mut to = Final { py, bytes: None };
            match (whole::read_range_now(source, answer, *range, &mut to), to.bytes) {
                (Ok(length), Some(bytes)) => self.results.push(bytes.finish(py, length)?),
                _ => return Ok(false),
            }
        }
        self.count = total;
        Ok(true)
    }

    /// Makes the objects that a worker will fill.
    fn make(&mut self, py: Python<'_>, source: Source, mut made: Vec<NewBytes>) -> PyResult<Step> {
        if source.size == 0 {
            self.stage = Stage::Unsized(source);
            return Ok(SOON);
        }
        let since = Instant::now();
        while let Some(range) = self.ranges.get(made.len()) {
            made.push(NewBytes::new(py, range.within(source.size))?);
            if made.len().is_multiple_of(CHECKED) && since.elapsed() > TURN {
                self.stage = Stage::Making(source, made);
                return Ok(Step::Rest);
            }
        }
        self.stage = Stage::Making(source, made);
        Ok(SOON)
    }

    /// Takes in what a worker has read, for a moment; what is left comes back.
    fn take<T>(
        &mut self,
        py: Python<'_>,
        read: Vec<T>,
        object: impl Fn(T) -> PyResult<Py<PyAny>>,
    ) -> PyResult<(Step, Vec<T>)> {
        let since = Instant::now();
        let mut rest = read.into_iter();
        while let Some(one) = rest.next() {
            self.results.push(object(one)?);
            if self.results.len().is_multiple_of(CHECKED) && since.elapsed() > TURN {
                return Ok((Step::Rest, rest.collect()));
            }
        }
        Ok((self.done(py)?, Vec::new()))
    }

    fn done(&mut self, py: Python<'_>) -> PyResult<Step> {
        let mut results = mem::take(&mut self.results);
        let result = match results.pop() {
            Some(only) if self.single => only,
            last => {
                results.extend(last);
                PyList::new(py, results)?.into_any().unbind()
            }
        };
        Ok(Step::Done(result))
    }

    /// The worker's part.
    fn step(&mut self, stage: Stage) -> io::Result<Stage> {
        match stage {
            Stage::Making(source, mut made) => {
                let mut parts: Vec<Part<'_>> = made
                    .iter_mut()
                    .zip(&self.ranges)
                    .map(|(made, range)| Part { offset: range.offset, memory: made.memory(), count: 0 })
                    .collect();
                whole::fill(&source, &mut parts)?;
                let counts: Vec<usize> = parts.iter().map(|part| part.count).collect();
                self.count = counts.iter().sum();
                Ok(Stage::Filled(made.into_iter().zip(counts).collect()))
            }
            Stage::Unsized(source) => {
                let read = self.ranges.iter().map(|range| whole::read_unsized(&source, *range));
                let read = read.collect::<io::Result<Vec<_>>>()?;
                self.count = read.iter().map(Vec::len).sum();
                Ok(Stage::Read(read))
            }
            _ => whole::open(self.path.as_c()).map(Stage::Open),
        }
    }
}

impl Act for ReadRanges {
    fn meter(&self) -> &'static Meter {
        &READ_RANGES
    }

    fn poll(&mut self, operation: &Bound<'_, Operation>) -> PyResult<Step> {
        let py = operation.py();
        match mem::take(&mut self.stage) {
            Stage::New => self.now(py),
            Stage::Open(source) | Stage::Unsized(source) => self.make(py, source, Vec::new()),
            Stage::Making(source, made) => self.make(py, source, made),
            Stage::Filled(filled) => {
                let (step, rest) = self.take(py, filled, |(bytes, count)| bytes.finish(py, count))?;
                self.stage = Stage::Filled(rest);
                Ok(step)
            }
            Stage::Read(read) => {
                let object = |bytes: Vec<u8>| Ok(PyBytes::new(py, &bytes).into_any().unbind());
                let (step, rest) = self.take(py, read, object)?;
                self.stage = Stage::Read(rest);
                Ok(step)
            }
            Stage::Failed(error) => Err(os_error(py, &error, Some(&self.path.given))),
        }
    }

    fn run(&mut self) {
        let stage = mem::take(&mut self.stage);
        self.stage = self.step(stage).unwrap_or_else(Stage::Failed);
    }

    fn bytes(&self) -> usize {
        self.count
    }

    fn wants_fd(&self) -> bool {
        matches!(&self.stage, Stage::Failed(error) if matches!(error.raw_os_error(), Some(libc::EMFILE | libc::ENFILE)))
    }

    fn give_up(&mut self, _operation: &Bound<'_, Operation>) {
        self.stage = Stage::New;
    }
}

fn range(offset: i64, length: i64) -> PyResult<Range> {
    let offset = u64::try_from(offset).map_err(|_| PyValueError::new_err("offset must not be negative"))?;
    let length = usize::try_from(length).map_err(|_| PyValueError::new_err("length must not be negative"))?;
    Ok(Range { offset, length })
}

#[pyfunction]
pub fn read_range(
    py: Python<'_>,
    path: &Bound<'_, PyAny>,
    offset: &Bound<'_, PyAny>,
    length: &Bound<'_, PyAny>,
) -> PyResult<Py<Operation>> {
    let only = offset.extract().and_then(|offset| range(offset, length.extract()?));
    made(py, "read_range", ReadRanges::new(path, only.map(|only| vec![only]), true))
}

#[pyfunction]
pub fn read_ranges(py: Python<'_>, path: &Bound<'_, PyAny>, ranges: &Bound<'_, PyAny>) -> PyResult<Py<Operation>> {
    let all = ranges.try_iter().and_then(|ranges| {
        ranges.map(|pair| pair?.extract().and_then(|(offset, length)| range(offset, length))).collect()
    });
    made(py, "read_ranges", ReadRanges::new(path, all, false))
}
