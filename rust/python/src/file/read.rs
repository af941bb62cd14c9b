//! Reading bytes.

use pyo3::exceptions::PyOverflowError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use rapfiles_core::engine::metrics::Meter;
use rapfiles_core::file::ATTEMPT;
use rapfiles_core::{Stop, Way};

use super::handle::Open;
use super::turn::{Outcome, Trouble, Work};
use crate::convert::bytes::{MOST, NewBytes, Target};

pub static READ: Meter = Meter::new("read");
pub static READINTO: Meter = Meter::new("readinto");

/// Up to here small reads are gathered by reading ahead; beyond, the system call fills the caller's object.
const GATHER: usize = 16 * 1024;

/// `read(n)`: bytes until there are enough or the file ends. `size` None: all of it.
pub struct Read {
    size: Option<usize>,
    /// The final object, filled by a worker: so many bytes of it.
    target: Option<(NewBytes, usize)>,
    /// What came after the object was full: the file is longer than it said.
    more: Vec<u8>,
    count: usize,
}

impl Read {
    pub fn new(size: Option<usize>) -> Self {
        Self { size, target: None, more: Vec::new(), count: 0 }
    }

    fn direct(&mut self, py: Python<'_>, open: &mut Open, size: usize) -> Outcome {
        let mut bytes = NewBytes::new(py, size)?;
        if size <= ATTEMPT {
            match open.file.read_into(Way::Now, bytes.memory()) {
                Ok(count) => {
                    self.count = count;
                    return Ok(bytes.finish(py, count)?);
                }
                Err(Stop::WouldBlock) => {}
                Err(stop) => return Err(stop.into()),
            }
        }
        self.target = Some((bytes, 0));
        Err(Trouble::NotNow)
    }

    fn deliver(&mut self, py: Python<'_>) -> Outcome {
        let Some((mut bytes, count)) = self.target.take() else { return Err(Trouble::NotNow) };
        self.count = count + self.more.len();
        if self.more.is_empty() {
            return Ok(bytes.finish(py, count)?);
        }
        let mut whole = NewBytes::new(py, self.count)?;
        whole.memory()[..count].copy_from_slice(&bytes.memory()[..count]);
        whole.memory()[count..].copy_from_slice(&self.more);
        Ok(whole.finish(py, self.count)?)
    }

    fn put_back(&mut self, open: &mut Open) {
        if let Some((mut bytes, count)) = self.target.take() {
            // Memory is the only thing that can run out here, and then there is nothing to be done.
            let _lost = open.file.unread(&self.more);
            let _lost = open.file.unread(&bytes.memory()[..count]);
        }
    }

    /// How large the result may become, as far as that is known without asking a server.
    fn hint(&self, open: &Open) -> Option<usize> {
        match self.size {
            Some(size) if open.file.is_local() => Some(size.min(open.file.rest().ok()?.max(GATHER))),
            Some(size) => Some(size),
            None if open.file.is_local() => open.file.rest().ok(),
            None => None,
        }
    }
}

impl Work for Read {
    fn meter(&self) -> &'static Meter {
        &READ
    }

    fn attempt(&mut self, py: Python<'_>, open: &mut Open, way: Way) -> Outcome {
        if way == Way::Held {
            return self.deliver(py);
        }
        if self.size.is_some_and(|size| size > MOST) {
            return Err(PyOverflowError::new_err("byte string is too large").into());
        }
        if let Some(size) = self.size.filter(|&size| size <= open.file.buffered().len()) {
            self.count = size;
            return Ok(take(py, open, size));
        }
        if let Some(size) = self.size.filter(|&size| size <= GATHER) {
            match open.file.ensure(Way::Now, size) {
                Ok(()) => {
                    self.count = size.min(open.file.buffered().len());
                    return Ok(take(py, open, self.count));
                }
                Err(Stop::WouldBlock) => {}
                Err(stop) => return Err(stop.into()),
            }
        }
        match self.hint(open) {
            Some(size) if size > 0 => self.direct(py, open, size),
            // There may be more than is said; a worker finds out, behind what was read ahead.
            _ => {
                self.target = Some((NewBytes::new(py, open.file.buffered().len())?, 0));
                Err(Trouble::NotNow)
            }
        }
    }

    fn prepare(&mut self, open: &mut Open) -> Result<(), Stop> {
        let Some((bytes, count)) = &mut self.target else { return Ok(()) };
        *count = open.file.read_into(Way::Soon, bytes.memory())?;
        let full = *count == bytes.memory().len();
        if full && self.size.is_none_or(|size| size > *count) {
            let limit = self.size.map_or(usize::MAX, |size| size - *count);
            if let Err(stop) = open.file.read_rest(limit, &mut self.more) {
                self.put_back(open);
                return Err(stop);
            }
        }
        Ok(())
    }

    fn give_up(&mut self, _py: Python<'_>, open: &mut Open) {
        self.put_back(open);
    }

    fn bytes(&self) -> usize {
        self.count
    }
}

/// Bytes out of the buffer.
pub fn take(py: Python<'_>, open: &mut Open, size: usize) -> Py<PyAny> {
    let size = size.min(open.file.buffered().len());
    let bytes = PyBytes::new(py, &open.file.buffered()[..size]);
    open.file.consume(size);
    bytes.into_any().unbind()
}

/// `read1(n)`: what is buffered, or what one system call brings.
pub struct ReadOnce {
    size: Option<usize>,
}

impl ReadOnce {
    /// `size` None: as much as a buffer of the declared size holds.
    pub fn new(size: Option<usize>) -> Self {
        Self { size }
    }
}

impl Work for ReadOnce {
    fn meter(&self) -> &'static Meter {
        &READ
    }

    fn attempt(&mut self, py: Python<'_>, open: &mut Open, way: Way) -> Outcome {
        let size = self.size.unwrap_or(open.file.declared_buffer());
        if size > MOST {
            return Err(PyOverflowError::new_err("byte string is too large").into());
        }
        if size > 0 && open.file.buffered().is_empty() {
            open.file.fill(way, size)?;
        }
        Ok(take(py, open, size))
    }

    fn prepare(&mut self, open: &mut Open) -> Result<(), Stop> {
        let size = self.size.unwrap_or(open.file.declared_buffer());
        open.file.fill(Way::Soon, size).map(drop)
    }
}

/// `peek(n)`: what is buffered, or what one system call brings, of what a buffer of the declared size holds.
pub struct Peek;

impl Work for Peek {
    fn meter(&self) -> &'static Meter {
        &READ
    }

    fn attempt(&mut self, py: Python<'_>, open: &mut Open, way: Way) -> Outcome {
        if open.file.buffered().is_empty() {
            open.file.fill(way, 1)?;
        }
        let size = open.file.declared_buffer().min(open.file.buffered().len());
        Ok(PyBytes::new(py, &open.file.buffered()[..size]).into_any().unbind())
    }

    fn prepare(&mut self, open: &mut Open) -> Result<(), Stop> {
        open.file.fill(Way::Soon, 1).map(drop)
    }
}

/// `readinto(buffer)`; `once`: `readinto1`.
pub struct ReadInto {
    pub target: Target,
    pub once: bool,
    count: usize,
}

impl ReadInto {
    pub fn new(target: Target, once: bool) -> Self {
        Self { target, once, count: 0 }
    }

    fn once(&mut self, open: &mut Open, way: Way) -> Result<(), Stop> {
        if open.file.buffered().is_empty() && !self.target.memory().is_empty() {
            self.count = open.file.read_raw(way, self.target.memory())?;
            return Ok(());
        }
        let memory = self.target.memory();
        self.count = memory.len().min(open.file.buffered().len());
        memory[..self.count].copy_from_slice(&open.file.buffered()[..self.count]);
        open.file.consume(self.count);
        Ok(())
    }

    fn fill(&mut self, open: &mut Open, way: Way) -> Result<(), Stop> {
        if self.once {
            return self.once(open, way);
        }
        self.count = open.file.read_into(way, self.target.memory())?;
        Ok(())
    }
}

impl Work for ReadInto {
    fn meter(&self) -> &'static Meter {
        &READINTO
    }

    fn attempt(&mut self, py: Python<'_>, open: &mut Open, way: Way) -> Outcome {
        if way == Way::Now {
            if self.target.memory().len() > ATTEMPT {
                return Err(Trouble::NotNow);
            }
            self.fill(open, way)?;
        }
        Ok(self.count.into_pyobject(py).map_err(PyErr::from)?.into_any().unbind())
    }

    fn prepare(&mut self, open: &mut Open) -> Result<(), Stop> {
        self.fill(open, Way::Soon)
    }

    fn give_up(&mut self, _py: Python<'_>, open: &mut Open) {
        let count = self.count;
        let _lost = open.file.unread(&self.target.memory()[..count]);
    }

    fn bytes(&self) -> usize {
        self.count
    }
}

/// A raw file's `read(n)`: one system call. `None` from a descriptor that doesn't block and has nothing.
pub struct ReadRaw {
    size: usize,
    target: Option<(NewBytes, Option<usize>)>,
}

impl ReadRaw {
    pub fn new(size: usize) -> Self {
        Self { size, target: None }
    }
}

impl Work for ReadRaw {
    fn meter(&self) -> &'static Meter {
        &READ
    }

    fn attempt(&mut self, py: Python<'_>, open: &mut Open, way: Way) -> Outcome {
        if !open.file.buffered().is_empty() {
            return Ok(take(py, open, self.size));
        }
        if way == Way::Held {
            return match self.target.take() {
                Some((bytes, Some(count))) => Ok(bytes.finish(py, count)?),
                _ => Ok(py.None()),
            };
        }
        let mut bytes = NewBytes::new(py, self.size)?;
        if self.size <= ATTEMPT {
            match open.file.read_raw(Way::Now, bytes.memory()) {
                Ok(count) => return Ok(bytes.finish(py, count)?),
                Err(Stop::WouldBlock) => {}
                Err(stop) => return Err(stop.into()),
            }
        }
        self.target = Some((bytes, None));
        Err(Trouble::NotNow)
    }

    fn prepare(&mut self, open: &mut Open) -> Result<(), Stop> {
        let Some((bytes, count)) = &mut self.target else { return Ok(()) };
        match open.file.read_raw(Way::Soon, bytes.memory()) {
            Ok(read) => *count = Some(read),
            Err(Stop::Failed(error)) if error.raw_os_error() == Some(libc::EAGAIN) => *count = None,
            Err(stop) => return Err(stop),
        }
        Ok(())
    }

    fn give_up(&mut self, _py: Python<'_>, open: &mut Open) {
        if let Some((mut bytes, Some(count))) = self.target.take() {
            let _lost = open.file.unread(&bytes.memory()[..count]);
        }
    }
}
