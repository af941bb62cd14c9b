//! The methods of handles: what each makes of its arguments, and the way out of the buffer for the small ones.

use pyo3::IntoPyObjectExt;
use pyo3::exceptions::{PyLookupError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};
use rapfiles_core::file::From;

use super::handle::{Handle, Kind, Place};
use super::position::{Ask, Close, Seek, SeekText, Tell, Truncate};
use super::read::{Peek, Read, ReadInto, ReadOnce, ReadRaw};
use super::read_lines::{ReadLine, ReadLines, buffered};
use super::sync;
use super::text::{PeekText, ReadText};
use super::text_write::{Data, Manner};
use super::turn::{Turn, Work};
use super::write::{Datum, Flush, Write, WriteRaw};
use crate::bridge::{Args, Begin, Class, Verb, native_method};
use crate::convert::bytes::{Borrowed, Target};

type Started = PyResult<Begin>;
type This<'a, 'py> = &'a Bound<'py, Handle>;

/// Out of the buffer, a method takes about so many nanoseconds.
const QUICK: u64 = 150;

macro_rules! verbs {
    ($($name:literal => $start:path),+ $(,)?) => {
        &[$(Verb {
            name: $name,
            cost: QUICK,
            // SAFETY: methods are started on what `CLASS` has admitted.
            start: |this, args| $start(this.py(), unsafe { this.cast_unchecked() }, args),
            class: &CLASS,
        }),+]
    };
}

static VERBS: &[Verb] = verbs! {
    "read" => read, "read1" => read1, "readall" => readall, "readinto" => readinto, "readinto1" => readinto1,
    "peek" => peek, "readline" => readline, "readlines" => readlines, "write" => write, "writelines" => writelines,
    "flush" => flush, "seek" => seek, "tell" => tell, "truncate" => truncate, "close" => close, "isatty" => isatty,
    "seekable" => seekable, "writable" => writable, "readable" => readable,
};

static CLASS: Class = Class {
    admit: |this| Ok(this.cast::<Handle>()?.borrow().is_native()),
    delegate: |py| Ok(super::classes(py)?.delegate.bind(py).clone()),
    // SAFETY: of both, see above.
    join_queue: |this, operation| Handle::join_queue(unsafe { this.cast_unchecked() }, operation),
    leave_queue: |this, operation| Handle::leave_queue(unsafe { this.cast_unchecked() }, operation),
};

/// A method of handles as a coroutine function that looks as `template`.
#[pyfunction]
fn handle_method(template: &Bound<'_, PyAny>, name: &str) -> PyResult<Py<PyAny>> {
    let verb = verb(name).ok_or_else(|| PyLookupError::new_err(name.to_owned()))?;
    native_method(template, verb)
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(handle_method, module)?)
}

/// The method of that name.
pub fn verb(name: &str) -> Option<&'static Verb> {
    VERBS.iter().find(|verb| verb.name == name)
}

#[allow(clippy::unnecessary_wraps)] // the last word of every method
fn act(this: This<'_, '_>, work: impl Work) -> Started {
    Ok(Begin::Act(Box::new(Turn::new(this, work))))
}

fn done<'py>(py: Python<'py>, value: impl IntoPyObject<'py>) -> Started {
    value.into_py_any(py).map(Begin::Done)
}

/// Raises what the standard library raises for such a call: closed file, wrong mode, wrong argument.
fn misuse(this: This<'_, '_>, name: &'static str, args: Args) -> Started {
    sync::harmless(this, name, args).map(Begin::Done)
}

fn kind(this: This<'_, '_>) -> PyResult<(Kind, bool, bool)> {
    let this = this.borrow();
    let info = this.info()?;
    let open = !matches!(this.place, Place::Closed | Place::Detached);
    Ok((info.kind, open && info.parsed.readable, open && info.parsed.writable))
}

/// A size as `read` takes it: absent, None and -1 mean all. `Err(())` for what it refuses.
fn size(py: Python<'_>, arg: Option<&Py<PyAny>>) -> Result<Option<usize>, ()> {
    let Some(arg) = arg.map(|arg| arg.bind(py)).filter(|arg| !arg.is_none()) else { return Ok(None) };
    if arg.is_instance_of::<pyo3::types::PyFloat>() {
        return Err(());
    }
    match arg.extract::<isize>() {
        Ok(-1) => Ok(None),
        Ok(size) => usize::try_from(size).map(Some).map_err(drop),
        Err(_) => Err(()),
    }
}

/// As [`size`], where every negative number means all.
fn lenient(py: Python<'_>, arg: Option<&Py<PyAny>>) -> Result<Option<usize>, ()> {
    match arg.map(|arg| arg.bind(py).extract::<isize>()) {
        Some(Ok(number)) if number < 0 => Ok(None),
        _ => size(py, arg),
    }
}

/// As [`lenient`], where None is refused.
fn count(py: Python<'_>, arg: Option<&Py<PyAny>>) -> Result<Option<usize>, ()> {
    if arg.is_some_and(|arg| arg.is_none(py)) { Err(()) } else { lenient(py, arg) }
}

fn read(py: Python<'_>, this: This<'_, '_>, args: Args) -> Started {
    let (kind, readable, _) = kind(this)?;
    let size = match kind {
        Kind::Text | Kind::Raw => lenient(py, args[0].as_ref()),
        _ => size(py, args[0].as_ref()),
    };
    let Ok(size) = size else { return misuse(this, "read", args) };
    if !readable || args[1].is_some() {
        return misuse(this, "read", args);
    }
    match (kind, size) {
        (Kind::Text, size) => act(this, ReadText::new(size)),
        (Kind::Raw, Some(size)) => act(this, ReadRaw::new(size)),
        (_, Some(size)) => {
            let quick = this
                .borrow_mut()
                .idle()
                .filter(|open| size <= open.file.buffered().len())
                .map(|open| super::read::take(py, open, size));
            quick.map_or_else(|| act(this, Read::new(Some(size))), |bytes| Ok(Begin::Done(bytes)))
        }
        (_, None) => act(this, Read::new(None)),
    }
}

fn readall(_py: Python<'_>, this: This<'_, '_>, args: Args) -> Started {
    // As the standard library, it leaves it to the kernel to refuse a file that is only written.
    if !is_open(this) || args[0].is_some() { misuse(this, "readall", args) } else { act(this, Read::new(None)) }
}

fn read1(py: Python<'_>, this: This<'_, '_>, args: Args) -> Started {
    let (kind, readable, _) = kind(this)?;
    let Ok(size) = count(py, args[0].as_ref()) else { return misuse(this, "read1", args) };
    if !readable || kind == Kind::Text || kind == Kind::Raw || args[1].is_some() {
        return misuse(this, "read1", args);
    }
    act(this, ReadOnce::new(size))
}

fn peek(py: Python<'_>, this: This<'_, '_>, args: Args) -> Started {
    let (kind, readable, _) = kind(this)?;
    if !readable || count(py, args[0].as_ref()).is_err() || args[1].is_some() {
        return misuse(this, "peek", args);
    }
    if kind == Kind::Text {
        let Ok(size) = count(py, args[0].as_ref()) else { return misuse(this, "peek", args) };
        return act(this, PeekText::new(size));
    }
    act(this, Peek)
}

fn readinto(py: Python<'_>, this: This<'_, '_>, args: Args) -> Started {
    into(py, this, args, "readinto", false)
}

fn readinto1(py: Python<'_>, this: This<'_, '_>, args: Args) -> Started {
    into(py, this, args, "readinto1", true)
}

fn into(py: Python<'_>, this: This<'_, '_>, args: Args, name: &'static str, once: bool) -> Started {
    let (kind, readable, _) = kind(this)?;
    let target = args[0].as_ref().and_then(|arg| Target::new(arg.bind(py)).ok());
    match target {
        Some(target) if readable && kind != Kind::Text && args[1].is_none() => {
            act(this, ReadInto::new(target, once || kind == Kind::Raw))
        }
        _ => misuse(this, name, args),
    }
}

fn readline(py: Python<'_>, this: This<'_, '_>, args: Args) -> Started {
    let (kind, readable, _) = kind(this)?;
    let limit = if kind == Kind::Text { count(py, args[0].as_ref()) } else { lenient(py, args[0].as_ref()) };
    let Ok(limit) = limit else { return misuse(this, "readline", args) };
    if !readable || args[1].is_some() {
        return misuse(this, "readline", args);
    }
    if limit.is_none()
        && let Some(line) = this.borrow_mut().idle().and_then(|open| buffered(py, open))
    {
        return Ok(Begin::Done(line));
    }
    act(this, ReadLine::new(limit, false))
}

fn readlines(py: Python<'_>, this: This<'_, '_>, args: Args) -> Started {
    let (_, readable, _) = kind(this)?;
    let Ok(hint) = lenient(py, args[0].as_ref()) else { return misuse(this, "readlines", args) };
    if !readable || args[1].is_some() {
        return misuse(this, "readlines", args);
    }
    act(this, ReadLines::new(hint.filter(|&hint| hint > 0)))
}

fn write(py: Python<'_>, this: This<'_, '_>, args: Args) -> Started {
    let (kind, _, writable) = kind(this)?;
    let Some(data) = args[0].as_ref().filter(|_| writable && args[1].is_none()) else {
        return misuse(this, "write", args);
    };
    let data = data.bind(py);
    if kind == Kind::Text {
        let Ok(text) = data.cast::<PyString>() else { return misuse(this, "write", args) };
        return write_text(this, text);
    }
    if kind != Kind::Raw
        && let Some(answer) = write_quick(this, data)
    {
        return done(py, answer);
    }
    let Ok(data) = Borrowed::of_buffer(data) else { return misuse(this, "write", args) };
    if kind == Kind::Raw {
        return act(this, WriteRaw::new(data));
    }
    let answer = data.as_slice().len().into_pyobject(py)?.into_any().unbind();
    act(this, Write::new(vec![Datum::bytes(data)], Ok(answer), None))
}

/// Small bytes into a buffer with room for them.
#[inline]
fn write_quick(this: This<'_, '_>, data: &Bound<'_, PyAny>) -> Option<usize> {
    let bytes = data.cast_exact::<PyBytes>().ok()?.as_bytes();
    let mut handle = this.borrow_mut();
    handle.idle()?.file.write_buffered(bytes).then_some(bytes.len())
}

/// How a text file is written, and its error handler.
fn manner(this: This<'_, '_>) -> PyResult<(Manner, Py<PyAny>)> {
    let handle = this.borrow();
    let text = handle.text_info()?;
    Ok((text.manner, text.errors.clone_ref(this.py())))
}

fn write_text(this: This<'_, '_>, text: &Bound<'_, PyString>) -> Started {
    let py = text.py();
    let (manner, errors) = manner(this)?;
    // An error handler is Python code: the handle isn't borrowed meanwhile.
    let (data, flush) = manner.encode(text, &errors)?;
    let answer = text.len()?;
    if let Data::Bytes(bytes) = &data
        && !flush
    {
        let mut handle = this.borrow_mut();
        let quick = handle.idle().is_some_and(|open| {
            open.file.takes(bytes.as_slice().len()) && {
                open.leave_reading();
                open.file.write_buffered(bytes.as_slice())
            }
        });
        if quick {
            return done(py, answer);
        }
    }
    let answer = answer.into_pyobject(py)?.into_any().unbind();
    act(this, Write::new(vec![Datum { data, flush }], Ok(answer), Some(errors)))
}

fn writelines(py: Python<'_>, this: This<'_, '_>, args: Args) -> Started {
    let (kind, _, writable) = kind(this)?;
    let Some(lines) = args[0].as_ref().filter(|_| writable && args[1].is_none()) else {
        return misuse(this, "writelines", args);
    };
    let text = if kind == Kind::Text { Some(manner(this)?) } else { None };
    let datum = |line: &Bound<'_, PyAny>| match &text {
        None => Borrowed::of_buffer(line).map(Datum::bytes),
        Some((manner, errors)) => {
            let Ok(text) = line.cast::<PyString>() else {
                let message = format!("write() argument must be str, not {}", line.get_type().name()?);
                return Err(PyTypeError::new_err(message));
            };
            manner.encode(text, errors).map(|(data, flush)| Datum { data, flush })
        }
    };
    let mut data = Vec::new();
    let mut answer = Ok(py.None());
    for line in lines.bind(py).try_iter()? {
        match line.and_then(|line| datum(&line)) {
            Ok(datum) => data.push(datum),
            // What comes before it is written, as by the standard library.
            Err(error) => {
                answer = Err(error);
                break;
            }
        }
    }
    act(this, Write::new(data, answer, text.map(|text| text.1)))
}

fn flush(_py: Python<'_>, this: This<'_, '_>, args: Args) -> Started {
    if !is_open(this) || args[0].is_some() { misuse(this, "flush", args) } else { act(this, Flush) }
}

fn tell(_py: Python<'_>, this: This<'_, '_>, args: Args) -> Started {
    let (kind, ..) = kind(this)?;
    let refused = !is_open(this) || args[0].is_some() || (kind == Kind::Text && !has_position(this)?);
    if refused { misuse(this, "tell", args) } else { act(this, Tell) }
}

fn truncate(py: Python<'_>, this: This<'_, '_>, args: Args) -> Started {
    let (_, _, writable) = kind(this)?;
    let size = match args[0].as_ref().filter(|arg| !arg.is_none(py)).map(|arg| arg.bind(py).extract::<u64>()) {
        None => None,
        Some(Ok(size)) if i64::try_from(size).is_ok() => Some(size),
        Some(_) => return misuse(this, "truncate", args),
    };
    if !writable || args[1].is_some() { misuse(this, "truncate", args) } else { act(this, Truncate { size }) }
}

fn seek(py: Python<'_>, this: This<'_, '_>, args: Args) -> Started {
    let (kind, ..) = kind(this)?;
    if !is_open(this) || (kind != Kind::Raw && !has_position(this)?) {
        return misuse(this, "seek", args);
    }
    let whence = match args[1].as_ref().map(|arg| arg.bind(py).extract::<i32>()) {
        None => 0,
        Some(Ok(whence)) => whence,
        Some(Err(_)) => return misuse(this, "seek", args),
    };
    if kind == Kind::Text {
        let cookie = args[0].as_ref().map(|arg| arg.bind(py));
        return match (whence, cookie, cookie.map(PyAnyMethods::extract::<i64>)) {
            (0, Some(cookie), _) if !cookie.is_instance_of::<PyString>() && cookie.lt(0).is_ok_and(|less| !less) => {
                act(this, SeekText::to(cookie)?)
            }
            (1, _, Some(Ok(0))) => act(this, SeekText::here()),
            (2, _, Some(Ok(0))) => act(this, SeekText::end()),
            _ => misuse(this, "seek", args),
        };
    }
    let Some(Ok(offset)) = args[0].as_ref().map(|arg| arg.bind(py).extract::<i64>()) else {
        return misuse(this, "seek", args);
    };
    match whence {
        0 => act(this, Seek::new(u64::try_from(offset).map_or(From::Kernel(0, offset), From::Start))),
        1 => act(this, Seek::new(From::Current(offset))),
        2 => act(this, Seek::new(From::End(offset))),
        3 | 4 => act(this, Seek::new(From::Kernel(whence, offset))),
        _ => misuse(this, "seek", args),
    }
}

fn close(py: Python<'_>, this: This<'_, '_>, args: Args) -> Started {
    if args[0].is_some() {
        return misuse(this, "close", args);
    }
    match this.borrow().place {
        Place::Closed => return Ok(Begin::Done(py.None())),
        Place::Detached => return misuse(this, "close", args),
        _ => {}
    }
    act(this, Close)
}

fn isatty(_py: Python<'_>, this: This<'_, '_>, args: Args) -> Started {
    if is_open(this) { act(this, Ask(|open| open.file.is_terminal())) } else { misuse(this, "isatty", args) }
}

fn seekable(_py: Python<'_>, this: This<'_, '_>, args: Args) -> Started {
    if is_open(this) { act(this, Ask(|open| open.file.seekable())) } else { misuse(this, "seekable", args) }
}

fn writable(py: Python<'_>, this: This<'_, '_>, args: Args) -> Started {
    if is_open(this) { done(py, this.borrow().info()?.parsed.writable) } else { misuse(this, "writable", args) }
}

fn readable(py: Python<'_>, this: This<'_, '_>, args: Args) -> Started {
    if is_open(this) { done(py, this.borrow().info()?.parsed.readable) } else { misuse(this, "readable", args) }
}

fn has_position(this: This<'_, '_>) -> PyResult<bool> {
    Ok(this.borrow().info()?.seekable)
}

fn is_open(this: This<'_, '_>) -> bool {
    !matches!(this.borrow().place, Place::Closed | Place::Detached)
}
