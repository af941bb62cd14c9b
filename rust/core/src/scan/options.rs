//! How a tree is looked through.

/// How a tree is looked through.
#[derive(Clone, Debug)]
pub struct Options {
    /// Directories farther from the root than so many steps are not asked whether they match. The root is 0 steps away.
    pub max_depth: usize,
    /// Whether symbolic links to directories count as directories, and are followed.
    pub follow_symlinks: bool,
    /// Whether directories whose names begin with a dot are looked at. (The root always is; in one that matches, names are
    /// only what the structure says of them.)
    pub hidden: bool,
    /// How many threads look.
    pub threads: usize,
    /// Whether a directory that can't be read ends everything.
    pub strict: bool,
    /// The path of a directory that is not looked at.
    pub except: Option<Vec<u8>>,
}

impl Default for Options {
    fn default() -> Self {
        Self { max_depth: usize::MAX, follow_symlinks: false, hidden: false, threads: 1, strict: false, except: None }
    }
}
