//! A batch, and what Python gets of it: arguments are taken apart and objects are made a moment at a time.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};
use rapfiles_core::batch::{Batch, Errand, How, Outcome};
use rapfiles_core::fs::Failure;
use rapfiles_core::long::{Long, Progress};

use crate::long::Work;
use crate::task::Names;

/// How long the loop's thread works for a batch before others have a turn, and how many items it does without asking for the time.
const TURN: Duration = Duration::from_millis(1);
const CHECKED: usize = 32;

/// What an item has come to.
pub enum Made<B> {
    /// An object.
    Object(Py<PyAny>),
    /// Memory that it goes on with.
    Memory(B),
}

/// What is done to many files, in Python's terms.
pub trait Order: Send + 'static {
    type Errand: Errand;

    /// Takes an item in, and returns what stands for it in the result.
    fn take<'py>(&mut self, item: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>>;

    /// What is to be done with all that was taken in.
    fn errand(&mut self, py: Python<'_>) -> Self::Errand;

    /// What errors of an item are about.
    fn names(py: Python<'_>, item: &Bound<'_, PyAny>) -> PyResult<Names>;

    /// What has come of an item, as an object.
    fn make(
        &self,
        py: Python<'_>,
        done: <Self::Errand as Errand>::Done,
    ) -> PyResult<Made<<Self::Errand as Errand>::Begun>>;
}

/// A batch under way.
pub struct Batched<O: Order> {
    order: O,
    how: How,
    items: Py<PyList>,
    /// How many of them were taken in.
    taken: usize,
    /// What is told of each: its path and what has come of it.
    results: Py<PyList>,
    batch: Option<Batch<O::Errand>>,
    /// What has come and isn't told yet.
    came: VecDeque<Outcome<<O::Errand as Errand>::Done>>,
}

impl<O: Order> Batched<O> {
    pub fn new(items: &Bound<'_, PyList>, threads: Option<usize>, collect: bool, order: O) -> Self {
        let py = items.py();
        let how = How { threads, halts: !collect };
        let results = PyList::empty(py).unbind();
        Self { order, how, items: items.clone().unbind(), taken: 0, results, batch: None, came: VecDeque::new() }
    }

    /// Takes items in, for a moment. True when all are.
    fn begin(&mut self, py: Python<'_>) -> PyResult<bool> {
        let since = Instant::now();
        let (items, results) = (self.items.bind(py), self.results.bind(py));
        while self.taken < items.len() {
            let label = self.order.take(&items.get_item(self.taken)?)?;
            results.append(label)?;
            self.taken += 1;
            if self.taken.is_multiple_of(CHECKED) && since.elapsed() > TURN {
                return Ok(false);
            }
        }
        self.batch = Some(Batch::new(self.order.errand(py), self.how));
        Ok(true)
    }

    fn error(&self, py: Python<'_>, index: usize, failure: &Failure) -> PyErr {
        let names = self.items.bind(py).get_item(index).and_then(|item| O::names(py, &item));
        names.map_or_else(|error| error, |names| names.raise(py, failure))
    }

    /// Tells what has come of an item.
    fn tell(&mut self, py: Python<'_>, (index, result): Outcome<<O::Errand as Errand>::Done>) -> PyResult<()> {
        let object = match result {
            Ok(done) => match self.order.make(py, done)? {
                Made::Object(object) => object,
                Made::Memory(memory) => {
                    if let Some(batch) = &mut self.batch {
                        batch.resume(index, memory);
                    }
                    return Ok(());
                }
            },
            Err(failure) => self.error(py, index, &failure).into_value(py).into_any(),
        };
        let results = self.results.bind(py);
        let label = results.get_item(index)?;
        results.set_item(index, PyTuple::new(py, [label, object.into_bound(py)])?)
    }

    /// The failure that ends the batch: that of the first item in order, if there are several.
    fn end(&self, py: Python<'_>) -> Option<PyErr> {
        let failures = self.came.iter().filter_map(|(index, result)| Some((*index, result.as_ref().err()?)));
        let (index, failure) = failures.min_by_key(|(index, _)| *index)?;
        Some(self.error(py, index, failure))
    }
}

impl<O: Order> Long for Batched<O> {
    fn advance(&mut self, slice: Duration) -> Result<bool, Failure> {
        self.batch.as_mut().map_or(Ok(true), |batch| batch.advance(slice))
    }

    fn progress(&self) -> Progress {
        self.batch.as_ref().map_or_else(Progress::default, Batch::progress)
    }

    fn give_up(&mut self) {
        if let Some(batch) = &mut self.batch {
            batch.give_up();
        }
    }
}

impl<O: Order> Work for Batched<O> {
    fn attend(&mut self, py: Python<'_>) -> PyResult<bool> {
        let Some(batch) = &mut self.batch else { return self.begin(py) };
        let more = batch.take_done();
        if !more.is_empty() {
            self.came.extend(more);
            if let Some(error) = self.end(py).filter(|_| self.how.halts) {
                return Err(error);
            }
        }
        let since = Instant::now();
        let mut count = 0;
        while let Some(one) = self.came.pop_front() {
            self.tell(py, one)?;
            count += 1;
            if count % CHECKED == 0 && since.elapsed() > TURN {
                return Ok(self.came.is_empty());
            }
        }
        Ok(true)
    }

    fn result(&mut self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        Ok(self.results.clone_ref(py).into_any())
    }
}

/// The two of a pair.
pub fn pair<'py>(item: &Bound<'py, PyAny>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
    item.extract().map_err(|_| PyValueError::new_err("pairs are wanted"))
}
