//! Writing bytes and text.

use std::collections::VecDeque;
use std::time::Instant;

use pyo3::prelude::*;
use pyo3::types::PyString;
use rapfiles_core::engine::metrics::Meter;
use rapfiles_core::file::Charset;
use rapfiles_core::{Stop, Way};

use super::codec::TURN;
use super::handle::Open;
use super::text_write::{self, Data, has_utf8, write_large};
use super::turn::{Outcome, Trouble, Work};
use crate::bridge;
use crate::convert::bytes::Borrowed;

pub static WRITE: Meter = Meter::new("write");
pub static FLUSH: Meter = Meter::new("flush");

/// What is written, and whether it goes on to the file at once: text that ends a line does where that is wanted.
pub struct Datum {
    pub data: Data,
    pub flush: bool,
}

impl Datum {
    pub fn bytes(bytes: Borrowed) -> Self {
        Self { data: Data::Bytes(bytes), flush: false }
    }
}

/// `write(data)` of a buffered or text file, and `writelines`.
pub struct Write {
    /// What is to be encoded, and the state of the encoder before all.
    todo: VecDeque<Datum>,
    before: Option<Py<PyAny>>,
    /// What is to be written.
    ready: Vec<Datum>,
    errors: Option<Py<PyAny>>,
    /// The answer is known before: the number of bytes or characters. Or else what is raised behind what is written.
    answer: Result<Py<PyAny>, Option<PyErr>>,
    /// Some large string has no UTF-8.
    odd: bool,
    written: bool,
}

impl Write {
    /// `errors`: the error handler of a text file.
    pub fn new(todo: Vec<Datum>, answer: PyResult<Py<PyAny>>, errors: Option<Py<PyAny>>) -> Self {
        let (ready, before) = (Vec::with_capacity(todo.len()), None);
        let answer = answer.map_err(Some);
        Self { todo: todo.into(), before, ready, errors, answer, odd: false, written: false }
    }

    /// Has Python's encoder do what is left to it, and gives the loop a turn when that takes long.
    fn encode(&mut self, py: Python<'_>, open: &mut Open) -> Result<(), Trouble> {
        let since = Instant::now();
        while let Some(datum) = self.todo.pop_front() {
            let Data::Codec(text) = &datum.data else {
                self.ready.push(datum);
                continue;
            };
            match self.encode_text(text.bind(py), open) {
                Ok(bytes) => self.ready.push(Datum { data: Data::Bytes(bytes), flush: datum.flush }),
                // The standard library has written what came before.
                Err(error) => {
                    self.todo.clear();
                    self.answer = Err(Some(error));
                }
            }
            if since.elapsed() > TURN && !self.todo.is_empty() {
                return Err(Trouble::NotNow);
            }
        }
        Ok(())
    }

    /// Encodes a string, at once: some codecs (UTF-7) encode a piece otherwise than the same characters within a whole.
    fn encode_text(&mut self, text: &Bound<'_, PyString>, open: &mut Open) -> PyResult<Borrowed> {
        let encoder = open.text.as_mut().and_then(|text| text.encoder()).ok_or_else(bridge::internal_error)?;
        if self.before.is_none() {
            self.before = Some(encoder.state(text.py())?);
        }
        encoder.encode(text)
    }

    /// The error handler says what becomes of lone surrogates, or raises.
    fn encode_odd(&mut self, py: Python<'_>) -> PyResult<()> {
        for datum in &mut self.ready {
            if let Data::Large(view, newline) = &datum.data {
                let newline = String::from_utf8_lossy(newline);
                let text = view.text(py).call_method1("replace", ("\n", newline))?.cast_into::<PyString>()?;
                let none = py.None();
                let errors = self.errors.as_ref().unwrap_or(&none);
                datum.data = Data::Bytes(text_write::bytes(&text, Charset::Utf8, errors)?);
            }
        }
        self.odd = false;
        Ok(())
    }

    fn write(&mut self, open: &mut Open, way: Way) -> Result<(), Stop> {
        self.odd = self.ready.iter().any(|datum| matches!(&datum.data, Data::Large(text, _) if !has_utf8(text)));
        if self.odd {
            return Ok(());
        }
        open.leave_reading();
        for datum in &self.ready {
            match &datum.data {
                Data::Bytes(bytes) => open.file.write(way, bytes.as_slice())?,
                Data::Large(text, newline) => write_large(&mut open.file, text, newline)?,
                Data::Codec(_) => {}
            }
            if datum.flush {
                open.file.flush(way)?;
            }
        }
        self.written = true;
        Ok(())
    }

    /// Whether there is room in the buffer for all of it: whole or not at all.
    fn fits(&self, open: &Open) -> bool {
        let small = |datum: &Datum| !datum.flush && matches!(datum.data, Data::Bytes(_));
        self.ready.iter().all(small) && open.file.takes(self.bytes())
    }
}

impl Work for Write {
    fn meter(&self) -> &'static Meter {
        &WRITE
    }

    fn attempt(&mut self, py: Python<'_>, open: &mut Open, _way: Way) -> Outcome {
        if self.odd {
            self.encode_odd(py)?;
        }
        if !self.written {
            self.encode(py, open)?;
            if !self.ready.is_empty() && !self.fits(open) {
                return Err(Trouble::NotNow);
            }
            if !self.ready.is_empty() {
                self.write(open, Way::Now)?;
            }
        }
        match &mut self.answer {
            Ok(answer) => Ok(answer.clone_ref(py)),
            Err(error) => Err(error.take().map_or(Trouble::NotNow, Trouble::Python)),
        }
    }

    fn prepare(&mut self, open: &mut Open) -> Result<(), Stop> {
        if self.todo.is_empty() { self.write(open, Way::Soon) } else { Ok(()) }
    }

    fn give_up(&mut self, py: Python<'_>, open: &mut Open) {
        let encoder = open.text.as_mut().and_then(|text| text.encoder());
        if let (Some(encoder), Some(before), false) = (encoder, &self.before, self.written) {
            // It gave this state itself.
            let _restored = encoder.restore(py, before);
        }
    }

    fn effect(&self) -> bool {
        true
    }

    fn bytes(&self) -> usize {
        let size = |datum: &Datum| match &datum.data {
            Data::Bytes(bytes) => bytes.as_slice().len(),
            Data::Large(text, _) => text.shape().characters,
            Data::Codec(_) => 0,
        };
        self.ready.iter().map(size).sum()
    }
}

/// A raw file's `write(data)`: one system call, whose count is the answer.
pub struct WriteRaw {
    data: Borrowed,
    count: Option<usize>,
}

impl WriteRaw {
    pub fn new(data: Borrowed) -> Self {
        Self { data, count: None }
    }
}

impl Work for WriteRaw {
    fn meter(&self) -> &'static Meter {
        &WRITE
    }

    fn attempt(&mut self, py: Python<'_>, _open: &mut Open, way: Way) -> Outcome {
        if way == Way::Now {
            return Err(Trouble::NotNow);
        }
        Ok(self.count.into_pyobject(py).map_err(PyErr::from)?.into_any().unbind())
    }

    fn prepare(&mut self, open: &mut Open) -> Result<(), Stop> {
        self.count = open.file.write_raw(self.data.as_slice())?;
        Ok(())
    }

    fn effect(&self) -> bool {
        true
    }

    fn bytes(&self) -> usize {
        self.count.unwrap_or(0)
    }
}

/// `flush()`.
pub struct Flush;

impl Work for Flush {
    fn meter(&self) -> &'static Meter {
        &FLUSH
    }

    fn attempt(&mut self, py: Python<'_>, open: &mut Open, way: Way) -> Outcome {
        open.file.flush(way)?;
        Ok(py.None())
    }

    fn prepare(&mut self, open: &mut Open) -> Result<(), Stop> {
        open.file.flush(Way::Soon)
    }

    fn effect(&self) -> bool {
        true
    }
}
