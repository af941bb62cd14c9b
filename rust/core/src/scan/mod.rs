//! Directory structures: which directories of a tree look as a [`Structure`] says, and copying or moving them.
//!
//! ```
//! use rapfiles_core::scan::{Structure, Parts, matching};
//!
//! let parts = Parts { required_files: vec!["Cargo.toml".into()], ..Parts::default() };
//! let crates = Structure::new("*", parts)?;
//! let found = matching(b".", &crates, false).map_err(|failure| failure.error)?;
//! assert_eq!(found.unwrap().required_files, [[b"./Cargo.toml"]]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod above;
mod crawl;
mod entries;
mod level;
mod matching;
mod options;
mod plan;
mod run;
mod structure;
mod tree;

pub use above::above;
pub use crawl::{Counts, start};
pub use matching::{Match, matching};
pub use options::Options;
pub use plan::{Action, Errand, Itself, Manner, Plan, Step, Trouble, plan};
pub use run::Run;
pub use structure::{Parts, Structure, name_glob};
pub use tree::all_files;
