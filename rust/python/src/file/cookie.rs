//! Positions in text, as numbers: where a decoder can be started, in which state, and how far it is from there.
//!
//! The number is laid out as the standard library's, so that either can go where the other has been.

use pyo3::exceptions::PyOSError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyInt};

/// Bytes of a cookie.
const SIZE: usize = 21;

/// A position in text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cookie {
    /// Where in the file the decoder is started.
    pub start: i64,
    /// In which state, as its `setstate` takes it; what it has buffered is none.
    pub flags: i32,
    /// How many bytes it is fed then.
    pub feed: i32,
    /// How many of the characters that come of it lie before the position.
    pub skip: i32,
    /// Whether it is told that these bytes are the last.
    pub last: bool,
}

impl Cookie {
    /// A plain offset.
    pub fn at(start: u64) -> Self {
        Self { start: i64::try_from(start).unwrap_or(i64::MAX), ..Self::default() }
    }

    /// Whether it says no more than an offset.
    pub fn is_plain(self) -> bool {
        self == Self { start: self.start, ..Self::default() }
    }

    /// The number.
    pub fn pack(self, py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        if self.is_plain() {
            return Ok(self.start.cast_unsigned().into_pyobject(py)?.into_any());
        }
        let mut bytes = [0; SIZE];
        bytes[..8].copy_from_slice(&self.start.to_le_bytes());
        bytes[8..12].copy_from_slice(&self.flags.to_le_bytes());
        bytes[12..16].copy_from_slice(&self.feed.to_le_bytes());
        bytes[16..20].copy_from_slice(&self.skip.to_le_bytes());
        bytes[20] = u8::from(self.last);
        let bytes = PyBytes::new(py, &bytes);
        py.get_type::<PyInt>().call_method1("from_bytes", (bytes, "little"))
    }

    /// Understands a number that isn't negative.
    pub fn unpack(number: &Bound<'_, PyAny>) -> PyResult<Self> {
        if let Ok(start) = number.extract::<u64>() {
            return Ok(Self { start: start.cast_signed(), ..Self::default() });
        }
        let number = number.py().get_type::<PyInt>().call1((number,))?;
        let bytes = number.call_method("to_bytes", (SIZE, "little"), None::<&Bound<'_, PyDict>>)?;
        let bytes: [u8; SIZE] = bytes.extract()?;
        let (start, rest) = bytes.split_at(8);
        let four = |at: usize| i32::from_le_bytes([rest[at], rest[at + 1], rest[at + 2], rest[at + 3]]);
        let start = start.iter().rev().fold(0, |start: u64, &byte| start << 8 | u64::from(byte));
        Ok(Self { start: start.cast_signed(), flags: four(0), feed: four(4), skip: four(8), last: rest[12] != 0 })
    }
}

/// A decoder that is tried out.
pub struct Probe<'a, 'py> {
    decoder: &'a Bound<'py, PyAny>,
}

impl<'a, 'py> Probe<'a, 'py> {
    pub fn new(decoder: &'a Bound<'py, PyAny>) -> Self {
        Self { decoder }
    }

    /// How many bytes it has buffered, and its flags.
    pub fn state(&self) -> PyResult<(usize, i32)> {
        let state = self.decoder.call_method0(intern!(self.decoder.py(), "getstate"))?;
        let (held, flags): (Bound<'_, PyBytes>, i32) = state.extract()?;
        Ok((held.as_bytes().len(), flags))
    }

    /// Puts it in the state in which it starts there.
    pub fn set(&self, at: Cookie) -> PyResult<()> {
        let py = self.decoder.py();
        if at.start == 0 && at.flags == 0 {
            return self.decoder.call_method0(intern!(py, "reset")).map(drop);
        }
        self.decoder.call_method1(intern!(py, "setstate"), ((PyBytes::new(py, b""), at.flags),)).map(drop)
    }

    /// How many characters come of some bytes.
    fn feed(&self, bytes: &[u8], last: bool) -> PyResult<usize> {
        let py = self.decoder.py();
        self.decoder.call_method1(intern!(py, "decode"), (PyBytes::new(py, bytes), last))?.len()
    }

    /// The place `skip` characters into what comes of `input`, which begins at `from`: as near before it as the decoder
    /// can be started. The decoder is left as it was.
    pub fn pinpoint(&self, from: Cookie, input: &[u8], skip: usize, ratio: f64) -> PyResult<Cookie> {
        if skip == 0 {
            return Ok(from);
        }
        let py = self.decoder.py();
        let state = self.decoder.call_method0(intern!(py, "getstate"))?;
        let found =
            self.leap(from, input, skip, ratio).and_then(|(near, done, skip)| self.creep(near, &input[done..], skip));
        self.decoder.call_method1(intern!(py, "setstate"), (state,))?;
        found
    }

    /// Tries the bytes that so many characters usually take, then fewer, for a place where nothing is buffered. Returns
    /// it, the bytes before it and the characters that are left.
    #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, clippy::cast_sign_loss)] // an estimate
    fn leap(&self, from: Cookie, input: &[u8], skip: usize, ratio: f64) -> PyResult<(Cookie, usize, usize)> {
        let mut size = input.len().min((ratio * skip as f64) as usize);
        let mut less = 1;
        while size > 0 {
            self.set(from)?;
            let characters = self.feed(&input[..size], false)?;
            if characters > skip {
                size = size.saturating_sub(less);
                less *= 2;
                continue;
            }
            match self.state()? {
                (0, flags) => {
                    return Ok((Cookie { start: from.start + offset(size), flags, ..from }, size, skip - characters));
                }
                (held, _) => size = size.saturating_sub(held),
            }
            less = 1;
        }
        self.set(from)?;
        Ok((from, 0, skip))
    }

    /// Goes on byte by byte, and remembers the last place where nothing is buffered.
    fn creep(&self, mut near: Cookie, input: &[u8], mut skip: usize) -> PyResult<Cookie> {
        let (mut fed, mut characters) = (0, 0);
        let mut rest = input;
        while characters < skip {
            let Some((byte, behind)) = rest.split_first() else {
                near.last = true;
                characters += self.feed(b"", true)?;
                if characters < skip {
                    return Err(PyOSError::new_err("can't reconstruct logical file position"));
                }
                break;
            };
            rest = behind;
            characters += self.feed(&[*byte], false)?;
            fed += 1;
            let (held, flags) = self.state()?;
            if held == 0 && characters <= skip {
                near = Cookie { start: near.start + offset(fed), flags, ..near };
                skip -= characters;
                (fed, characters) = (0, 0);
            }
        }
        let number = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
        Ok(Cookie { feed: number(fed), skip: number(skip), ..near })
    }
}

fn offset(size: usize) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}
