//! One port per event loop: completions come in by `add_reader`, turns for the fairness budget by `call_soon`.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pyo3::exceptions::{PyNotImplementedError, PyRuntimeError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyWeakrefMethods, PyWeakrefReference};
use rapfiles_core::engine::{self, Port};

use super::completion::Job;
use super::operation::Operation;

/// Completions that one turn of the loop delivers.
const DELIVERED_PER_TURN: usize = 32;

/// Who waits for the loop to have a turn.
#[derive(Default)]
struct Parked {
    futures: VecDeque<Py<PyAny>>,
    scheduled: bool,
    /// How many go on per turn: more while they leave some of the budget, fewer when they don't.
    batch: usize,
}

/// What belongs to one event loop.
#[pyclass(frozen, module = "rapfiles._rapfiles")]
pub struct LoopPort {
    port: Arc<Port<Job>>,
    event_loop: Py<PyWeakrefReference>,
    generation: u64,
    parked: Mutex<Parked>,
    /// Completed and not yet delivered.
    backlog: Mutex<VecDeque<Job>>,
    /// Futures made in advance, by Python: see [`Callbacks`].
    stock: Mutex<Vec<Py<PyAny>>>,
}

thread_local! {
    static MET: Cell<bool> = const { Cell::new(false) };
    /// The port of the loop that ran last in this thread.
    static CURRENT: RefCell<Option<Py<LoopPort>>> = const { RefCell::new(None) };
}

static PORTS: Mutex<Vec<Py<LoopPort>>> = Mutex::new(Vec::new());

/// The running event loop, or `RuntimeError`.
pub fn running(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    static GET: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let get = GET
        .get_or_try_init(py, || Ok::<_, PyErr>(py.import("asyncio.events")?.getattr("_get_running_loop")?.unbind()))?;
    let found = get.bind(py).call0()?;
    if found.is_none() {
        return Err(PyRuntimeError::new_err(
            "no running event loop: rapfiles' operations are awaited inside one, for instance in a coroutine given to asyncio.run()",
        ));
    }
    Ok(found)
}

/// `RuntimeError` in a thread that never ran an event loop: it is said each time, not only when a worker is needed.
/// Where one has run the question isn't asked again: it costs as much as an answer out of a buffer.
#[inline]
pub fn require(py: Python<'_>) -> PyResult<()> {
    if !MET.get() {
        running(py)?;
        MET.set(true);
    }
    Ok(())
}

/// A new future of the running loop.
pub fn create_future(py: Python<'_>) -> PyResult<Py<PyAny>> {
    new_future(&running(py)?)
}

fn new_future(event_loop: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
    Ok(event_loop.call_method0(intern!(event_loop.py(), "create_future"))?.unbind())
}

/// Wakes whoever waits for a future.
pub fn resolve(py: Python<'_>, future: &Py<PyAny>) {
    // It fails if the future was cancelled meanwhile, or the loop closed under its tasks: nobody is to be woken.
    let _nobody_waits = future.bind(py).call_method1(intern!(py, "set_result"), (py.None(),));
}

impl LoopPort {
    /// The port of the running loop.
    pub fn current(py: Python<'_>) -> PyResult<Py<Self>> {
        Self::current_for(py, &running(py)?)
    }

    /// The port of the running loop, and a new future of that loop.
    pub fn with_future(py: Python<'_>) -> PyResult<(Py<Self>, Py<PyAny>)> {
        let event_loop = running(py)?;
        let port = Self::current_for(py, &event_loop)?;
        let kept = lock(&port.get().stock).pop();
        Ok((port, kept.map_or_else(|| new_future(&event_loop), Ok)?))
    }

    fn current_for(py: Python<'_>, event_loop: &Bound<'_, PyAny>) -> PyResult<Py<Self>> {
        let cached = CURRENT.with_borrow(|current| {
            current.as_ref().filter(|port| port.get().belongs_to(py, event_loop)).map(|port| port.clone_ref(py))
        });
        if let Some(port) = cached {
            return Ok(port);
        }
        let port = Self::of(py, event_loop)?;
        CURRENT.with_borrow_mut(|current| *current = Some(port.clone_ref(py)));
        Ok(port)
    }

    pub fn port(&self) -> &Arc<Port<Job>> {
        &self.port
    }

    fn belongs_to(&self, py: Python<'_>, event_loop: &Bound<'_, PyAny>) -> bool {
        let mine = self.event_loop.bind(py).upgrade();
        self.generation == engine::generation() && mine.is_some_and(|mine| mine.is(event_loop))
    }

    fn of(py: Python<'_>, event_loop: &Bound<'_, PyAny>) -> PyResult<Py<Self>> {
        let known = {
            let ports = lock(&PORTS);
            ports.iter().find(|port| port.get().belongs_to(py, event_loop)).map(|port| port.clone_ref(py))
        };
        if let Some(port) = known {
            return Ok(port);
        }
        Self::sweep(py);
        super::exit::note_thread();
        let port = Py::new(
            py,
            Self {
                port: Arc::new(Port::new()?),
                event_loop: PyWeakrefReference::new(event_loop)?.unbind(),
                generation: engine::generation(),
                parked: Mutex::default(),
                backlog: Mutex::default(),
                stock: Mutex::default(),
            },
        )?;
        Self::connect(&port.bind(py).clone(), event_loop)?;
        lock(&PORTS).push(port.clone_ref(py));
        Ok(port)
    }

    /// Has the loop watch the port's descriptor. A loop that can't is called from a thread, once per batch.
    fn connect(port: &Bound<'_, Self>, event_loop: &Bound<'_, PyAny>) -> PyResult<()> {
        let py = port.py();
        let deliver = &callbacks(py)?.deliver;
        match event_loop.call_method1(intern!(py, "add_reader"), (port.get().port.raw_fd(), deliver, port)) {
            Ok(_) => Ok(()),
            Err(error) if error.is_instance_of::<PyNotImplementedError>(py) => {
                let event_loop = port.get().event_loop.clone_ref(py);
                let (completions, port) = (Arc::clone(&port.get().port), port.clone().unbind());
                let deliver = deliver.clone_ref(py);
                engine::spawn_waiting(move || call_back(&completions, &event_loop, &deliver, &port));
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// Lets go of loops that are closed or gone, and of what completes for them too late.
    fn sweep(py: Python<'_>) {
        let gone = |port: &Py<Self>| {
            let event_loop = port.get().event_loop.bind(py).upgrade();
            event_loop.is_none_or(|event_loop| {
                let closed = event_loop.call_method0(intern!(py, "is_closed")).and_then(|closed| closed.is_truthy());
                closed.unwrap_or(true)
            })
        };
        // Python code runs in between, so the list is not locked meanwhile.
        let all = std::mem::take(&mut *lock(&PORTS));
        let (gone, alive): (Vec<_>, Vec<_>) = all.into_iter().partition(gone);
        lock(&PORTS).extend(alive);
        for port in gone {
            let port = port.get();
            lock(&port.stock).clear();
            let late: Vec<_> = lock(&port.backlog).drain(..).chain(port.port.drain()).collect();
            for job in late {
                // Their loop is closed: nobody is to be woken.
                drop(Operation::come_back(job, py));
            }
        }
    }

    /// Makes a future wait for the loop's next turn.
    pub fn park(&self, py: Python<'_>, future: Py<PyAny>) -> PyResult<()> {
        let mut parked = lock(&self.parked);
        parked.futures.push_back(future);
        let schedule = !std::mem::replace(&mut parked.scheduled, true);
        drop(parked);
        if schedule { Self::schedule(py) } else { Ok(()) }
    }

    fn schedule(py: Python<'_>) -> PyResult<()> {
        let event_loop = running(py)?;
        let port = Self::current_for(py, &event_loop)?;
        event_loop.call_method1(intern!(py, "call_soon"), (&callbacks(py)?.turn, port))?;
        Ok(())
    }
}

#[pymethods]
impl LoopPort {
    /// What has completed: the futures to be resolved, some of them per turn. Each makes a task ready that has work to
    /// do in the next turn, and a thousand of them would be a long one.
    fn completed(&self, py: Python<'_>) -> Vec<Py<PyAny>> {
        super::check(py);
        let completed = self.port.drain();
        let mut backlog = lock(&self.backlog);
        backlog.extend(completed);
        let count = backlog.len().min(DELIVERED_PER_TURN);
        let jobs: Vec<_> = backlog.drain(..count).collect();
        if !backlog.is_empty() {
            self.port.remind();
        }
        drop(backlog);
        jobs.into_iter().filter_map(|job| Operation::come_back(job, py)).collect()
    }

    /// Takes futures of this loop for the next operations.
    fn restock(&self, futures: Vec<Py<PyAny>>) {
        lock(&self.stock).extend(futures);
    }

    /// The loop has had a turn: the futures of those who go on, and whether others still wait.
    fn rested(&self) -> (Vec<Py<PyAny>>, bool) {
        let mut parked = lock(&self.parked);
        parked.batch = if engine::spent() { parked.batch / 2 } else { parked.batch * 2 }.clamp(1, 64);
        engine::refill();
        let count = parked.batch.min(parked.futures.len());
        let ready = parked.futures.drain(..count).collect();
        parked.scheduled = !parked.futures.is_empty();
        (ready, parked.scheduled)
    }
}

/// What the loop calls, in Python: `deliver(port)` and `turn(port)`.
///
/// Making a future and resolving it runs Python code of the loop, which may lose the GIL to an exiting interpreter. A thread that
/// ends there must not have native frames to unwind.
struct Callbacks {
    deliver: Py<PyAny>,
    turn: Py<PyAny>,
}

static CALLBACKS: PyOnceLock<Callbacks> = PyOnceLock::new();

/// Called once by the Python part of the package.
#[pyfunction]
fn set_callbacks(py: Python<'_>, deliver: Py<PyAny>, turn: Py<PyAny>) {
    let _set_before = CALLBACKS.set(py, Callbacks { deliver, turn });
}

fn callbacks(py: Python<'_>) -> PyResult<&Callbacks> {
    CALLBACKS.get(py).ok_or_else(|| PyRuntimeError::new_err("rapfiles is not imported completely"))
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<LoopPort>()?;
    module.add_function(wrap_pyfunction!(set_callbacks, module)?)
}

/// Calls a loop that watches no descriptors, until it is closed. The one thread that ever attaches to Python.
fn call_back(completions: &Port<Job>, event_loop: &Py<PyWeakrefReference>, deliver: &Py<PyAny>, port: &Py<LoopPort>) {
    let mut alive = true;
    while alive {
        completions.wait();
        let called = Python::try_attach(|py| {
            let event_loop = event_loop.bind(py).upgrade();
            event_loop
                .is_some_and(|found| found.call_method1(intern!(py, "call_soon_threadsafe"), (deliver, port)).is_ok())
        });
        alive = called.unwrap_or(false);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
