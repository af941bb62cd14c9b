//! Many globs at once, for paths that are there already.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};
use rapfiles_core::find::Pattern;

use crate::convert::path::encoded;
use crate::error::pattern_error;

/// Compiled globs: which of them match a path?
///
/// They are as those of `find`: `*`, `?`, `[…]`, `{a,b}`, and `**` for any directories. A pattern without a slash is for the last
/// part of a path, one with a slash for all of it, one with a slash at its end for directories, which end with one too.
#[pyclass(frozen, module = "rapfiles")]
pub struct PatternMatcher {
    compiled: Vec<Pattern>,
    /// The patterns as they were given.
    #[pyo3(get)]
    patterns: Py<PyTuple>,
    /// Whether case counts. `None`: in patterns with upper case it does.
    #[pyo3(get)]
    case_sensitive: Option<bool>,
}

impl PatternMatcher {
    /// Which patterns match, by number.
    fn matching(&self, path: &Bound<'_, PyAny>) -> PyResult<impl Iterator<Item = usize>> {
        let (path, _) = encoded(path)?;
        let directory = path.len() > 1 && path.ends_with(b"/");
        let path = path.strip_suffix(b"/").filter(|_| directory).unwrap_or(&path);
        let path = path.strip_prefix(b"./").unwrap_or(path).to_vec();
        let name = path.iter().rposition(|&byte| byte == b'/').map_or(0, |slash| slash + 1);
        let all = self.compiled.iter().enumerate();
        Ok(all.filter(move |(_, pattern)| pattern.matches(&path, name, directory)).map(|(number, _)| number))
    }
}

#[pymethods]
impl PatternMatcher {
    #[new]
    #[pyo3(signature = (patterns, *, case_sensitive=true))]
    fn new(py: Python<'_>, patterns: &Bound<'_, PyAny>, case_sensitive: Option<bool>) -> PyResult<Self> {
        let given: Vec<Bound<'_, PyString>> = match patterns.cast::<PyString>() {
            Ok(one) => vec![one.clone()],
            Err(_) => patterns.try_iter()?.map(|each| Ok(each?.cast_into::<PyString>()?)).collect::<PyResult<_>>()?,
        };
        let compile = |pattern: &Bound<'_, PyString>| {
            let (bytes, _) = encoded(pattern)?;
            let text = rapfiles_core::find::text_of(&bytes);
            let compiled =
                Pattern::glob(&text, case_sensitive).and_then(|glob| py.detach(|| glob.compile()).map(|()| glob));
            compiled.map_err(|error| pattern_error(pattern.as_any(), error.position, &error.reason))
        };
        let compiled = given.iter().map(compile).collect::<PyResult<_>>()?;
        Ok(Self { compiled, patterns: PyTuple::new(py, given)?.unbind(), case_sensitive })
    }

    /// Whether any pattern matches a path.
    fn matches(&self, path: &Bound<'_, PyAny>) -> PyResult<bool> {
        Ok(self.matching(path)?.next().is_some())
    }

    /// Whether every pattern matches a path.
    fn matches_all(&self, path: &Bound<'_, PyAny>) -> PyResult<bool> {
        Ok(self.matching(path)?.count() == self.compiled.len())
    }

    /// The patterns that match a path, in their order.
    fn matching_patterns<'py>(&self, path: &Bound<'py, PyAny>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let patterns = self.patterns.bind(path.py());
        self.matching(path)?.map(|number| patterns.get_item(number)).collect()
    }

    fn __len__(&self) -> usize {
        self.compiled.len()
    }

    fn __eq__(&self, py: Python<'_>, other: &Bound<'_, PyAny>) -> PyResult<bool> {
        let Ok(other) = other.cast::<Self>() else { return Ok(false) };
        Ok(self.case_sensitive == other.get().case_sensitive && self.patterns.bind(py).eq(&other.get().patterns)?)
    }

    fn __hash__(&self, py: Python<'_>) -> PyResult<u64> {
        let mut hasher = DefaultHasher::new();
        (self.patterns.bind(py).hash()?, self.case_sensitive).hash(&mut hasher);
        Ok(hasher.finish())
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let patterns = self.patterns.bind(py).to_list().repr()?;
        Ok(match self.case_sensitive {
            Some(true) => format!("PatternMatcher({patterns})"),
            Some(false) => format!("PatternMatcher({patterns}, case_sensitive=False)"),
            None => format!("PatternMatcher({patterns}, case_sensitive=None)"),
        })
    }

    fn __getnewargs_ex__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyTuple>, Bound<'py, PyDict>)> {
        let keywords = PyDict::new(py);
        keywords.set_item("case_sensitive", self.case_sensitive)?;
        Ok((PyTuple::new(py, [self.patterns.bind(py)])?, keywords))
    }
}
