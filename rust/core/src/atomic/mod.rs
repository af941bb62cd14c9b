//! Files that change in one step: whoever reads one sees the old contents or the new, and so does whoever comes after a crash.
//!
//! The new contents are written to a file beside the target ([`Staged`]), which then takes its name. A [`Transaction`] does
//! that for several files, and undoes what it has done if it can't do all of it.
//!
//! ```
//! use rapfiles_core::atomic::{self, Options};
//! use std::ffi::CString;
//!
//! let path = std::env::temp_dir().join(format!("rapfiles-doc-atomic-{}", std::process::id()));
//! let c_path = CString::new(path.to_str().unwrap())?;
//! atomic::write(&c_path, b"all of it", Options::default())?;
//! assert_eq!(std::fs::read(&path)?, b"all of it");
//! # std::fs::remove_file(&path)?;
//! # Ok::<(), std::io::Error>(())
//! ```

mod aside;
mod commit;
mod keep;
mod moving;
mod place;
mod staged;
mod sync;
mod transaction;

use std::ffi::CStr;
use std::io;

pub use commit::Broken;
pub use moving::move_file;
pub use staged::Staged;
pub use transaction::{Transaction, Undertaking};

/// What survives a power cut.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// What was written, under its name: file and directory are on the disk.
    #[default]
    Full,
    /// The old contents or the new, whole: the file is on the disk before it has its name.
    Rename,
    /// Nothing is promised. Without a power cut, all is as with the others.
    None,
}

/// How a file is replaced.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::struct_excessive_bools)] // each is a question of its own
pub struct Options {
    /// What survives a power cut.
    pub durability: Durability,
    /// The permissions; those of the file that is replaced, or the usual ones of a new file, if not given.
    pub mode: Option<u32>,
    /// Whether the new file belongs to whom the old one did.
    pub keep_owner: bool,
    /// Whether it has the extended attributes that the old one had.
    pub keep_xattrs: bool,
    /// Whether what a symbolic link leads to is replaced, not the link.
    pub follow_symlinks: bool,
    /// Whether there may be a file already.
    pub overwrite: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            durability: Durability::Full,
            mode: None,
            keep_owner: false,
            keep_xattrs: false,
            follow_symlinks: true,
            overwrite: true,
        }
    }
}

/// Makes or replaces a file in one step.
pub fn write(path: &CStr, bytes: &[u8], options: Options) -> io::Result<()> {
    let mut staged = Staged::begin(path, options)?;
    staged.write(bytes)?;
    staged.commit()
}
