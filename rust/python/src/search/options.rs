//! What a search was asked for, taken apart.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use rapfiles_core::search::{Binary, Case, Options, TextEncoding};

/// More lines than these no file has.
const MOST: i128 = 1 << 48;

/// The options of `search` that are about contents, as Python gives them.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
#[allow(clippy::struct_excessive_bools)] // each is an option of its own
pub struct Given {
    before_context: i128,
    after_context: i128,
    context: Option<i128>,
    multiline: bool,
    multiline_dotall: bool,
    invert: bool,
    fixed_strings: bool,
    word: bool,
    line_regexp: bool,
    max_count: Option<i128>,
    case_sensitive: Option<bool>,
    encoding: Option<String>,
    binary: String,
    crlf: bool,
    strict: bool,
}

impl Given {
    pub fn options(&self) -> PyResult<Options> {
        let context = count("context", self.context.unwrap_or(0))?;
        let or_context = |lines: usize| if lines == 0 { context } else { lines };
        Ok(Options {
            before_context: or_context(count("before_context", self.before_context)?),
            after_context: or_context(count("after_context", self.after_context)?),
            multiline: self.multiline || self.multiline_dotall,
            multiline_dotall: self.multiline_dotall,
            invert: self.invert,
            fixed_strings: self.fixed_strings,
            word: self.word,
            line_regexp: self.line_regexp,
            max_count: self.max_count.map(|lines| count("max_count", lines)).transpose()?,
            case: match self.case_sensitive {
                None => Case::Smart,
                Some(true) => Case::Sensitive,
                Some(false) => Case::Insensitive,
            },
            encoding: self.encoding.as_deref().map_or(Ok(TextEncoding::Sniff), encoding)?,
            binary: binary(&self.binary)?,
            crlf: self.crlf,
            strict: self.strict,
        })
    }
}

/// A number of something, which is never negative. More than there can ever be are as many as there can be.
fn count<T: TryFrom<u64>>(name: &str, given: i128) -> PyResult<T> {
    let negative = || PyValueError::new_err(format!("{name} must not be negative: {given}"));
    let count = u64::try_from(given.min(MOST)).map_err(|_| negative())?;
    T::try_from(count).map_err(|_| negative())
}

fn encoding(label: &str) -> PyResult<TextEncoding> {
    TextEncoding::from_label(label).ok_or_else(|| PyValueError::new_err(format!("unknown encoding: '{label}'")))
}

fn binary(policy: &str) -> PyResult<Binary> {
    match policy {
        "quit" => Ok(Binary::Quit),
        "skip" => Ok(Binary::Skip),
        "text" => Ok(Binary::Text),
        _ => Err(PyValueError::new_err(format!("binary must be 'quit', 'skip' or 'text': '{policy}'"))),
    }
}
