//! Opening: from Python's arguments to a handle.

use std::io;
use std::os::fd::{FromRawFd, OwnedFd};

use pyo3::exceptions::PyRuntimeWarning;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyInt, PyString, PyType};
use rapfiles_core::Stop;
use rapfiles_core::engine::Lane;
use rapfiles_core::engine::metrics::Meter;
use rapfiles_core::file::{self, File, Mode, Newline, OpenOptions, Opened};

use super::encoding::{self, Decoder};
use super::handle::{Handle, Info, Kind, Open, TextInfo};
use super::state::{Spec, TextState};
use super::text_write::Manner;
use crate::bridge::{Act, Operation, Step};
use crate::convert::path::PathArg;
use crate::error::os_error;

pub static OPEN: Meter = Meter::new("open");

pub enum Source {
    Path(PathArg),
    Fd(i32, Py<PyAny>),
    /// What a worker makes, and the name it will have.
    Made(Make, Py<PyAny>),
}

/// Makes a file and returns a descriptor of it.
pub type Make = Box<dyn FnMut() -> io::Result<OwnedFd> + Send + Sync>;

/// An open that is ours to do.
struct OpenFile {
    source: Source,
    mode: Py<PyAny>,
    parsed: Mode,
    options: OpenOptions,
    kind: Kind,
    closefd: bool,
    buffering: isize,
    text: Option<TextInfo>,
    lane: Lane,
    result: Option<io::Result<Opened>>,
}

impl OpenFile {
    fn now(&self) -> Result<File, Stop> {
        match &self.source {
            Source::Path(path) => file::open_now(path.as_c(), &self.options),
            Source::Fd(..) | Source::Made(..) => Err(Stop::WouldBlock),
        }
    }

    fn name(&self) -> &Py<PyAny> {
        match &self.source {
            Source::Path(path) => &path.given,
            Source::Fd(_, given) | Source::Made(_, given) => given,
        }
    }

    /// Bytes have no lines.
    fn warn(&mut self, py: Python<'_>) -> PyResult<()> {
        if !self.parsed.binary || self.buffering != 1 {
            return Ok(());
        }
        self.buffering = -1;
        let words =
            c"line buffering (buffering=1) isn't supported in binary mode, the default buffer size will be used";
        PyErr::warn(py, &py.get_type::<PyRuntimeWarning>(), words, 1)
    }

    fn handle(&mut self, py: Python<'_>, file: File) -> PyResult<Step> {
        let classes = super::classes(py)?;
        let class: &Py<PyType> = match self.kind {
            Kind::Text => &classes.text,
            Kind::Reader | Kind::Random => &classes.reader,
            Kind::Writer => &classes.buffered,
            Kind::Raw => &classes.raw,
        };
        let seekable = file.is_regular() || file.seekable();
        if !seekable && self.kind != Kind::Raw && self.parsed.readable && self.parsed.writable {
            let refused = (self.kind.name(), "stream", self.parsed.raw_name(), "seek", [0]);
            classes.misuse.bind(py).call1(refused)?;
        }
        let object = class.bind(py).call_method1(intern!(py, "__new__"), (class,))?;
        let fd = file.raw_fd().unwrap_or(-1);
        let mut text_info = self.text.take();
        if let Some(info) = text_info.as_mut().filter(|_| self.buffering < 0 && !file.is_regular()) {
            info.manner.line_buffering |= file.is_terminal();
        }
        let text = text_info.as_ref().map(|info| info.state(py, &file, self.parsed)).transpose()?;
        let info = Info {
            name: self.name().clone_ref(py),
            mode: self.mode.clone_ref(py),
            parsed: self.parsed,
            kind: self.kind,
            fd,
            closefd: self.closefd,
            seekable,
            text: text_info,
        };
        object.cast::<Handle>()?.borrow_mut().settle(Open { file, text }, info);
        Ok(Step::Done(object.unbind()))
    }

    fn fail(&self, py: Python<'_>, error: &io::Error) -> PyErr {
        // The standard library names no file where there is none.
        let nameless = matches!(self.source, Source::Fd(..)) && error.raw_os_error() == Some(libc::EBADF);
        os_error(py, error, Some(self.name()).filter(|_| !nameless))
    }
}

impl Act for OpenFile {
    fn meter(&self) -> &'static Meter {
        &OPEN
    }

    fn poll(&mut self, operation: &Bound<'_, Operation>) -> PyResult<Step> {
        let py = operation.py();
        match self.result.take() {
            Some(Ok(Opened::File(file))) => self.handle(py, file),
            Some(Err(error)) => Err(self.fail(py, &error)),
            Some(Ok(Opened::Waits)) => {
                self.lane = Lane::Stream;
                Ok(Step::Soon { lane: self.lane, effect: false })
            }
            None => match self.warn(py).map(|()| self.now())? {
                Ok(file) => self.handle(py, file),
                Err(Stop::Failed(error)) => Err(self.fail(py, &error)),
                Err(Stop::WouldBlock) => Ok(Step::Soon { lane: self.lane, effect: false }),
            },
        }
    }

    fn run(&mut self) {
        self.result = Some(match &mut self.source {
            Source::Path(path) => file::open(path.as_c(), &self.options, self.lane),
            Source::Fd(fd, _) => adopt(*fd, self.closefd, &self.options).map(Opened::File),
            Source::Made(make, _) => make().and_then(|fd| File::adopt(fd, true, &self.options)).map(Opened::File),
        });
    }

    fn wants_fd(&self) -> bool {
        let errno = match &self.result {
            Some(Err(error)) => error.raw_os_error(),
            _ => None,
        };
        matches!(errno, Some(libc::EMFILE | libc::ENFILE))
    }

    fn give_up(&mut self, _operation: &Bound<'_, Operation>) {
        if let Some(Ok(Opened::File(file))) = self.result.take() {
            // Closing a file that was made may block.
            rapfiles_core::engine::spawn(false, move || drop(file));
        }
    }
}

fn adopt(fd: i32, closefd: bool, options: &OpenOptions) -> io::Result<File> {
    // SAFETY: only looked at; an `OwnedFd` must not be made of a number that isn't open.
    if unsafe { libc::fcntl(fd, libc::F_GETFD) } < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: open, and the caller's word that it is ours (`closefd`); otherwise `File` never closes it.
    let fd = unsafe { OwnedFd::from_raw_fd(fd) };
    File::adopt(fd, closefd, options)
}

/// Starts an open, or returns None where the standard library has to do it: odd codecs, odd arguments, errors.
/// `name`: what a descriptor is known by, if not by its number.
#[pyfunction]
#[pyo3(signature = (file, mode, buffering, encoding, errors, newline, closefd, name=None))]
#[allow(clippy::too_many_arguments)] // those of `open`
fn open_native(
    py: Python<'_>,
    file: &Bound<'_, PyAny>,
    mode: &Bound<'_, PyAny>,
    buffering: &Bound<'_, PyAny>,
    encoding: &Bound<'_, PyAny>,
    errors: &Bound<'_, PyAny>,
    newline: &Bound<'_, PyAny>,
    closefd: &Bound<'_, PyAny>,
    name: Option<Py<PyAny>>,
) -> PyResult<Option<Py<Operation>>> {
    let closefd = closefd.is_truthy()?;
    match source(file, closefd, name) {
        Some(source) => open_source(py, source, mode, buffering, (encoding, errors, newline), closefd),
        None => Ok(None),
    }
}

/// Encoding, errors and newline.
type TextArgs<'a, 'py> = (&'a Bound<'py, PyAny>, &'a Bound<'py, PyAny>, &'a Bound<'py, PyAny>);

/// As `open_native`, of whatever can be opened.
pub fn open_source(
    py: Python<'_>,
    source: Source,
    mode: &Bound<'_, PyAny>,
    buffering: &Bound<'_, PyAny>,
    (encoding, errors, newline): TextArgs<'_, '_>,
    closefd: bool,
) -> PyResult<Option<Py<Operation>>> {
    let (Ok(text), Ok(buffering)) = (mode.extract::<&str>(), buffering.extract::<isize>()) else { return Ok(None) };
    let Ok(parsed) = Mode::parse(text) else { return Ok(None) };
    let plain = encoding.is_none() && errors.is_none() && newline.is_none();
    let text = match parsed.binary {
        true if plain => None,
        true => return Ok(None),
        false => match text_info(buffering, encoding, errors, newline)? {
            Some(info) => Some(info),
            None => return Ok(None),
        },
    };
    let kind = match (&text, buffering, parsed.readable, parsed.writable) {
        (Some(_), 0, ..) => return Ok(None),
        (Some(_), ..) => Kind::Text,
        (None, 0, ..) => Kind::Raw,
        (None, _, true, true) => Kind::Random,
        (None, _, false, _) => Kind::Writer,
        _ => Kind::Reader,
    };
    let mut options = if kind == Kind::Raw { OpenOptions::unbuffered(parsed) } else { OpenOptions::new(parsed) };
    if let Ok(size @ 2..) = usize::try_from(buffering) {
        options.write_buffer = size;
        options.declared = size;
    }
    let mode =
        if parsed.binary { PyString::intern(py, parsed.raw_name()).into_any().unbind() } else { mode.clone().unbind() };
    let lane = Lane::Disk;
    let open = OpenFile { source, mode, parsed, options, kind, closefd, buffering, text, lane, result: None };
    Operation::act(py, "open", open).map(Some)
}

fn source(file: &Bound<'_, PyAny>, closefd: bool, name: Option<Py<PyAny>>) -> Option<Source> {
    if file.is_instance_of::<PyInt>() && !file.is_instance_of::<PyBool>() {
        let fd = file.extract::<i32>().ok().filter(|&fd| fd >= 0)?;
        return Some(Source::Fd(fd, name.unwrap_or_else(|| file.clone().unbind())));
    }
    if !closefd || file.is_instance_of::<PyInt>() {
        return None;
    }
    PathArg::new(file).ok().map(Source::Path)
}

/// How text is understood; None where the standard library has to say why that makes no sense.
pub fn text_info(
    buffering: isize,
    encoding: &Bound<'_, PyAny>,
    errors: &Bound<'_, PyAny>,
    newline: &Bound<'_, PyAny>,
) -> PyResult<Option<TextInfo>> {
    let newline = match (newline.is_none(), newline.extract::<&str>()) {
        (true, _) => Newline::Translated,
        (_, Ok("")) => Newline::Any,
        (_, Ok("\n")) => Newline::Lf,
        (_, Ok("\r")) => Newline::Cr,
        (_, Ok("\r\n")) => Newline::CrLf,
        _ => return Ok(None),
    };
    let py = encoding.py();
    if !errors.is_none() && !errors.extract::<&str>().is_ok_and(|errors| !errors.contains('\0')) {
        return Ok(None);
    }
    let Some((encoding, decoder)) = encoding::resolve(encoding)? else { return Ok(None) };
    let errors = if errors.is_none() { PyString::intern(py, "strict").into_any() } else { errors.clone() };
    let charset = match decoder {
        Decoder::Native(charset) => Some(charset),
        Decoder::Codec => None,
    };
    let manner = Manner { charset, newline, line_buffering: buffering == 1, write_through: false };
    Ok(Some(TextInfo { encoding, errors: errors.unbind(), manner, seen: 0 }))
}

impl TextInfo {
    /// The text of a file that was opened so, from where the file stands.
    pub fn state(&self, py: Python<'_>, file: &File, mode: Mode) -> PyResult<TextState> {
        let (charset, newline) = (self.manner.charset, self.manner.newline);
        let spec = Spec { encoding: self.encoding.clone_ref(py), errors: self.errors.clone_ref(py), charset, newline };
        TextState::new(py, spec, file, (mode.readable, mode.writable))
    }
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(open_native, module)?)
}
