//! Copying and moving what matches.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use rapfiles_core::engine::metrics::Meter;
use rapfiles_core::scan::{Errand, Itself, Manner, Plan, Run, Trouble, plan};

use crate::bridge::Operation;
use crate::convert::path::{PathArg, Style};
use crate::error::os_error2;
use crate::task::Task;

static PLAN: Meter = Meter::new("shuffle_plan");
static SHUFFLE: Meter = Meter::new("shuffle");

pub fn meters() -> [&'static Meter; 2] {
    [&PLAN, &SHUFFLE]
}

/// A worker comes back after so long, to say how far it is and to hear whether it goes on.
const SLICE: Duration = Duration::from_millis(50);

/// Directories that are copied or moved.
#[pyclass(frozen, module = "rapfiles._rapfiles")]
pub struct Shuffle {
    errands: Arc<Vec<Errand>>,
    manner: Manner,
    collect: bool,
    style: Style,
    run: Arc<Mutex<Run>>,
}

impl Shuffle {
    fn run(&self) -> MutexGuard<'_, Run> {
        lock(&self.run)
    }

    fn operation<T: Send + Sync + 'static>(
        &self,
        py: Python<'_>,
        meter: &'static Meter,
        work: impl Fn(&mut Run) -> T + Send + Sync + 'static,
        view: impl Fn(Python<'_>, T) -> PyResult<Py<PyAny>> + Send + Sync + 'static,
    ) -> PyResult<Py<Operation>> {
        let run = Arc::clone(&self.run);
        let work = move || work(&mut lock(&run));
        Operation::act(py, meter.name, Task::new(meter, true, work, view))
    }
}

fn lock(run: &Mutex<Run>) -> MutexGuard<'_, Run> {
    run.lock().unwrap_or_else(PoisonError::into_inner)
}

fn raise(py: Python<'_>, style: Style, trouble: &Trouble) -> PyErr {
    let tell = |path: &[u8]| style.tell(py, path).map(Bound::unbind);
    // A path that nothing is known of is left out.
    let of = |path: &Vec<u8>| (!path.is_empty()).then(|| tell(path)).transpose();
    match (of(&trouble.source), of(&trouble.target)) {
        (Ok(None), Ok(target)) => os_error2(py, &trouble.error, target.as_ref(), None),
        (Ok(source), Ok(target)) => os_error2(py, &trouble.error, source.as_ref(), target.as_ref()),
        (Err(error), _) | (_, Err(error)) => error,
    }
}

fn into_itself(py: Python<'_>, style: Style, itself: &Itself) -> PyErr {
    let (source, target) = (style.tell(py, &itself.source), style.tell(py, &itself.target));
    let shown = |path: PyResult<Bound<'_, PyAny>>| path.and_then(|path| path.repr()).map(|text| text.to_string());
    match (shown(source), shown(target)) {
        (Ok(source), Ok(target)) => PyValueError::new_err(format!("{target} is {source}, or in it")),
        (Err(error), _) | (_, Err(error)) => error,
    }
}

#[pymethods]
impl Shuffle {
    #[new]
    #[allow(clippy::needless_pass_by_value)] // as it is extracted
    fn new(
        py: Python<'_>,
        errands: Vec<(Bound<'_, PyAny>, Bound<'_, PyAny>)>,
        moving: bool,
        overwrite: bool,
        collect: bool,
    ) -> PyResult<Self> {
        let mut style = Style::Str;
        let errands = errands.iter().map(|(source, target)| {
            let (source, target) = (PathArg::new(source)?, PathArg::new(target)?);
            style = source.style(py);
            let bytes = |path: &PathArg| path.as_c().to_bytes().to_vec();
            Ok(Errand { source: bytes(&source), target: bytes(&target) })
        });
        let errands = Arc::new(errands.collect::<PyResult<Vec<_>>>()?);
        let manner = Manner { moving, overwrite };
        Ok(Self { errands, manner, collect, style, run: Arc::new(Mutex::new(Run::new(Plan::default(), collect))) })
    }

    /// Finds out what there is to do. Changes nothing.
    fn plan(&self, py: Python<'_>) -> PyResult<Py<Operation>> {
        let (errands, manner, collect, style) = (Arc::clone(&self.errands), self.manner, self.collect, self.style);
        let work = move |run: &mut Run| {
            let mut plan = plan(&errands, manner)?;
            let first = if collect || plan.troubles.is_empty() { None } else { Some(plan.troubles.remove(0)) };
            *run = Run::new(plan, collect);
            Ok(first)
        };
        self.operation(py, &PLAN, work, move |py, planned: Result<Option<Trouble>, Itself>| match planned {
            Ok(None) => Ok(py.None()),
            Ok(Some(trouble)) => Err(raise(py, style, &trouble)),
            Err(itself) => Err(into_itself(py, style, &itself)),
        })
    }

    /// Does some of it; true when everything is done.
    fn advance(&self, py: Python<'_>) -> PyResult<Py<Operation>> {
        let style = self.style;
        self.operation(
            py,
            &SHUFFLE,
            |run| run.advance(SLICE),
            move |py, advanced| match advanced {
                Ok(finished) => Ok(finished.into_pyobject(py)?.to_owned().into_any().unbind()),
                Err(trouble) => Err(raise(py, style, &trouble)),
            },
        )
    }

    /// Does nothing more, and leaves nothing half.
    fn give_up(&self, py: Python<'_>) -> PyResult<Py<Operation>> {
        self.operation(py, &SHUFFLE, Run::give_up, |py, ()| Ok(py.None()))
    }

    /// How many steps have been done, how many there are, and the bytes that were copied.
    fn progress(&self) -> (usize, usize, u64) {
        let run = self.run();
        (run.done().len(), run.steps().len(), run.bytes())
    }

    /// Nothing besides `steps` and `troubles`.
    #[allow(clippy::unused_self)] // what long work has
    fn result(&self) {}

    /// The steps, as tuples: those that have been done, or all.
    fn steps<'py>(&self, py: Python<'py>, done: bool) -> PyResult<Vec<Bound<'py, PyTuple>>> {
        let (run, style) = (self.run(), self.style);
        let all: Vec<usize> = if done { run.done().to_vec() } else { (0..run.steps().len()).collect() };
        let path = |path: &[u8]| if path.is_empty() { Ok(py.None().into_bound(py)) } else { style.tell(py, path) };
        let tell = |at: usize| {
            let step = &run.steps()[at];
            (step.action.name(), path(&step.source)?, path(&step.target)?, step.size, step.replaces).into_pyobject(py)
        };
        all.into_iter().map(tell).collect()
    }

    /// Takes the errors that were collected.
    fn troubles(&self, py: Python<'_>) -> Vec<PyErr> {
        let troubles = self.run().troubles();
        troubles.iter().map(|trouble| raise(py, self.style, trouble)).collect()
    }
}
