//! Large strings: measured and filled by a worker, made on the loop's thread.
//!
//! Decoding takes about a millisecond per mebibyte, and the loop doesn't wait for that. What is built stays where it
//! was until the string is delivered, so nothing is lost when nobody wants it any more.

use std::mem;
use std::ops::Range;

use pyo3::prelude::*;
use rapfiles_core::file::{Charset, File, Shape, Width, shape};

use crate::convert::string::{NewStr, StrView};

/// Up to so many bytes or characters the loop's thread decodes by itself.
pub const LARGE: usize = 256 * 1024;

/// What a string is made of.
enum Source {
    /// Valid bytes in the file's buffer; `translate`: with every line end as `\n`.
    Bytes { range: Range<usize>, charset: Charset, translate: bool },
    /// Strings, one after the other.
    Strings(Vec<StrView>),
}

#[derive(Default)]
enum Stage {
    #[default]
    New,
    Measured(Shape),
    Made(NewStr),
    Filled(NewStr),
}

/// A string in the making.
pub struct Build {
    source: Source,
    stage: Stage,
}

impl Build {
    /// Of decoded bytes.
    pub fn of_bytes(range: Range<usize>, charset: Charset, translate: bool) -> Self {
        Self { source: Source::Bytes { range, charset, translate }, stage: Stage::New }
    }

    /// Of strings.
    pub fn of_strings(parts: Vec<StrView>) -> Self {
        let characters = parts.iter().map(|part| part.shape().characters).sum();
        let width = parts.iter().map(|part| part.shape().width).max().unwrap_or(Width::Ascii);
        Self { source: Source::Strings(parts), stage: Stage::Measured(Shape { characters, width }) }
    }

    /// The loop's part: the string, once it is complete.
    pub fn poll(&mut self, py: Python<'_>) -> PyResult<Option<Py<PyAny>>> {
        self.stage = match mem::take(&mut self.stage) {
            Stage::Measured(shape) => Stage::Made(NewStr::new(py, shape)?),
            Stage::Filled(string) => return Ok(Some(string.finish())),
            waiting => waiting,
        };
        Ok(None)
    }

    /// A worker's part.
    pub fn work(&mut self, file: &File) {
        self.stage = match (mem::take(&mut self.stage), &self.source) {
            (Stage::New, Source::Bytes { range, charset, translate }) => {
                Stage::Measured(shape(*charset, &file.buffered()[range.clone()], *translate))
            }
            (Stage::Made(mut string), Source::Bytes { range, charset, translate }) => {
                string.decode(*charset, &file.buffered()[range.clone()], *translate);
                Stage::Filled(string)
            }
            (Stage::Made(mut string), Source::Strings(parts)) => {
                string.join(parts);
                Stage::Filled(string)
            }
            (stage, _) => stage,
        };
    }

    /// All of it on this thread, where it isn't large.
    pub fn at_once(mut self, py: Python<'_>, file: &File) -> PyResult<Py<PyAny>> {
        loop {
            if let Some(string) = self.poll(py)? {
                return Ok(string);
            }
            self.work(file);
        }
    }
}
