//! Which encodings are decoded here, whatever name they are called by.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyString;
use rapfiles_core::file::Charset;

/// Who decodes an encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decoder {
    /// This library.
    Native(Charset),
    /// Python's codec.
    Codec,
}

static NAMES: LazyLock<Mutex<HashMap<String, Decoder>>> = LazyLock::new(Mutex::default);

/// The encoding's name as the file will report it, and who decodes it; None if it isn't one of text.
pub fn resolve(encoding: &Bound<'_, PyAny>) -> PyResult<Option<(Py<PyAny>, Decoder)>> {
    let py = encoding.py();
    let encoding = if encoding.is_none() || encoding.extract::<&str>().is_ok_and(|name| name == "locale") {
        locale(py, encoding)?
    } else {
        encoding.clone().unbind()
    };
    let Ok(name) = encoding.bind(py).extract::<String>() else { return Ok(None) };
    Ok(decoder(py, &name).map(|decoder| (encoding, decoder)))
}

fn decoder(py: Python<'_>, name: &str) -> Option<Decoder> {
    match name {
        "utf-8" | "UTF-8" | "utf8" => return Some(Decoder::Native(Charset::Utf8)),
        _ => {}
    }
    let known = NAMES.lock().unwrap_or_else(PoisonError::into_inner).get(name).copied();
    if known.is_some() {
        return known;
    }
    let found = look_up(py, name)?;
    NAMES.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), found);
    Some(found)
}

fn look_up(py: Python<'_>, name: &str) -> Option<Decoder> {
    let codec = super::codec::lookup(PyString::new(py, name).as_any()).ok()?;
    let has = |part: &str| codec.getattr(part).is_ok_and(|part| part.is_truthy().unwrap_or(false));
    if !["_is_text_encoding", "incrementaldecoder", "incrementalencoder"].into_iter().all(has) {
        return None;
    }
    Some(match codec.getattr("name").ok()?.extract::<&str>().ok()? {
        "utf-8" => Decoder::Native(Charset::Utf8),
        "ascii" => Decoder::Native(Charset::Ascii),
        "iso8859-1" => Decoder::Native(Charset::Latin1),
        _ => Decoder::Codec,
    })
}

/// What the standard library calls the encoding of this locale; it warns, where that is asked for, by itself.
fn locale(py: Python<'_>, encoding: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
    static NAME: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let io = py.import("io")?;
    if encoding.is_none() && py.import("sys")?.getattr("flags")?.getattr("warn_default_encoding")?.is_truthy()? {
        io.call_method1("text_encoding", (encoding, 2))?;
    }
    let name = NAME.get_or_try_init(py, || {
        let memory = io.call_method0("BytesIO")?;
        Ok::<_, PyErr>(io.call_method1("TextIOWrapper", (memory, "locale"))?.getattr("encoding")?.unbind())
    })?;
    Ok(name.clone_ref(py))
}
