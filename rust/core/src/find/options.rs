//! What is looked for.

use std::ops::Range;

use crate::ignore_rules::Settings;

use super::bad::BadPattern;
use super::content::Content;
use super::pattern::Pattern;
use crate::fs::owner::Owner;

/// What is looked for, and where. An entry has to pass everything; what costs nothing is asked first:
///
/// 1. its name: hidden, excluded, ignored. Directories that don't pass are not gone into.
/// 2. its depth, type, extension and the pattern
/// 3. its metadata, if one of these asks for them: size, times, owner, executable
/// 4. whether it is empty
/// 5. what is in it
#[derive(Debug, Default)]
#[allow(clippy::struct_excessive_bools)] // each is a question of its own
pub struct Options {
    /// One of these must match; none is all.
    pub patterns: Vec<Pattern>,
    /// None of these may match.
    pub exclude: Vec<Pattern>,
    /// A regular file must have it in it.
    pub content: Option<Content>,
    /// One of these types; none is all.
    pub types: Types,
    /// One of these endings, without the dot, whatever the case; none is all. For files and everything else.
    pub extensions: Vec<Vec<u8>>,
    /// Steps from the root: what is in it is 1 step away.
    pub depth: Depth,
    /// The size of a regular file, in bytes: at least, and at most.
    pub size: Option<(u64, u64)>,
    /// When its content was changed, in nanoseconds; from the first to before the second.
    pub mtime: Option<Range<i128>>,
    /// When it was last read.
    pub atime: Option<Range<i128>>,
    /// When its metadata were changed.
    pub ctime: Option<Range<i128>>,
    /// Whose it is.
    pub owner: Option<Owner>,
    /// Whether it is a file or directory with nothing in it.
    pub empty: Option<bool>,
    /// Whether names that begin with a dot count.
    pub hidden: bool,
    /// What is ignored; None is nothing.
    pub ignore: Option<Settings>,
    /// Whether symbolic links stand for what they lead to, and are followed.
    pub follow_symlinks: bool,
    /// Whether directories of other filesystems are not gone into.
    pub same_file_system: bool,
    /// Whether metadata are wanted with every entry.
    pub metadata: bool,
    /// In which order; None is as they are met.
    pub sort: Option<Sort>,
    /// Whether the names of each directory are gone through in order: with an [`super::InOrder`] and one thread this gives the
    /// order of [`Sort::Path`], without everything being found first.
    pub in_order: bool,
}

impl Options {
    /// Makes every pattern ready. This may take a second for each.
    ///
    /// # Errors
    /// One of them is none, or would be too large.
    pub fn compile(&self) -> Result<(), BadPattern> {
        self.patterns.iter().chain(&self.exclude).try_for_each(Pattern::compile)?;
        self.content.as_ref().map_or(Ok(()), Content::compile)
    }
}

/// How deep.
#[derive(Clone, Copy, Debug)]
pub struct Depth {
    /// What is nearer is gone through, but not found.
    pub min: usize,
    /// What is farther is not looked at.
    pub max: usize,
}

impl Default for Depth {
    fn default() -> Self {
        Self { min: 0, max: usize::MAX }
    }
}

/// In which order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// A directory just before what is in it.
    Path,
    /// By name, then by path.
    Name,
    /// The smallest first.
    Size,
    /// The oldest first.
    Modified,
}

/// A set of types.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Types(u8);

impl Types {
    /// Regular files.
    pub const FILE: Self = Self(1);
    /// Directories.
    pub const DIRECTORY: Self = Self(2);
    /// Symbolic links.
    pub const SYMLINK: Self = Self(4);
    /// Sockets.
    pub const SOCKET: Self = Self(8);
    /// FIFOs.
    pub const FIFO: Self = Self(16);
    /// Block devices.
    pub const BLOCK: Self = Self(32);
    /// Character devices.
    pub const CHARACTER: Self = Self(64);
    /// Regular files that somebody may execute.
    pub const EXECUTABLE: Self = Self(128);

    /// Both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether one of the others is one of these.
    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// By its name in Python.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "file" => Self::FILE,
            "dir" => Self::DIRECTORY,
            "symlink" => Self::SYMLINK,
            "socket" => Self::SOCKET,
            "fifo" => Self::FIFO,
            "block" => Self::BLOCK,
            "char" => Self::CHARACTER,
            "executable" => Self::EXECUTABLE,
            _ => return None,
        })
    }
}

impl Sort {
    /// By its name in Python.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "path" => Self::Path,
            "name" => Self::Name,
            "size" => Self::Size,
            "mtime" => Self::Modified,
            _ => return None,
        })
    }
}
