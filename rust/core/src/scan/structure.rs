//! What a directory has to look like.

use crate::find::{BadPattern, Pattern};

/// What is asked of what is in a directory.
#[derive(Debug, Default)]
pub struct Parts {
    /// Globs; each must match the name of a file at least.
    pub required_files: Vec<String>,
    /// Globs that may match files.
    pub optional_files: Vec<String>,
    /// Each must match a directory at least.
    pub required_directories: Vec<Structure>,
    /// Those that may.
    pub optional_directories: Vec<Structure>,
}

/// What a directory has to look like: its name, and what is in it.
#[derive(Debug)]
pub struct Structure {
    pub(super) directory: Pattern,
    pub(super) required_files: Vec<Pattern>,
    pub(super) optional_files: Vec<Pattern>,
    pub(super) required_directories: Vec<Structure>,
    pub(super) optional_directories: Vec<Structure>,
}

impl Structure {
    /// For directories whose name matches a glob.
    ///
    /// # Errors
    /// One of the globs is none.
    pub fn new(directory: &str, parts: Parts) -> Result<Self, BadPattern> {
        let globs = |globs: &[String]| globs.iter().map(|glob| name_glob(glob)).collect::<Result<Vec<_>, _>>();
        Ok(Self {
            directory: name_glob(directory)?,
            required_files: globs(&parts.required_files)?,
            optional_files: globs(&parts.optional_files)?,
            required_directories: parts.required_directories,
            optional_directories: parts.optional_directories,
        })
    }

    /// Whether a directory's name is one of those meant.
    pub fn is_named(&self, name: &[u8]) -> bool {
        self.directory.matches(name, 0, true)
    }
}

/// A glob for a single name: as [`Pattern::glob`], in the case it is written in.
///
/// # Errors
/// It is none, or it has a slash.
pub fn name_glob(glob: &str) -> Result<Pattern, BadPattern> {
    let bad = |position, reason: &str| {
        Err(BadPattern { pattern: glob.to_owned(), position: Some(position), reason: reason.to_owned() })
    };
    if glob.is_empty() {
        return bad(0, "a name is never empty");
    }
    if let Some(slash) = glob.chars().position(|c| c == '/') {
        return bad(slash, "a name has no slash");
    }
    Pattern::glob(glob, Some(true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_globs_say_where() {
        for (glob, position) in [("", 0), ("é/b", 1), ("a[", 1), ("{a", 0)] {
            assert_eq!(name_glob(glob).unwrap_err().position, Some(position), "{glob}");
        }
    }

    #[test]
    fn case_counts() {
        let lower = name_glob("readme").unwrap();
        assert!(lower.matches(b"readme", 0, false) && !lower.matches(b"README", 0, false));
    }
}
