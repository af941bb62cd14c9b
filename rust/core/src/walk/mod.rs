//! Going through trees: entries on their way to one consumer, many in a batch.
//!
//! The walker is that of [`crate::find`]: a walk is a search for everything, or for what its options leave. Here is how
//! what is found travels: [`start()`] sets threads of the engine to work, and [`Entries`] come out of the channel.
//!
//! ```
//! use std::sync::Arc;
//! use std::time::Duration;
//! use rapfiles_core::engine::channel::{self, Batch, Found};
//! use rapfiles_core::find::{Finder, Options};
//! use rapfiles_core::walk;
//!
//! let (producer, consumer) = channel::channel();
//! let options = Options { hidden: true, ..Options::default() };
//! walk::start(&Arc::new(Finder::new(vec![b"src/walk".to_vec()], options)), 2, false, producer);
//! let mut names = Vec::new();
//! loop {
//!     match consumer.take() {
//!         Found::Batch(entries) => names.extend((0..entries.len()).map(|at| entries.get(at).name.to_vec())),
//!         Found::Nothing => consumer.wait(Duration::from_secs(1)),
//!         _ => break,
//!     }
//! }
//! assert!(names.contains(&b"mod.rs".to_vec()));
//! ```

mod batch;
mod kind;
mod outlet;
mod start;

pub use batch::{Entries, Entry};
pub use kind::Kind;
pub use start::start;
