//! The engine and the file operations of `rapfiles`, without Python.
//!
//! Operations are plain functions over system calls. Each can be asked for in one of two ways ([`Way`]):
//! *now*, with calls the kernel guarantees not to block, or *soon*, on a thread of the [`engine`].
//!
//! ```
//! use rapfiles_core::{file::{File, Mode, OpenOptions}, Way};
//!
//! let path = std::env::temp_dir().join(format!("rapfiles-doc-{}", std::process::id()));
//! std::fs::write(&path, b"one\ntwo\n")?;
//! let mut file = File::open(&path, &OpenOptions::new(Mode::parse("rb").unwrap()))?;
//! file.ensure(Way::Soon, 3)?;
//! assert_eq!(file.buffered(), b"one\ntwo\n");
//! # std::fs::remove_file(&path)?;
//! # Ok::<(), rapfiles_core::Stop>(())
//! ```

pub mod atomic;
pub mod batch;
pub mod copy;
pub mod engine;
pub mod error;
pub mod file;
pub mod find;
pub mod fs;
pub mod glob;
pub mod hash;
pub mod ignore_rules;
pub mod lent;
pub mod lock;
pub mod long;
pub mod map;
pub mod now;
pub mod pipeline;
pub mod root;
pub mod scan;
pub mod search;
pub mod serve;
pub mod tree;
pub mod walk;
pub mod whole;

pub use error::{Stop, Way};
