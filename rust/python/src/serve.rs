//! Files to be sent: looked at, opened and, if they are small, read, in one crossing.

use std::io;
use std::os::fd::AsFd;
use std::sync::{Arc, Mutex, PoisonError};

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use rapfiles_core::Stop;
use rapfiles_core::engine::Lane;
use rapfiles_core::engine::metrics::Meter;
use rapfiles_core::fs::stat::Status;
use rapfiles_core::lent::Lent;
use rapfiles_core::serve::{self, Opened, Place};

use crate::bridge::{Act, Operation, Step, internal_error};
use crate::convert::bytes::NewBytes;
use crate::convert::path::PathArg;
use crate::convert::stat::{seconds, stat_result};
use crate::error::os_error;
use crate::task::{Names, change, operation};

static SERVE: Meter = Meter::new("serve");
static SERVE_READ: Meter = Meter::new("serve_read");
static SERVE_CLOSE: Meter = Meter::new("serve_close");

pub fn meters() -> [&'static Meter; 3] {
    [&SERVE, &SERVE_READ, &SERVE_CLOSE]
}

/// Up to here a worker's own memory is used and copied once; beyond, the final object is made first.
const COPIED: usize = 64 * 1024;

const SOON: Step = Step::Soon { lane: Lane::Disk, effect: false };

/// A file as it was when it was asked for: its metadata, and its contents or the open file.
#[pyclass(frozen, module = "rapfiles._rapfiles")]
pub struct Served {
    status: Status,
    /// All of it, if it isn't more than was asked for.
    #[pyo3(get)]
    body: Option<Py<PyAny>>,
    file: Mutex<Option<Arc<Opened>>>,
    given: Py<PyAny>,
}

impl Served {
    fn open(&self) -> Option<Arc<Opened>> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[pymethods]
impl Served {
    #[getter]
    fn size(&self) -> u64 {
        self.status.size
    }

    #[getter]
    fn mtime(&self) -> f64 {
        seconds(self.status.mtime)
    }

    /// What is the same as long as the file is.
    #[getter]
    fn version(&self) -> (u64, u64, (i64, u32), u64) {
        (self.status.device, self.status.inode, self.status.mtime, self.status.size)
    }

    #[getter]
    fn is_file(&self) -> bool {
        self.status.mode & libc::S_IFMT == libc::S_IFREG
    }

    #[getter]
    fn is_dir(&self) -> bool {
        self.status.mode & libc::S_IFMT == libc::S_IFDIR
    }

    #[getter]
    fn stat_result(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        stat_result(py, &self.status)
    }

    /// The same file with contents that are known already.
    fn with_body(&self, py: Python<'_>, body: Py<PyAny>) -> Self {
        Self { status: self.status, body: Some(body), file: Mutex::default(), given: self.given.clone_ref(py) }
    }

    /// So many bytes from there on, fewer only at the end of the file.
    fn read(&self, py: Python<'_>, offset: u64, size: usize) -> PyResult<Py<Operation>> {
        let Some(file) = self.open() else { return Err(PyValueError::new_err("I/O operation on closed file")) };
        let (bytes, given) = (Some(NewBytes::new(py, size)?), self.given.clone_ref(py));
        Operation::act(py, SERVE_READ.name, Read { file: Some(file), bytes, offset, count: None, given })
    }

    /// Closes the file, now if that frees nothing.
    fn close(&self, py: Python<'_>) -> PyResult<Py<Operation>> {
        let file = self.file.lock().unwrap_or_else(PoisonError::into_inner).take();
        if file.as_ref().is_none_or(|file| file.status.links > 0) {
            return Operation::known(py, SERVE_CLOSE.name, Ok(py.None()));
        }
        let mut file = file;
        let close = move || -> io::Result<()> {
            drop(file.take());
            Ok(())
        };
        operation(py, &SERVE_CLOSE, Ok(change(&SERVE_CLOSE, Names::default(), close)))
    }
}

/// A part of an open file on its way into a bytes object.
struct Read {
    /// A worker lets go of it: nobody may be left to hear that it has come back.
    file: Option<Arc<Opened>>,
    bytes: Option<NewBytes>,
    offset: u64,
    count: Option<io::Result<usize>>,
    given: Py<PyAny>,
}

impl Act for Read {
    fn meter(&self) -> &'static Meter {
        &SERVE_READ
    }

    fn poll(&mut self, operation: &Bound<'_, Operation>) -> PyResult<Step> {
        let py = operation.py();
        if let (Some(file), Some(bytes)) = (&self.file, &mut self.bytes) {
            // Whatever an attempt meets, a worker meets again.
            if serve::read_now(file, bytes.memory(), self.offset).is_err() {
                return Ok(SOON);
            }
            self.count = Some(Ok(bytes.memory().len()));
        }
        match (&self.count, self.bytes.take()) {
            (Some(Ok(count)), Some(bytes)) => bytes.finish(py, *count).map(Step::Done),
            (Some(Err(error)), _) => Err(os_error(py, error, Some(&self.given))),
            _ => Err(internal_error()),
        }
    }

    fn run(&mut self) {
        if let (Some(file), Some(bytes)) = (self.file.take(), &mut self.bytes) {
            self.count = Some(serve::read(file.fd.as_fd(), bytes.memory(), self.offset));
        }
    }

    fn bytes(&self) -> usize {
        self.count.as_ref().and_then(|count| count.as_ref().ok()).copied().unwrap_or(0)
    }

    fn let_go(&mut self) {
        self.file = None;
    }

    fn give_up(&mut self, _operation: &Bound<'_, Operation>) {
        self.file = None;
    }
}

/// A whole file on its way into the final object.
struct Filling {
    /// A worker lets go of it, too.
    file: Option<Opened>,
    status: Status,
    bytes: NewBytes,
}

/// How far it is asked for.
enum Progress {
    New,
    /// Not a regular file, or only its metadata were asked for.
    Seen(Status),
    Open(Opened),
    /// A worker has read the whole of it.
    Read(Status, Lent),
    /// A worker reads the whole of it into the final object.
    Filling(Filling, Option<io::Result<usize>>),
    Failed(io::Error),
}

struct Serve {
    path: PathArg,
    directory: Option<PathArg>,
    /// Up to here the contents are wanted too; without, not even the file.
    limit: Option<usize>,
    progress: Progress,
    count: usize,
}

impl Serve {
    fn place(&self) -> Place<'_> {
        match &self.directory {
            None => Place::Path(self.path.as_c()),
            Some(directory) => Place::Beneath { directory: directory.as_c(), relative: self.path.as_c() },
        }
    }

    fn attempt(&self) -> Progress {
        let answer = match self.limit {
            None => serve::look_now(self.place()).map(Progress::Seen),
            Some(_) => serve::open_now(self.place()).map(Progress::Open),
        };
        match answer {
            Ok(progress) => progress,
            Err(Stop::WouldBlock) => Progress::New,
            Err(Stop::Failed(error)) => Progress::Failed(error),
        }
    }

    fn work(&self) -> io::Result<Progress> {
        if self.limit.is_none() {
            return serve::look(self.place()).map(Progress::Seen);
        }
        let file = match serve::open(self.place())? {
            Ok(file) => file,
            Err(status) => return Ok(Progress::Seen(status)),
        };
        let size = usize::try_from(file.status.size).unwrap_or(usize::MAX);
        if size == 0 || size > COPIED || self.limit.is_none_or(|limit| size > limit) {
            return Ok(Progress::Open(file));
        }
        let mut bytes = Lent::new(size);
        let count = serve::read(file.fd.as_fd(), bytes.memory(), 0)?;
        bytes.truncate(count);
        Ok(Progress::Read(Status { size: count as u64, ..file.status }, bytes))
    }

    fn served(&self, py: Python<'_>, status: Status, body: Option<Py<PyAny>>, file: Option<Opened>) -> PyResult<Step> {
        let file = Mutex::new(file.map(Arc::new));
        let served = Served { status, body, file, given: self.path.given.clone_ref(py) };
        Ok(Step::Done(Py::new(py, served)?.into_any()))
    }

    /// An open file: its contents are read if they are wanted.
    fn opened(&mut self, py: Python<'_>, file: Opened) -> PyResult<Step> {
        let status = file.status;
        let size = usize::try_from(status.size).unwrap_or(usize::MAX);
        if self.limit.is_none_or(|limit| size > limit) {
            return self.served(py, status, None, Some(file));
        }
        if size == 0 {
            return self.served(py, status, Some(PyBytes::new(py, b"").into_any().unbind()), None);
        }
        let mut bytes = NewBytes::new(py, size)?;
        let at_hand = serve::read_now(&file, bytes.memory(), 0).is_ok();
        let filling = Filling { file: Some(file), status, bytes };
        if at_hand {
            return self.filled(py, filling, size);
        }
        self.progress = Progress::Filling(filling, None);
        Ok(SOON)
    }

    fn filled(&mut self, py: Python<'_>, filling: Filling, count: usize) -> PyResult<Step> {
        self.count = count;
        let mut status = filling.status;
        // It has been cut since: this is all of it.
        status.size = count as u64;
        let body = filling.bytes.finish(py, count)?;
        self.served(py, status, Some(body), None)
    }
}

impl Act for Serve {
    fn meter(&self) -> &'static Meter {
        &SERVE
    }

    fn poll(&mut self, operation: &Bound<'_, Operation>) -> PyResult<Step> {
        let py = operation.py();
        let mut progress = std::mem::replace(&mut self.progress, Progress::New);
        if matches!(progress, Progress::New) {
            progress = self.attempt();
        }
        match progress {
            Progress::New => Ok(SOON),
            Progress::Seen(status) => self.served(py, status, None, None),
            Progress::Open(file) => self.opened(py, file),
            Progress::Read(status, bytes) => {
                self.count = bytes.len();
                let body = PyBytes::new(py, &bytes).into_any().unbind();
                self.served(py, status, Some(body), None)
            }
            Progress::Filling(filling, Some(Ok(count))) => self.filled(py, filling, count),
            Progress::Filling(filling, None) => {
                self.progress = Progress::Filling(filling, None);
                Ok(SOON)
            }
            Progress::Failed(error) | Progress::Filling(_, Some(Err(error))) => {
                Err(os_error(py, &error, Some(&self.path.given)))
            }
        }
    }

    fn run(&mut self) {
        if let Progress::Filling(filling, count) = &mut self.progress {
            let Some(file) = filling.file.take() else { return };
            *count = Some(serve::read(file.fd.as_fd(), filling.bytes.memory(), 0));
        } else {
            self.progress = self.work().unwrap_or_else(Progress::Failed);
        }
    }

    fn bytes(&self) -> usize {
        self.count
    }

    fn wants_fd(&self) -> bool {
        matches!(&self.progress, Progress::Failed(error) if matches!(error.raw_os_error(), Some(libc::EMFILE | libc::ENFILE)))
    }

    fn let_go(&mut self) {
        if let Progress::Open(_) = self.progress {
            self.progress = Progress::New;
        }
    }

    fn give_up(&mut self, _operation: &Bound<'_, Operation>) {
        self.progress = Progress::New;
    }
}

#[pyfunction]
#[pyo3(signature = (path, limit=None, directory=None))]
fn serve_file(
    py: Python<'_>,
    path: &Bound<'_, PyAny>,
    limit: Option<usize>,
    directory: Option<&Bound<'_, PyAny>>,
) -> PyResult<Py<Operation>> {
    let act = PathArg::new(path).and_then(|path| {
        let directory = directory.map(PathArg::new).transpose()?;
        Ok(Box::new(Serve { path, directory, limit, progress: Progress::New, count: 0 }) as Box<dyn Act>)
    });
    operation(py, &SERVE, act)
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Served>()?;
    module.add_function(wrap_pyfunction!(serve_file, module)?)
}
