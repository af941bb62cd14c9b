//! Streams: many items, handed out one by one as they come.
//!
//! Producers on threads of the engine put batches into a channel; here they are taken out. Items of a batch that is there
//! cost no more than a method call; a batch that isn't is waited for without a thread. Nothing runs before the first item
//! is asked for, and everything stops when nobody asks any more.

use std::sync::Arc;
use std::time::{Duration, Instant};

use pyo3::exceptions::{PyRuntimeError, PyStopAsyncIteration, PyStopIteration, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyList;
use rapfiles_core::engine;
use rapfiles_core::engine::channel::{self, Batch, Consumer, Found, Producer, Waiter};
use rapfiles_core::engine::metrics::Meter;

use super::completion::{Act, Step};
use super::event_loop;
use super::groups::Groups;
use super::next::Source;
use super::operation::Operation;
use super::reshaped::{Reshape, Reshaped};

/// Nanoseconds that an item which lies ready takes from the fairness budget.
const COST: u64 = 100;
/// How long a thread waits before it looks whether it was interrupted.
const GLANCE: Duration = Duration::from_millis(50);
/// How long items are gathered before the loop has a turn.
pub(super) const TURN: Duration = Duration::from_micros(200);
/// Time is asked for once in so many items.
pub(super) const CHECKED: usize = 64;

/// What a room hands to [`Stream::new`].
pub trait Items: Send + Sync + 'static {
    /// What producers send.
    type Batch: Batch + Sync + 'static;
    /// What ends a stream early, or is noted of one entry.
    type Error: Send + 'static;

    /// Where it is counted.
    fn meter(&self) -> &'static Meter;

    /// Starts what produces: on threads of [`engine::produce`].
    fn start(&mut self, producer: Producer<Self::Batch, Self::Error>);

    /// The item of a batch at an index: they are asked for in order, each once.
    fn item(&mut self, py: Python<'_>, batch: &mut Self::Batch, index: usize) -> PyResult<Py<PyAny>>;

    /// An error as an exception.
    fn error(&self, py: Python<'_>, error: Self::Error) -> PyErr;

    /// Called when none lies ready, each time somebody asks or producers nudge, and at the end: to tell how far everything is.
    fn glance(&mut self, _py: Python<'_>, _ended: bool) -> PyResult<()> {
        Ok(())
    }
}

/// What is found when an item is asked for.
pub(super) enum Ready {
    Item(Py<PyAny>),
    /// Producers are at work.
    Nothing,
    /// The loop should have a turn.
    Rest,
    End,
}

/// A stream of any kind.
pub(super) trait Feed: Send + Sync {
    fn meter(&self) -> &'static Meter;
    fn ready(&mut self, py: Python<'_>) -> PyResult<Ready>;
    /// What to wait for.
    fn signal(&self) -> Option<Arc<dyn Signal>>;
    fn close(&mut self, py: Python<'_>);
    /// Errors of single entries since this was last asked, and how many were not kept.
    fn reports(&mut self, py: Python<'_>) -> (Vec<PyErr>, usize);
    /// The stream whose items these are, in another shape.
    fn beneath(&self) -> Option<&Py<Stream>> {
        None
    }
}

/// Tells when there is something to be found.
pub(super) trait Signal: Send + Sync {
    fn when_ready(&self, waiter: Waiter);
    fn wait(&self, at_most: Duration);
}

impl<B: Batch, E: Send> Signal for Consumer<B, E> {
    fn when_ready(&self, waiter: Waiter) {
        Consumer::when_ready(self, waiter);
    }

    fn wait(&self, at_most: Duration) {
        Consumer::wait(self, at_most);
    }
}

/// The items of a room.
struct Flow<I: Items> {
    items: I,
    /// There is one as soon as the producers were started.
    consumer: Option<Arc<Consumer<I::Batch, I::Error>>>,
    batch: I::Batch,
    at: usize,
}

impl<I: Items> Flow<I> {
    fn consumer(&mut self) -> PyResult<&Consumer<I::Batch, I::Error>> {
        let consumer = self.consumer.get_or_insert_with(|| {
            let (producer, consumer) = channel::channel();
            self.items.start(producer);
            Arc::new(consumer)
        });
        if consumer.is_ours() {
            return Ok(consumer);
        }
        Err(PyRuntimeError::new_err(
            "this stream was begun before the process was forked: its producers are in the parent",
        ))
    }
}

impl<I: Items> Feed for Flow<I> {
    fn meter(&self) -> &'static Meter {
        self.items.meter()
    }

    fn ready(&mut self, py: Python<'_>) -> PyResult<Ready> {
        if self.at == self.batch.len() {
            (self.batch, self.at) = (I::Batch::default(), 0);
            let found = self.consumer()?.take();
            self.items.glance(py, matches!(found, Found::End(None)))?;
            self.batch = match found {
                Found::Batch(batch) => batch,
                Found::Nothing => return Ok(Ready::Nothing),
                Found::End(None) => return Ok(Ready::End),
                Found::End(Some(error)) => return Err(self.items.error(py, error)),
                Found::Broken => return Err(super::internal_error()),
            };
        }
        self.at += 1;
        self.items.item(py, &mut self.batch, self.at - 1).map(Ready::Item)
    }

    fn signal(&self) -> Option<Arc<dyn Signal>> {
        let consumer = self.consumer.as_ref()?;
        Some(Arc::clone(consumer) as Arc<dyn Signal>)
    }

    fn close(&mut self, _py: Python<'_>) {
        if let Some(consumer) = &self.consumer {
            consumer.close();
        }
        self.batch = I::Batch::default();
        self.at = 0;
    }

    fn reports(&mut self, py: Python<'_>) -> (Vec<PyErr>, usize) {
        let Some(consumer) = self.consumer.as_ref().filter(|consumer| consumer.is_ours()) else {
            return (Vec::new(), 0);
        };
        let (reports, more) = consumer.reports();
        (reports.into_iter().map(|error| self.items.error(py, error)).collect(), more)
    }
}

/// How far a stream is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Fresh,
    Running,
    Ended,
}

/// Items that come one by one: `async for item in stream`, or `await stream` for a list of all.
///
/// Nothing happens before the first item is asked for. `async with stream` stops it when the block is left, as `close()`
/// does and as dropping it does. `errors` tells what went wrong with single entries on the way. Where no event loop
/// runs, a plain `for` does the same.
#[pyclass(generic, weakref, module = "rapfiles._rapfiles")]
pub struct Stream {
    name: &'static str,
    pub(super) feed: Box<dyn Feed>,
    stage: Stage,
    /// Who waits for an item, or gathers all of them.
    waiting: Option<Py<Operation>>,
    errors: Py<PyList>,
    omitted: usize,
}

impl Stream {
    /// A stream that hasn't begun.
    pub fn new(py: Python<'_>, name: &'static str, items: impl Items) -> PyResult<Py<Self>> {
        Self::of(py, name, Flow { items, consumer: None, batch: Default::default(), at: 0 })
    }

    /// What comes of the items of a stream that nobody else reads.
    pub fn reshaped(py: Python<'_>, name: &'static str, of: Py<Self>, reshape: impl Reshape) -> PyResult<Py<Self>> {
        Self::of(py, name, Reshaped::new(of, reshape))
    }

    pub(super) fn of(py: Python<'_>, name: &'static str, feed: impl Feed + 'static) -> PyResult<Py<Self>> {
        let (feed, errors) = (Box::new(feed), PyList::empty(py).unbind());
        Py::new(py, Self { name, feed, stage: Stage::Fresh, waiting: None, errors, omitted: 0 })
    }

    /// An item without waiting. After the end, or an error, there are no more.
    pub(super) fn take(&mut self, py: Python<'_>) -> PyResult<Ready> {
        if self.stage == Stage::Ended {
            return Ok(Ready::End);
        }
        self.stage = Stage::Running;
        let ready = self.feed.ready(py);
        if matches!(ready, Ok(Ready::End) | Err(_)) {
            self.end(py);
        }
        ready
    }

    /// Wants no more.
    pub(super) fn end(&mut self, py: Python<'_>) {
        if self.stage != Stage::Ended {
            self.stage = Stage::Ended;
            self.feed.close(py);
        }
    }

    /// One at a time: `operation` waits from now on. An item would go to whoever happens to be first otherwise.
    fn claim(&mut self, operation: &Bound<'_, Operation>) -> PyResult<()> {
        self.unclaimed(operation.py(), Some(operation))?;
        self.waiting = Some(operation.clone().unbind());
        match self.feed.beneath() {
            Some(beneath) => beneath.bind(operation.py()).try_borrow_mut()?.claim(operation),
            None => Ok(()),
        }
    }

    fn unclaimed(&mut self, py: Python<'_>, but: Option<&Bound<'_, Operation>>) -> PyResult<()> {
        if let Some(other) = &self.waiting {
            if but.is_none_or(|operation| !operation.is(other)) && !other.bind(py).borrow().is_over() {
                return Err(PyRuntimeError::new_err(
                    "this stream is being read by somebody else already: one stream, one reader",
                ));
            }
            self.waiting = None;
        }
        match self.feed.beneath() {
            Some(beneath) => beneath.bind(py).try_borrow_mut()?.unclaimed(py, but),
            None => Ok(()),
        }
    }

    fn note_reports(&mut self, py: Python<'_>) -> PyResult<()> {
        let (reports, more) = self.feed.reports(py);
        self.omitted += more;
        reports.into_iter().try_for_each(|error| self.errors.bind(py).append(error.into_value(py)))
    }

    /// What a step comes to that found nothing.
    fn wait(&mut self, operation: &Bound<'_, Operation>) -> PyResult<Step> {
        self.claim(operation)?;
        match self.feed.signal() {
            Some(signal) => Ok(Step::Waiting(Box::new(move |waiter| signal.when_ready(waiter)))),
            None => Err(super::internal_error()),
        }
    }
}

/// For `async for`.
static SOURCE: Source = Source { ready: ready_item, fetch: fetch_item };

fn ready_item(stream: &Bound<'_, PyAny>) -> Option<PyResult<Py<PyAny>>> {
    if engine::spent() {
        return None;
    }
    let py = stream.py();
    // SAFETY: the source is of streams only.
    let stream = unsafe { stream.cast_unchecked::<Stream>() };
    let mut this = stream.try_borrow_mut().ok()?;
    if let Err(error) = this.unclaimed(py, None) {
        return Some(Err(error));
    }
    match this.take(py) {
        Ok(Ready::Item(item)) => {
            engine::spend(COST);
            Some(Ok(item))
        }
        Ok(Ready::End) => Some(Err(PyStopAsyncIteration::new_err(()))),
        Ok(Ready::Nothing | Ready::Rest) => None,
        Err(error) => Some(Err(error)),
    }
}

fn fetch_item(stream: &Bound<'_, PyAny>) -> PyResult<Py<Operation>> {
    let stream = stream.cast::<Stream>()?;
    let meter = stream.try_borrow()?.feed.meter();
    Operation::act(stream.py(), "__anext__", Fetch { stream: stream.clone().unbind(), meter })
}

/// Waits for the next item.
struct Fetch {
    stream: Py<Stream>,
    meter: &'static Meter,
}

impl Act for Fetch {
    fn meter(&self) -> &'static Meter {
        self.meter
    }

    fn poll(&mut self, operation: &Bound<'_, Operation>) -> PyResult<Step> {
        let py = operation.py();
        let mut stream = self.stream.bind(py).try_borrow_mut()?;
        stream.unclaimed(py, Some(operation))?;
        match stream.take(py)? {
            Ready::Item(item) => Ok(Step::Done(item)),
            Ready::End => Err(PyStopAsyncIteration::new_err(())),
            Ready::Rest => Ok(Step::Rest),
            Ready::Nothing => stream.wait(operation),
        }
    }

    fn run(&mut self) {}

    fn give_up(&mut self, _operation: &Bound<'_, Operation>) {}
}

/// `await stream`: all that is left, as a list.
struct Collect {
    stream: Py<Stream>,
    meter: &'static Meter,
    list: Py<PyList>,
}

impl Act for Collect {
    fn meter(&self) -> &'static Meter {
        self.meter
    }

    fn poll(&mut self, operation: &Bound<'_, Operation>) -> PyResult<Step> {
        let py = operation.py();
        let mut stream = self.stream.bind(py).try_borrow_mut()?;
        stream.claim(operation)?;
        let list = self.list.bind(py);
        let since = Instant::now();
        for count in 1.. {
            if count % CHECKED == 0 && since.elapsed() > TURN {
                break;
            }
            match stream.take(py)? {
                Ready::Item(item) => list.append(item)?,
                Ready::End => return Ok(Step::Done(list.clone().into_any().unbind())),
                Ready::Nothing => return stream.wait(operation),
                Ready::Rest => break,
            }
        }
        Ok(Step::Rest)
    }

    fn run(&mut self) {}

    /// What it has gathered goes with it: nobody else is there to have it.
    fn give_up(&mut self, _operation: &Bound<'_, Operation>) {}
}

#[pymethods]
impl Stream {
    fn __aiter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __anext__(slf: Bound<'_, Self>) -> PyResult<Py<PyAny>> {
        super::next(slf.into_any(), &SOURCE)
    }

    fn __await__(slf: &Bound<'_, Self>) -> PyResult<Py<Operation>> {
        let (py, meter) = (slf.py(), slf.borrow().feed.meter());
        let list = PyList::empty(py).unbind();
        Operation::act(py, slf.borrow().name, Collect { stream: slf.clone().unbind(), meter, list })
    }

    fn __aenter__(slf: &Bound<'_, Self>) -> PyResult<Py<Operation>> {
        Operation::known(slf.py(), "__aenter__", Ok(slf.clone().into_any().unbind()))
    }

    #[pyo3(signature = (*_exception))]
    fn __aexit__(&mut self, py: Python<'_>, _exception: &Bound<'_, PyAny>) -> PyResult<Py<Operation>> {
        self.end(py);
        Operation::known(py, "__aexit__", Ok(py.None()))
    }

    fn __iter__(slf: Bound<'_, Self>) -> PyResult<Py<Self>> {
        refuse_loop(slf.py())?;
        Ok(slf.unbind())
    }

    fn __next__(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
        let py = slf.py();
        refuse_loop(py)?;
        loop {
            let signal = {
                let mut this = slf.try_borrow_mut()?;
                match this.take(py)? {
                    Ready::Item(item) => return Ok(item),
                    Ready::End => return Err(PyStopIteration::new_err(())),
                    Ready::Rest => continue,
                    Ready::Nothing => this.feed.signal(),
                }
            };
            let signal = signal.ok_or_else(super::internal_error)?;
            py.detach(|| signal.wait(GLANCE));
            py.check_signals()?;
        }
    }

    fn __enter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&mut self, py: Python<'_>, _exception: &Bound<'_, PyAny>) {
        self.end(py);
    }

    /// Wants no more: producers stop, and the stream is at its end.
    fn close(&mut self, py: Python<'_>) {
        self.end(py);
    }

    /// As `close`.
    fn aclose(&mut self, py: Python<'_>) -> PyResult<Py<Operation>> {
        self.end(py);
        Operation::known(py, "aclose", Ok(py.None()))
    }

    /// The same items as lists of `size`, the last one of what is left.
    #[pyo3(signature = (size, /))]
    fn batches(slf: &Bound<'_, Self>, size: isize) -> PyResult<Py<Self>> {
        let size = usize::try_from(size).ok().filter(|size| *size > 0);
        let size = size.ok_or_else(|| PyValueError::new_err("a batch has at least one item"))?;
        let name = slf.borrow().name;
        Self::of(slf.py(), name, Groups::new(slf.clone().unbind(), size))
    }

    /// What went wrong with single entries so far.
    #[getter]
    fn errors(&mut self, py: Python<'_>) -> PyResult<Py<PyList>> {
        if let Some(beneath) = self.feed.beneath() {
            return beneath.bind(py).try_borrow_mut()?.errors(py);
        }
        self.note_reports(py)?;
        Ok(self.errors.clone_ref(py))
    }

    /// How many errors there were beyond those that `errors` keeps.
    #[getter]
    fn errors_omitted(&mut self, py: Python<'_>) -> PyResult<usize> {
        if let Some(beneath) = self.feed.beneath() {
            return beneath.bind(py).try_borrow_mut()?.errors_omitted(py);
        }
        self.note_reports(py)?;
        Ok(self.omitted)
    }

    fn __repr__(slf: &Bound<'_, Self>) -> String {
        let this = slf.borrow();
        let stage = match this.stage {
            Stage::Fresh => "not begun",
            Stage::Running => "running",
            Stage::Ended => "ended",
        };
        format!("<rapfiles stream {} ({stage}) at {:p}>", this.name, slf.as_ptr())
    }
}

/// A plain `for` would keep the loop waiting.
fn refuse_loop(py: Python<'_>) -> PyResult<()> {
    if event_loop::running(py).is_err() {
        return Ok(());
    }
    Err(PyRuntimeError::new_err("an event loop is running here: use 'async for' instead of 'for'"))
}
