//! What a search finds: a line, where the matches in it are, and the lines around it.

use pyo3::exceptions::PyKeyError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyString, PyTuple};
use rapfiles_core::search::{Line, Lines, char_spans};

/// What can be asked for by key.
const KEYS: [&str; 9] =
    ["path", "line_number", "byte_offset", "line_text", "line_bytes", "matches", "before", "after", "binary"];

/// A line near a match, as it is: its number, what comes before it, its bytes.
type Near = (u64, u64, Vec<u8>);

/// The lines before one, and those after it.
type Around = (Vec<Near>, Vec<Near>);

/// A line that a search has found.
#[pyclass(frozen, eq, hash, generic, module = "rapfiles._rapfiles")]
pub struct SearchResult {
    path: Py<PyAny>,
    number: u64,
    offset: u64,
    bytes: Box<[u8]>,
    spans: Box<[(u32, u32)]>,
    /// Lines before and after; few results have any.
    context: Option<Box<Around>>,
    binary: bool,
}

impl SearchResult {
    /// The result at a place of a batch.
    pub fn new(py: Python<'_>, lines: &Lines, at: usize, path: &Py<PyAny>) -> Self {
        let line = lines.line(at);
        let near = |line: &Line| (line.number, line.offset, lines.text(line).to_vec());
        let (before, after) = (lines.before(at), lines.after(at));
        let context = (!before.is_empty() || !after.is_empty())
            .then(|| Box::new((before.iter().map(near).collect(), after.iter().map(near).collect())));
        Self {
            path: path.clone_ref(py),
            number: line.number,
            offset: line.offset,
            bytes: lines.text(line).into(),
            spans: lines.spans(line).into(),
            context,
            binary: line.binary,
        }
    }

    fn near<'py>(&self, py: Python<'py>, choose: fn(&Around) -> &[Near]) -> PyResult<Bound<'py, PyTuple>> {
        let Some(context) = &self.context else { return Ok(PyTuple::empty(py)) };
        let line = &types(py)?.context_line;
        let made = choose(context)
            .iter()
            .map(|(number, offset, bytes)| line.call1(py, (number, offset, text(py, without_end(bytes))?)));
        PyTuple::new(py, made.collect::<PyResult<Vec<_>>>()?)
    }
}

#[pymethods]
impl SearchResult {
    #[new]
    #[pyo3(signature = (path, line_number, byte_offset, line_bytes, spans=vec![], before=vec![], after=vec![], binary=false))]
    #[allow(clippy::too_many_arguments)] // for pickle alone
    fn restore(
        path: Py<PyAny>,
        line_number: u64,
        byte_offset: u64,
        line_bytes: &[u8],
        spans: Vec<(u32, u32)>,
        before: Vec<Near>,
        after: Vec<Near>,
        binary: bool,
    ) -> Self {
        let context = (!before.is_empty() || !after.is_empty()).then(|| Box::new((before, after)));
        let (bytes, spans) = (line_bytes.into(), spans.into());
        Self { path, number: line_number, offset: byte_offset, bytes, spans, context, binary }
    }

    /// The file's path, beginning with the root as it was given.
    #[getter]
    fn path(&self, py: Python<'_>) -> Py<PyAny> {
        self.path.clone_ref(py)
    }

    /// The line's number, from 1; the first one's, if a match spans several.
    #[getter]
    fn line_number(&self) -> u64 {
        self.number
    }

    /// How many bytes of the file come before the line (of its text as UTF-8, if it was decoded).
    #[getter]
    fn byte_offset(&self) -> u64 {
        self.offset
    }

    /// The line without its end; all lines of a match that spans several. Bytes that are no text are escaped as in names of
    /// files.
    #[getter]
    fn line_text<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        text(py, without_end(&self.bytes))
    }

    /// The line's bytes, its end included.
    #[getter]
    fn line_bytes<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.bytes)
    }

    /// What matches in the line, in order. Nothing in a search for lines that don't match.
    #[getter]
    fn matches<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let made = &types(py)?.made;
        let characters = char_spans(&self.bytes, &self.spans);
        let each = self.spans.iter().zip(characters).map(|(&(start, end), (first, last))| {
            made.call1(py, (text(py, &self.bytes[start as usize..end as usize])?, first, last, start, end))
        });
        PyTuple::new(py, each.collect::<PyResult<Vec<_>>>()?)
    }

    /// The lines before it that were asked for.
    #[getter]
    fn before<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        self.near(py, |context| &context.0)
    }

    /// The lines after it that were asked for.
    #[getter]
    fn after<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        self.near(py, |context| &context.1)
    }

    /// Whether a NUL had been met in the file when the line was found.
    #[getter]
    fn binary(&self) -> bool {
        self.binary
    }

    /// The names that can be asked for by key.
    #[allow(clippy::unused_self)] // a method, as that of a dict
    fn keys(&self) -> Vec<&'static str> {
        KEYS.to_vec()
    }

    fn __getitem__<'py>(slf: &Bound<'py, Self>, key: &str) -> PyResult<Bound<'py, PyAny>> {
        if KEYS.contains(&key) { slf.getattr(key) } else { Err(PyKeyError::new_err(key.to_owned())) }
    }

    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        let this = slf.get();
        let text = this.line_text(slf.py())?;
        Ok(format!("<SearchResult {}:{}: {}>", this.path.bind(slf.py()).repr()?, this.number, text.repr()?))
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyTuple>> {
        let (py, this) = (slf.py(), slf.get());
        let (before, after) = this.context.as_deref().map_or((&[][..], &[][..]), |(before, after)| (before, after));
        let near = |lines: &[Near]| {
            let each = lines.iter().map(|(number, offset, bytes)| (*number, *offset, PyBytes::new(py, bytes)));
            each.collect::<Vec<_>>()
        };
        let state = (
            &this.path,
            this.number,
            this.offset,
            PyBytes::new(py, &this.bytes),
            this.spans.to_vec(),
            near(before),
            near(after),
            this.binary,
        );
        (slf.get_type(), state).into_pyobject(py)
    }
}

impl PartialEq for SearchResult {
    fn eq(&self, other: &Self) -> bool {
        let same_path = Python::attach(|py| self.path.bind(py).eq(other.path.bind(py)).unwrap_or(false));
        same_path
            && (self.number, self.offset, self.binary) == (other.number, other.offset, other.binary)
            && self.bytes == other.bytes
            && self.spans == other.spans
            && self.context == other.context
    }
}

impl std::hash::Hash for SearchResult {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (self.number, self.offset, &self.bytes).hash(state);
    }
}

/// The types of what results are made of, which are Python's.
struct Types {
    made: Py<PyAny>,
    context_line: Py<PyAny>,
}

fn types(py: Python<'_>) -> PyResult<&Types> {
    static TYPES: PyOnceLock<Types> = PyOnceLock::new();
    TYPES.get_or_try_init(py, || {
        let module = py.import("rapfiles.types")?;
        let (made, context_line) = (module.getattr("SearchMatch")?.unbind(), module.getattr("ContextLine")?.unbind());
        Ok(Types { made, context_line })
    })
}

/// A line without what ends it.
fn without_end(line: &[u8]) -> &[u8] {
    let Some(line) = line.strip_suffix(b"\n") else { return line };
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// UTF-8 as text; what isn't is escaped.
fn text<'py>(py: Python<'py>, bytes: &[u8]) -> PyResult<Bound<'py, PyAny>> {
    if bytes.is_ascii() {
        // It is UTF-8 then.
        return Ok(PyString::new(py, &String::from_utf8_lossy(bytes)).into_any());
    }
    let size = ffi::Py_ssize_t::try_from(bytes.len()).unwrap_or(0);
    // SAFETY: so many bytes are there, and the name of the error handler ends with a NUL.
    unsafe {
        let text = ffi::PyUnicode_DecodeUTF8(bytes.as_ptr().cast(), size, c"surrogateescape".as_ptr());
        Bound::from_owned_ptr_or_err(py, text)
    }
}
