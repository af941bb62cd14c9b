//! Copying and moving files: the one way in which the contents of a file get into another.
//!
//! ```
//! use std::time::Duration;
//! use rapfiles_core::copy::{How, Transfer};
//! use rapfiles_core::long::Long;
//!
//! let directory = tempfile::tempdir()?;
//! let (source, target) = (directory.path().join("a"), directory.path().join("b"));
//! std::fs::write(&source, "text")?;
//! let bytes = |path: &std::path::Path| path.as_os_str().as_encoded_bytes().to_vec();
//! let mut transfer = Transfer::new(&bytes(&source), &bytes(&target), How { overwrite: true, ..How::default() });
//! while !transfer.advance(Duration::from_millis(50)).map_err(|failure| failure.error)? {}
//! assert_eq!((std::fs::read(&target)?, transfer.progress().bytes), (b"text".to_vec(), 4));
//! # Ok::<(), std::io::Error>(())
//! ```

mod contents;
mod copying;
mod kept;
mod link;
mod move_tree;
mod moving;
mod name;
mod place;
mod transfer;
mod tree;
mod xattrs;

pub use move_tree::MoveTree;
pub use transfer::{How, SameFile, Transfer};
pub use tree::{CopyTree, Manner};

pub(crate) use copying::{Begin, Copying, End};
pub(crate) use kept::{Also, Kept, finish_directory};
pub(crate) use link::copy_link;
pub(crate) use moving::take_place;
pub(crate) use name::rename;
pub(crate) use place::Place;
