//! The awaitable: what every asynchronous function of the package returns.
//!
//! It behaves as a coroutine does: nothing happens until it is awaited, it can be awaited once, and it says so when
//! it never was. If the answer is at hand, awaiting it involves neither a future nor the loop.

use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Instant;

use pyo3::exceptions::{PyRuntimeError, PyRuntimeWarning, PyStopAsyncIteration};
use pyo3::prelude::*;
use pyo3::types::PyType;
use rapfiles_core::engine;

use super::completion::{Act, Job, Step};
use super::event_loop::{self, LoopPort};
use super::method::{Args, Begin, Verb};

/// What there is to do when it is first awaited.
pub enum Call {
    /// A method of an object that its class has admitted.
    Method(&'static Verb, Py<PyAny>, Args),
    /// Anything else.
    Act(Box<dyn Act>),
    /// It is known already how it ends: an error in the arguments, a line out of the buffer.
    Known(PyResult<Py<PyAny>>),
}

enum State {
    Fresh(Call),
    /// The fairness budget is spent: the loop has a turn first.
    Parked(Call),
    /// Others are before it on the same handle.
    Queued(Box<dyn Act>, Py<PyAny>),
    /// With the engine.
    Away {
        future: Py<PyAny>,
        cancelled: Arc<AtomicBool>,
        since: Instant,
        /// Where the job is while nobody works on it.
        kept: Option<Kept>,
    },
    /// Back from the engine, not yet delivered.
    Back {
        act: Box<dyn Act>,
        since: Instant,
    },
    Finished,
}

/// A job that waits, for whoever comes first: who calls it back, or who gives it up.
type Kept = Arc<Mutex<Option<Job>>>;

/// What a step of the awaitable comes to.
pub enum Next {
    Return(Py<PyAny>),
    Yield(Py<PyAny>),
}

/// A coroutine of rapfiles.
#[pyclass(module = "rapfiles._rapfiles", freelist = 512, weakref)]
pub struct Operation {
    state: State,
    name: &'static str,
}

impl Operation {
    #[inline]
    pub fn new(name: &'static str, call: Call) -> Self {
        Self { state: State::Fresh(call), name }
    }

    /// An operation of its own, as a Python object.
    pub fn act(py: Python<'_>, name: &'static str, act: impl Act + 'static) -> PyResult<Py<Self>> {
        Self::boxed(py, name, Box::new(act))
    }

    /// The same, of what is in a box already.
    pub fn boxed(py: Python<'_>, name: &'static str, act: Box<dyn Act>) -> PyResult<Py<Self>> {
        Py::new(py, Self::new(name, Call::Act(act)))
    }

    /// An operation that ends as is known already.
    #[inline]
    pub fn known(py: Python<'_>, name: &'static str, result: PyResult<Py<PyAny>>) -> PyResult<Py<Self>> {
        Py::new(py, Self::new(name, Call::Known(result)))
    }

    /// Whether nobody awaits it any more.
    pub fn is_over(&self) -> bool {
        matches!(self.state, State::Finished)
    }

    /// What the method is called.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Goes on as far as possible.
    #[inline]
    pub fn advance(slf: &Bound<'_, Self>) -> PyResult<Next> {
        let state = mem::replace(&mut slf.borrow_mut().state, State::Finished);
        match state {
            State::Fresh(Call::Known(result)) => result.map(Next::Return),
            State::Fresh(call) => {
                event_loop::require(slf.py())?;
                if engine::spent() { Self::park(slf, call) } else { Self::begin(slf, call) }
            }
            State::Parked(call) => Self::resume(slf, call),
            State::Queued(act, future) if is_done(slf.py(), &future)? => Self::attempt(slf, act),
            State::Back { act, since } => Self::deliver(slf, act, since),
            State::Finished => Err(PyRuntimeError::new_err("cannot reuse already awaited coroutine")),
            waiting => {
                slf.borrow_mut().state = waiting;
                Err(PyRuntimeError::new_err("coroutine is being awaited already"))
            }
        }
    }

    #[inline]
    fn begin(slf: &Bound<'_, Self>, call: Call) -> PyResult<Next> {
        match call {
            Call::Method(verb, object, args) => match (verb.start)(object.bind(slf.py()), args)? {
                Begin::Done(value) => {
                    engine::spend(verb.cost);
                    Ok(Next::Return(value))
                }
                Begin::Act(act) => Self::attempt(slf, act),
            },
            Call::Act(act) => Self::attempt(slf, act),
            Call::Known(result) => result.map(Next::Return),
        }
    }

    /// Goes on after the loop had its turn. The place it kept in its handle's queue is left if it needed none.
    fn resume(slf: &Bound<'_, Self>, call: Call) -> PyResult<Next> {
        let Call::Method(verb, object, _) = &call else { return Self::begin(slf, call) };
        let (verb, object) = (*verb, object.bind(slf.py()).clone());
        let next = Self::begin(slf, call);
        if !matches!(next, Ok(Next::Yield(_))) {
            (verb.class.leave_queue)(&object, slf);
        }
        next
    }

    /// The kernel is asked first; its time counts.
    fn attempt(slf: &Bound<'_, Self>, mut act: Box<dyn Act>) -> PyResult<Next> {
        let cost = act.cost();
        let since = cost.is_none().then(Instant::now);
        let step = act.poll(slf);
        let measured = || since.map_or(0, |since| u64::try_from(since.elapsed().as_nanos()).unwrap_or(u64::MAX));
        engine::spend(cost.unwrap_or_else(measured));
        if let Ok(Step::Done(_)) = step {
            act.meter().now(act.bytes());
        }
        Self::settle(slf, act, step, since)
    }

    /// A worker has done its part.
    fn deliver(slf: &Bound<'_, Self>, mut act: Box<dyn Act>, since: Instant) -> PyResult<Next> {
        let step = act.poll(slf);
        if let Ok(Step::Done(_)) = step {
            act.meter().soon(since.elapsed(), act.bytes());
        }
        Self::settle(slf, act, step, Some(since))
    }

    fn settle(
        slf: &Bound<'_, Self>,
        act: Box<dyn Act>,
        step: PyResult<Step>,
        since: Option<Instant>,
    ) -> PyResult<Next> {
        match step {
            Ok(Step::Done(value)) => Ok(Next::Return(value)),
            Ok(Step::Soon { lane, effect }) => {
                Self::send_away(slf, act, since, None, |port, job| engine::submit(lane, effect, port, job))
            }
            Ok(Step::Waiting(wait)) => {
                let kept = Kept::default();
                Self::send_away(slf, act, since, Some(Arc::clone(&kept)), |port, job| {
                    let port = Arc::clone(port);
                    *kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(job);
                    wait(Box::new(move || {
                        if let Some(job) = take(&kept) {
                            port.push(engine::Parcel::new(job));
                        }
                    }));
                })
            }
            Ok(Step::Rest) => Self::park(slf, Call::Act(act)),
            Ok(Step::Queued) => {
                let future = event_loop::create_future(slf.py())?;
                slf.borrow_mut().state = State::Queued(act, future.clone_ref(slf.py()));
                blocking(slf.py(), future)
            }
            Err(error) => {
                if !error.is_instance_of::<PyStopAsyncIteration>(slf.py()) {
                    act.meter().error();
                }
                Err(error)
            }
        }
    }

    /// Hands it to somebody who will push it on the loop's port.
    fn send_away(
        slf: &Bound<'_, Self>,
        mut act: Box<dyn Act>,
        since: Option<Instant>,
        kept: Option<Kept>,
        hand_over: impl FnOnce(&Arc<engine::Port<Job>>, Job),
    ) -> PyResult<Next> {
        let (py, since) = (slf.py(), since.unwrap_or_else(Instant::now));
        let (port, future) = match LoopPort::with_future(py) {
            Ok(found) => found,
            Err(error) => {
                act.give_up(slf);
                return Err(error);
            }
        };
        let cancelled = Arc::new(AtomicBool::new(false));
        slf.borrow_mut().state =
            State::Away { future: future.clone_ref(py), cancelled: Arc::clone(&cancelled), since, kept };
        let job = Job { operation: slf.clone().unbind(), act, cancelled };
        hand_over(port.get().port(), job);
        blocking(py, future)
    }

    /// Lets the loop have a turn. Whoever comes to the same handle meanwhile comes after.
    fn park(slf: &Bound<'_, Self>, mut call: Call) -> PyResult<Next> {
        let py = slf.py();
        // Outside a running loop there is nobody to be fair to.
        let Ok((port, future)) = LoopPort::with_future(py) else {
            engine::refill();
            return Self::begin(slf, call);
        };
        match &mut call {
            Call::Method(verb, object, _) => (verb.class.join_queue)(object.bind(py), slf)?,
            Call::Act(act) => act.reserve(slf)?,
            Call::Known(_) => {}
        }
        slf.borrow_mut().state = State::Parked(call);
        port.get().park(py, future.clone_ref(py))?;
        blocking(py, future)
    }

    /// Goes to the end on this thread, waiting where need be.
    pub fn run_blocking(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
        let py = slf.py();
        let state = mem::replace(&mut slf.borrow_mut().state, State::Finished);
        let mut act = match state {
            State::Fresh(Call::Known(result)) => return result,
            State::Fresh(Call::Act(act)) => act,
            State::Fresh(Call::Method(verb, object, args)) => match (verb.start)(object.bind(py), args)? {
                Begin::Done(value) => return Ok(value),
                Begin::Act(act) => act,
            },
            _ => return Err(PyRuntimeError::new_err("cannot reuse already awaited coroutine")),
        };
        loop {
            match act.poll(slf)? {
                Step::Done(value) => return Ok(value),
                Step::Soon { .. } => py.detach(|| act.run()),
                Step::Waiting(wait) => {
                    let (called, told) = mpsc::channel();
                    // Nobody hears it only if this thread is gone; it is dropped only when nobody will call.
                    wait(Box::new(move || called.send(()).unwrap_or(())));
                    py.detach(move || told.recv()).unwrap_or(());
                }
                Step::Rest => {}
                Step::Queued => {
                    act.give_up(slf);
                    return Err(PyRuntimeError::new_err("another operation is under way on this file"));
                }
            }
        }
    }

    /// Takes back what a worker has done with.
    /// Returns the future to be resolved, if somebody waits.
    pub fn come_back(job: Job, py: Python<'_>) -> Option<Py<PyAny>> {
        let Job { operation, mut act, .. } = job;
        let operation = operation.into_bound(py);
        let mut this = operation.borrow_mut();
        if let State::Away { future, since, .. } = &this.state {
            let (future, since) = (future.clone_ref(py), *since);
            this.state = State::Back { act, since };
            return Some(future);
        }
        drop(this);
        act.give_up(&operation);
        None
    }

    /// The turn of one that stands in a queue.
    pub fn wake(slf: &Bound<'_, Self>) {
        let future = match &slf.borrow().state {
            State::Queued(_, future) => Some(future.clone_ref(slf.py())),
            _ => None,
        };
        if let Some(future) = future {
            event_loop::resolve(slf.py(), &future);
        }
    }

    /// Whoever awaited it doesn't any more.
    pub fn abandon(slf: &Bound<'_, Self>) {
        let state = mem::replace(&mut slf.borrow_mut().state, State::Finished);
        match state {
            State::Queued(mut act, _) | State::Back { mut act, .. } | State::Parked(Call::Act(mut act)) => {
                act.meter().cancelled();
                act.give_up(slf);
            }
            State::Parked(Call::Method(verb, object, _)) => (verb.class.leave_queue)(object.bind(slf.py()), slf),
            State::Away { cancelled, kept, .. } => {
                cancelled.store(true, Ordering::Release);
                // One that is worked on comes back some time and finds that nobody waits. One that waits might wait for ever,
                // and hold what would have to be dropped for it to end.
                if let Some(mut job) = kept.as_ref().and_then(take) {
                    job.act.meter().cancelled();
                    job.act.give_up(slf);
                }
            }
            _ => {}
        }
    }
}

fn take(kept: &Kept) -> Option<Job> {
    kept.lock().unwrap_or_else(PoisonError::into_inner).take()
}

fn is_done(py: Python<'_>, future: &Py<PyAny>) -> PyResult<bool> {
    future.call_method0(py, pyo3::intern!(py, "done"))?.is_truthy(py)
}

/// Hands a future to the task, as `Future.__await__` does.
fn blocking(py: Python<'_>, future: Py<PyAny>) -> PyResult<Next> {
    future.setattr(py, pyo3::intern!(py, "_asyncio_future_blocking"), true)?;
    Ok(Next::Yield(future))
}

#[pymethods]
impl Operation {
    fn __await__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    /// Replaced by a slot of our own; kept because it makes the type an iterator.
    fn __next__(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
        Self::send(slf, slf.py().None())
    }

    #[pyo3(signature = (value, /))]
    fn send(slf: &Bound<'_, Self>, value: Py<PyAny>) -> PyResult<Py<PyAny>> {
        drop(value);
        match Self::advance(slf)? {
            Next::Yield(future) => Ok(future),
            Next::Return(value) => Err(super::slots::stop_iteration(slf.py(), value)),
        }
    }

    #[pyo3(signature = (kind, value=None, traceback=None, /))]
    fn throw(
        slf: &Bound<'_, Self>,
        kind: Bound<'_, PyAny>,
        value: Option<Bound<'_, PyAny>>,
        traceback: Option<Bound<'_, PyAny>>,
    ) -> PyResult<Py<PyAny>> {
        Self::abandon(slf);
        let exception = match kind.cast::<PyType>() {
            Ok(class) => match value {
                Some(value) if value.is_instance(class)? => value,
                Some(value) => class.call1((value,))?,
                None => class.call0()?,
            },
            Err(_) => kind,
        };
        let error = PyErr::from_value(exception);
        if let Some(traceback) = traceback {
            error.set_traceback(slf.py(), traceback.cast_into().ok());
        }
        Err(error)
    }

    fn close(slf: &Bound<'_, Self>) {
        Self::abandon(slf);
    }

    #[getter]
    fn __name__(&self) -> &'static str {
        self.name
    }

    #[getter]
    fn __qualname__(&self) -> &'static str {
        self.name
    }

    fn __repr__(slf: &Bound<'_, Self>) -> String {
        let this = slf.borrow();
        let state = match this.state {
            State::Fresh(_) => "not awaited yet",
            State::Parked(_) => "letting others run",
            State::Queued(..) => "waiting for its handle",
            State::Away { .. } => "running",
            State::Back { .. } => "completed",
            State::Finished => "finished",
        };
        format!("<rapfiles operation {} ({state}) at {:p}>", this.name, slf.as_ptr())
    }
}

impl Drop for Operation {
    fn drop(&mut self) {
        let fresh = matches!(&self.state, State::Fresh(call) if !matches!(call, Call::Known(Ok(_))));
        if fresh {
            Python::try_attach(|py| never_awaited(py, self.name));
        }
    }
}

fn never_awaited(py: Python<'_>, name: &str) {
    let message = std::ffi::CString::new(format!("coroutine '{name}' was never awaited")).unwrap_or_default();
    // An exception may be on its way while this object dies.
    let pending = PyErr::take(py);
    if let Err(error) = PyErr::warn(py, &py.get_type::<PyRuntimeWarning>(), &message, 1) {
        error.write_unraisable(py, None);
    }
    if let Some(pending) = pending {
        pending.restore(py);
    }
}
