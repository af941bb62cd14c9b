//! Paths that match patterns, as Python's `glob` finds them.
//!
//! A pattern's literal beginning is not looked at; every directory behind it is listed once, whatever parts of the pattern are
//! to be matched in it, by any number of threads.
//!
//! ```
//! use rapfiles_core::engine::channel::{channel, Found};
//! use rapfiles_core::glob::{Alphabet, From, Globber, Options};
//!
//! let options = Options {
//!     alphabet: Alphabet::Text,
//!     root: Vec::new(),
//!     from: From::Current,
//!     recursive: true,
//!     include_hidden: false,
//!     sure_of_start: true,
//! };
//! let (producer, consumer) = channel();
//! Globber::new(b"Cargo.*", options)?.work(producer);
//! let Found::Batch(paths) = consumer.take() else { panic!("nothing was found") };
//! assert_eq!(paths.get(0), Some(&b"Cargo.toml"[..]));
//! # Ok::<(), rapfiles_core::find::BadPattern>(())
//! ```

mod alphabet;
mod class;
mod crawl;
mod options;
mod parts;
mod paths;
mod place;
mod wild;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

pub use alphabet::Alphabet;
pub use crawl::Never;
pub use options::{From, Options};
pub use paths::Paths;

use crate::engine::channel::{Batcher, Producer};
use crate::find::BadPattern;
use crate::find::pending::Pending;
use crawl::{Work, Worker};
use parts::Pattern;

/// A pattern that is looked for, and how far that has got.
#[derive(Debug)]
pub struct Globber {
    options: Options,
    pattern: Pattern,
    /// What stands before every path and isn't told: the root, with a slash.
    base: Vec<u8>,
    pending: Pending<Work>,
}

impl Globber {
    /// For a pattern.
    ///
    /// # Errors
    /// It is too long, or has too many parts.
    pub fn new(pattern: &[u8], options: Options) -> Result<Self, BadPattern> {
        let pattern = Pattern::new(pattern, options.alphabet, options.recursive)?;
        let mut base = if pattern.start.starts_with(b"/") { Vec::new() } else { options.root.clone() };
        crawl::slash(&mut base);
        Ok(Self { options, pattern, base, pending: Pending::new(vec![Work::Begin]) })
    }

    /// Does this thread's part, until everything is found or nobody wants more.
    pub fn work(&self, producer: Producer<Paths, Never>) {
        let worked = catch_unwind(AssertUnwindSafe(|| Worker::new(self, Batcher::new(producer)).run()));
        if !matches!(worked, Ok(Ok(()))) {
            self.pending.stop();
        }
        if let Err(panic) = worked {
            resume_unwind(panic);
        }
    }

    /// Whether more than one thread has something to do.
    pub fn is_deep(&self) -> bool {
        self.pattern.is_deep()
    }

    /// The directory that is listed first, if one is, whether it exists or not.
    pub fn first_listed(&self) -> Option<Vec<u8>> {
        let start = || [&self.base[..], &self.pattern.start].concat();
        (!self.pattern.parts.is_empty()).then(start)
    }
}
