//! Which files are searched.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use globset::GlobSet;
use ignore::{DirEntry, WalkBuilder};

/// Which files of a tree are searched.
#[derive(Clone, Debug, Default)]
#[allow(clippy::struct_excessive_bools)] // each is a question of its own
pub struct Files {
    /// Their names match one of these; none is all.
    pub include: Option<Arc<GlobSet>>,
    /// Files and directories whose names match one of these are left out.
    pub exclude: Option<Arc<GlobSet>>,
    /// Directories below the root that are entered, one within another.
    pub max_depth: Option<usize>,
    /// Whether names that begin with a dot are looked at.
    pub hidden: bool,
    /// Whether what git ignores is left out.
    pub ignore_git: bool,
    /// Whether symbolic links to files are searched and those to directories followed.
    pub follow_symlinks: bool,
    /// How many threads search.
    pub threads: usize,
    /// Whether files are searched one after the other, in the order of their names.
    pub sort: bool,
}

impl Files {
    pub(super) fn walk(&self, root: &Path) -> WalkBuilder {
        let mut builder = WalkBuilder::new(root);
        builder
            .standard_filters(false)
            .hidden(!self.hidden)
            .max_depth(self.max_depth)
            .follow_links(self.follow_symlinks)
            .git_ignore(self.ignore_git)
            .git_global(self.ignore_git)
            .git_exclude(self.ignore_git)
            .parents(self.ignore_git)
            .threads(self.threads);
        if self.sort {
            builder.sort_by_file_name(std::ffi::OsStr::cmp);
        }
        if let Some(exclude) = self.exclude.clone() {
            builder.filter_entry(move |entry| entry.depth() == 0 || !exclude.is_match(name(entry)));
        }
        builder
    }

    /// Whether an entry is a file to be searched.
    pub(super) fn wants(&self, entry: &DirEntry) -> bool {
        entry.file_type().is_some_and(|kind| kind.is_file())
            && self.include.as_ref().is_none_or(|include| include.is_match(name(entry)))
    }
}

fn name(entry: &DirEntry) -> PathBuf {
    PathBuf::from(entry.file_name())
}
