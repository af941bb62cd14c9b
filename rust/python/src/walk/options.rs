//! What a walk was asked for, taken apart.

use pyo3::prelude::*;
use rapfiles_core::find::{Options, Pattern};

use crate::convert::path::PathArg;
use crate::convert::tree;

/// The options of `walk`, as Python gives them; what isn't given isn't wanted.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
#[allow(clippy::struct_excessive_bools)] // each is an option of its own
pub struct Given<'py> {
    root: Bound<'py, PyAny>,
    #[pyo3(default)]
    min_depth: Option<i64>,
    #[pyo3(default)]
    max_depth: Option<i64>,
    #[pyo3(default)]
    follow_symlinks: bool,
    #[pyo3(default)]
    hidden: bool,
    #[pyo3(default)]
    gitignore: bool,
    #[pyo3(default)]
    ignore_files: Option<Bound<'py, PyAny>>,
    #[pyo3(default)]
    same_file_system: bool,
    #[pyo3(default)]
    sort: bool,
    #[pyo3(default)]
    threads: Option<i64>,
    #[pyo3(default)]
    filter: Option<Bound<'py, PyAny>>,
    #[pyo3(default)]
    metadata: bool,
    #[pyo3(default)]
    pub strict: bool,
}

impl Given<'_> {
    pub fn root(&self) -> PyResult<PathArg> {
        PathArg::new(&self.root)
    }

    pub fn threads(&self) -> PyResult<usize> {
        tree::threads(self.threads)
    }

    pub fn options(&self) -> PyResult<Options> {
        let (patterns, exclude) = self.filters()?;
        Ok(Options {
            patterns,
            exclude,
            depth: tree::depth(self.min_depth, self.max_depth)?,
            hidden: self.hidden,
            ignore: tree::ignore(self.gitignore, self.ignore_files.as_ref())?,
            follow_symlinks: self.follow_symlinks,
            same_file_system: self.same_file_system,
            metadata: self.metadata,
            in_order: self.sort,
            ..Options::default()
        })
    }

    /// Globs of which one must match, and those behind a `!`, of which none may.
    fn filters(&self) -> PyResult<(Vec<Pattern>, Vec<Pattern>)> {
        let (mut wanted, mut unwanted) = (Vec::new(), Vec::new());
        for (given, text) in tree::texts("filter", self.filter.as_ref())? {
            match text.strip_prefix('!') {
                Some(glob) => unwanted.push(tree::glob(&given, glob, 1)?),
                None => wanted.push(tree::glob(&given, &text, 0)?),
            }
        }
        Ok((wanted, unwanted))
    }
}
