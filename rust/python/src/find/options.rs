//! What `find` was asked for, taken apart.

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyString, PyTuple};
use rapfiles_core::find::{BadPattern, Content, Options, Owner, Pattern, Sort, Types, parse_size};

use crate::convert::path::Style;
use crate::convert::tree;
use crate::error::pattern_error;

/// The options of `find`, as Python gives them.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
#[allow(clippy::struct_excessive_bools)] // each is an option of its own
pub struct Given<'py> {
    pattern: Bound<'py, PyAny>,
    root: Bound<'py, PyAny>,
    content: Option<Bound<'py, PyAny>>,
    file_type: Option<Bound<'py, PyAny>>,
    extension: Option<Bound<'py, PyAny>>,
    exclude: Option<Bound<'py, PyAny>>,
    min_depth: Option<i64>,
    max_depth: Option<i64>,
    min_size: Option<Bound<'py, PyAny>>,
    max_size: Option<Bound<'py, PyAny>>,
    /// After and before: content changed, read, metadata changed.
    times: Option<[Option<i128>; 6]>,
    hidden: bool,
    ignore_git: bool,
    custom_ignore_files: Option<Bound<'py, PyAny>>,
    case_sensitive: Option<bool>,
    follow_symlinks: bool,
    same_file_system: bool,
    threads: Option<i64>,
    sort: Option<Bound<'py, PyAny>>,
    owner: Option<Bound<'py, PyAny>>,
    empty: Option<bool>,
    regex: bool,
    pub strict: bool,
}

/// Where to look, and how paths are told.
pub struct Roots {
    pub paths: Vec<Vec<u8>>,
    pub style: Style,
}

impl Given<'_> {
    pub fn roots(&self) -> PyResult<Roots> {
        let py = self.root.py();
        let given = tree::paths(&self.root)?;
        let Some(first) = given.first() else { return Err(PyValueError::new_err("root is an empty list")) };
        let style = first.style(py);
        if given.iter().any(|path| path.style(py) != style) {
            return Err(PyTypeError::new_err("roots are str or bytes, not both"));
        }
        Ok(Roots { paths: given.iter().map(|path| path.as_c().to_bytes().to_vec()).collect(), style })
    }

    pub fn threads(&self) -> PyResult<usize> {
        tree::threads(self.threads)
    }

    pub fn options(&self) -> PyResult<Options> {
        let case = self.case_sensitive;
        let compile = if self.regex { Pattern::regex } else { Pattern::glob };
        // One only: a list of them has no meaning.
        let content = self.content.as_ref().map(|content| PyTuple::new(content.py(), [content])).transpose()?;
        let content = content.map(Bound::into_any);
        let times = self.times.unwrap_or_default();
        Ok(Options {
            patterns: compiled("pattern", Some(&self.pattern), |text| compile(text, case))?,
            exclude: compiled("exclude", self.exclude.as_ref(), |text| Pattern::glob(text, case))?,
            content: compiled("content", content.as_ref(), |text| Content::new(text, case))?.pop(),
            types: self.types()?,
            extensions: self.extensions()?,
            depth: tree::depth(self.min_depth, self.max_depth)?,
            size: self.size()?,
            mtime: range(times[0], times[1]),
            atime: range(times[2], times[3]),
            ctime: range(times[4], times[5]),
            owner: self.owner.as_ref().map(owner).transpose()?,
            empty: self.empty,
            hidden: self.hidden,
            ignore: tree::ignore(self.ignore_git, self.custom_ignore_files.as_ref())?,
            follow_symlinks: self.follow_symlinks,
            same_file_system: self.same_file_system,
            metadata: false,
            sort: self.sort.as_ref().map(sort).transpose()?,
            in_order: false,
        })
    }

    /// A text as Python shows it.
    fn quoted(&self, text: &str) -> String {
        shown(&PyString::new(self.pattern.py(), text))
    }

    fn types(&self) -> PyResult<Types> {
        let mut types = Types::default();
        for name in many("file_type", self.file_type.as_ref())? {
            types = types.and(Types::named(&name).ok_or_else(|| {
                let known = "'file', 'dir', 'symlink', 'socket', 'fifo', 'block', 'char' or 'executable'";
                PyValueError::new_err(format!("file_type must be {known}: {}", self.quoted(&name)))
            })?);
        }
        Ok(types)
    }

    fn extensions(&self) -> PyResult<Vec<Vec<u8>>> {
        let given = many("extension", self.extension.as_ref())?;
        let bare = given.iter().map(|extension| {
            let bare = extension.strip_prefix('.').unwrap_or(extension);
            if bare.is_empty() || bare.contains('/') {
                return Err(PyValueError::new_err(format!("extension is none: {}", self.quoted(extension))));
            }
            Ok(bare.as_bytes().to_vec())
        });
        bare.collect()
    }

    fn size(&self) -> PyResult<Option<(u64, u64)>> {
        let least = self.min_size.as_ref().map(|given| size("min_size", given)).transpose()?;
        let most = self.max_size.as_ref().map(|given| size("max_size", given)).transpose()?;
        Ok((least.is_some() || most.is_some()).then(|| (least.unwrap_or(0), most.unwrap_or(u64::MAX))))
    }
}

/// A value as Python shows it.
fn shown(given: &Bound<'_, PyAny>) -> String {
    given.repr().map_or_else(|_| String::new(), |shown| shown.to_string())
}

/// Texts that may be absent, one or several.
fn many(name: &str, given: Option<&Bound<'_, PyAny>>) -> PyResult<Vec<String>> {
    Ok(tree::texts(name, given)?.into_iter().map(|(_, text)| text).collect())
}

/// What is made of patterns, which may be absent, one or several.
fn compiled<T>(
    name: &str,
    given: Option<&Bound<'_, PyAny>>,
    compile: impl Fn(&str) -> Result<T, BadPattern>,
) -> PyResult<Vec<T>> {
    let bad = |item, error: &BadPattern| pattern_error(item, error.position, &error.reason);
    let given = tree::texts(name, given)?;
    given.iter().map(|(item, text)| compile(text).map_err(|error| bad(item, &error))).collect()
}

fn size(name: &str, given: &Bound<'_, PyAny>) -> PyResult<u64> {
    if let Ok(text) = given.extract::<&str>() {
        return parse_size(text)
            .ok_or_else(|| PyValueError::new_err(format!("{name} is not a size: {}", shown(given))));
    }
    if given.is_instance_of::<PyBool>() {
        return Err(PyTypeError::new_err(format!("{name} must be int or str, not bool")));
    }
    let number = given.extract::<i128>().map_err(|error| {
        let kind = given.get_type().name().map_or_else(|_| String::new(), |kind| kind.to_string());
        if error.is_instance_of::<PyTypeError>(given.py()) {
            PyTypeError::new_err(format!("{name} must be int or str, not {kind}"))
        } else {
            error
        }
    })?;
    u64::try_from(number).map_err(|_| PyValueError::new_err(format!("{name} is not a size: {number}")))
}

fn range(from: Option<i128>, to: Option<i128>) -> Option<std::ops::Range<i128>> {
    (from.is_some() || to.is_some()).then(|| from.unwrap_or(i128::MIN)..to.unwrap_or(i128::MAX))
}

fn owner(given: &Bound<'_, PyAny>) -> PyResult<Owner> {
    if let Ok(name) = given.extract::<String>() {
        return Ok(Owner::Name(name));
    }
    if given.is_instance_of::<PyBool>() {
        return Err(PyTypeError::new_err("owner must be int or str, not bool"));
    }
    let uid = given.extract::<i128>().map_err(|_| PyTypeError::new_err("owner must be int or str"))?;
    let uid = u32::try_from(uid).map_err(|_| PyValueError::new_err(format!("owner is not a user id: {uid}")))?;
    Ok(Owner::Id(uid))
}

fn sort(given: &Bound<'_, PyAny>) -> PyResult<Sort> {
    let name = given.extract::<&str>().ok();
    name.and_then(Sort::named).ok_or_else(|| {
        PyValueError::new_err(format!("sort must be 'path', 'name', 'size' or 'mtime': {}", shown(given)))
    })
}
