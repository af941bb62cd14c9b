//! Finding entries of trees by name, type, size, times, owner and content.
//!
//! [`Options`] say what is looked for; a [`Finder`] is worked on by any number of threads, each with a [`Sink`] of its own.
//!
//! ```
//! use rapfiles_core::engine::channel::Closed;
//! use rapfiles_core::find::{Entry, Finder, Options, Pattern, Sink};
//! use rapfiles_core::fs::Failure;
//!
//! #[derive(Default)]
//! struct Names(Vec<String>);
//!
//! impl Sink for Names {
//!     fn found(&mut self, entry: &Entry<'_>) -> Result<(), Closed> {
//!         self.0.push(String::from_utf8_lossy(&entry.path[entry.name..]).into_owned());
//!         Ok(())
//!     }
//!     fn report(&mut self, _: Failure) -> Result<(), Closed> { Ok(()) }
//!     fn fail(&mut self, failure: Failure) { panic!("{failure:?}") }
//!     fn wanted(&self) -> bool { true }
//!     fn idle(&mut self) -> Result<(), Closed> { Ok(()) }
//! }
//!
//! let mut options = Options::default();
//! options.patterns.push(Pattern::glob("Cargo.*", None)?);
//! let mut names = Names::default();
//! Finder::new(vec![b".".to_vec()], options).work(&mut names);
//! assert_eq!(names.0, ["Cargo.toml"]);
//! # Ok::<(), rapfiles_core::find::BadPattern>(())
//! ```

mod bad;
mod content;
mod crawl;
mod entry;
mod filter;
mod finder;
pub(crate) mod lazy;
pub(crate) mod listing;
pub(crate) mod open;
mod options;
pub(crate) mod pattern;
pub(crate) mod pending;
mod size;
mod sort;
mod text;
mod translate;

pub use crate::fs::owner::Owner;
pub use bad::BadPattern;
pub use content::Content;
pub use entry::{Entry, Sink};
pub use finder::Finder;
pub use options::{Depth, Options, Sort, Types};
pub use pattern::Pattern;
pub use size::parse_size;
pub use sort::{InOrder, Sorted};
pub use text::{bytes_of, text_of};
