//! Writing text: encoded here when it is UTF-8 or plain, by Python's encoders otherwise.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyString;
use rapfiles_core::file::{Charset, File, Newline, Width};
use rapfiles_core::{Stop, Way};

use super::build::LARGE;
use crate::convert::bytes::Borrowed;
use crate::convert::string::{Characters, StrView, characters};

/// How a text file is written.
#[derive(Clone, Copy)]
pub struct Manner {
    pub charset: Option<Charset>,
    pub newline: Newline,
    pub line_buffering: bool,
    pub write_through: bool,
}

/// A string on its way to the file.
pub enum Data {
    /// Its bytes.
    Bytes(Borrowed),
    /// It is large: a worker makes UTF-8 of it, with this for every `\n`.
    Large(StrView, &'static [u8]),
    /// The file's codec encodes it when its turn has come.
    Codec(Py<PyString>),
}

impl Manner {
    /// `newline` as it was given.
    pub fn newline_argument(self) -> Option<&'static str> {
        match self.newline {
            Newline::Translated => None,
            Newline::Any => Some(""),
            Newline::Lf => Some("\n"),
            Newline::Cr => Some("\r"),
            Newline::CrLf => Some("\r\n"),
        }
    }

    /// A string as far as it can be encoded before its turn has come, and whether it goes on to the file at once.
    pub fn encode(self, text: &Bound<'_, PyString>, errors: &Py<PyAny>) -> PyResult<(Data, bool)> {
        let flush = self.write_through || (self.line_buffering && ends_a_line(text)?);
        let newline = written_newline(self.newline);
        if self.charset == Some(Charset::Utf8) && text.len()? > LARGE {
            let view = StrView::new(text)?;
            if newline.is_some() || view.shape().width != Width::Ascii {
                return Ok((Data::Large(view, newline.unwrap_or("\n").as_bytes()), flush));
            }
        }
        let text = match newline {
            Some(newline) => {
                &text.call_method1(intern!(text.py(), "replace"), ("\n", newline))?.cast_into::<PyString>()?
            }
            None => text,
        };
        let data = match self.charset {
            Some(charset) => Data::Bytes(bytes(text, charset, errors)?),
            None => Data::Codec(text.clone().unbind()),
        };
        Ok((data, flush))
    }
}

/// A string in an encoding that is known here.
pub fn bytes(text: &Bound<'_, PyString>, charset: Charset, errors: &Py<PyAny>) -> PyResult<Borrowed> {
    // A string with a lone surrogate has no UTF-8; the encoder's error handler decides.
    if let Ok(plain) = text.to_str()
        && (charset == Charset::Utf8 || plain.is_ascii())
    {
        return Borrowed::of_str(text);
    }
    Borrowed::of_buffer(&text.call_method1(intern!(text.py(), "encode"), (name(charset), errors))?)
}

/// Whether there is no lone surrogate in it.
pub fn has_utf8(text: &StrView) -> bool {
    fn any<T: Copy + Into<u32>>(all: &[T]) -> bool {
        all.iter().any(|&c| c.into() & 0xFFFF_F800 == 0xD800)
    }
    match text.characters() {
        Characters::One(_) => true,
        Characters::Two(all) => !any(all),
        Characters::Four(all) => !any(all),
    }
}

/// Writes a large string as UTF-8, on a worker.
pub fn write_large(file: &mut File, text: &StrView, newline: &[u8]) -> Result<(), Stop> {
    match text.characters() {
        Characters::One(all) => write_utf8(file, all, newline),
        Characters::Two(all) => write_utf8(file, all, newline),
        Characters::Four(all) => write_utf8(file, all, newline),
    }
}

fn write_utf8<T: Copy + Into<u32>>(file: &mut File, all: &[T], newline: &[u8]) -> Result<(), Stop> {
    let mut out = Vec::new();
    for some in all.chunks(LARGE / 4) {
        out.clear();
        for &c in some {
            match c.into() {
                0x0A => out.extend_from_slice(newline),
                c @ ..0x80 => out.push(c.to_le_bytes()[0]),
                c => {
                    let c = char::from_u32(c).unwrap_or(char::REPLACEMENT_CHARACTER);
                    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                }
            }
        }
        file.write(Way::Soon, &out)?;
    }
    Ok(())
}

/// Python's name of an encoding.
pub fn name(charset: Charset) -> &'static str {
    match charset {
        Charset::Utf8 => "utf-8",
        Charset::Ascii => "ascii",
        Charset::Latin1 => "latin-1",
    }
}

/// The newline that text is written with, where it isn't `\n`.
fn written_newline(newline: Newline) -> Option<&'static str> {
    match newline {
        Newline::Cr => Some("\r"),
        Newline::CrLf => Some("\r\n"),
        Newline::Translated if cfg!(windows) => Some("\r\n"),
        _ => None,
    }
}

fn ends_a_line(text: &Bound<'_, PyString>) -> PyResult<bool> {
    fn any<T: Copy + Into<u32>>(all: &[T]) -> bool {
        all.iter().any(|&c| matches!(c.into(), 0x0A | 0x0D))
    }
    Ok(match characters(text)? {
        Characters::One(all) => any(all),
        Characters::Two(all) => any(all),
        Characters::Four(all) => any(all),
    })
}
