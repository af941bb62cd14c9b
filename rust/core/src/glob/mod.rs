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
//!     links: true,
//!     sure_of_start: true,
//! };
//! let (producer, consumer) = channel();
//! Globber::new(b"Cargo.*", options)?.work(producer);
//! let Found::Batch(paths) = consumer.take() else { panic!("nothing was found") };
//! assert_eq!(paths.get(0), Some(&b"Cargo.toml"[..]));
//! # Ok::<(), rapfiles_core::find::BadPattern>(())
//! ```

mod alphabet;
mod braces;
mod class;
mod crawl;
mod options;
mod parts;
mod paths;
mod place;
mod wild;

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Mutex;

pub use alphabet::Alphabet;
pub use options::{From, Options};
pub use paths::Paths;

use crate::engine::channel::{Batcher, Producer};
use crate::find::BadPattern;
use crate::find::pending::Pending;
use crate::fs::Failure;
use crawl::{Work, Worker};
use parts::Plan;

/// Patterns that are looked for, and how far that has got.
#[derive(Debug)]
pub struct Globber {
    options: Options,
    plan: Plan,
    pending: Pending<Work>,
    /// Directories that can't be read. Several parts of a pattern may lead to one: it is said once.
    said: Mutex<HashSet<Vec<u8>>>,
}

impl Globber {
    /// For a pattern.
    ///
    /// # Errors
    /// It is too long, or has too many parts.
    pub fn new(pattern: &[u8], options: Options) -> Result<Self, BadPattern> {
        let plan = Plan::one(pattern, options.alphabet, options.recursive)?;
        Ok(Self::for_plan(plan, options))
    }

    /// For several patterns, with braces in them: each path that one of them finds is found once. `**` finds the directory it begins in only
    /// where it is one, whatever the options say.
    ///
    /// # Errors
    /// They are too long, or too many, or their braces don't match: which of them, and what is wrong with it.
    pub fn together(patterns: &[Vec<u8>], options: Options) -> Result<Self, (usize, BadPattern)> {
        let plan = Plan::together(patterns, options.alphabet, options.recursive)?;
        Ok(Self::for_plan(plan, Options { sure_of_start: true, ..options }))
    }

    fn for_plan(plan: Plan, options: Options) -> Self {
        let work = (0..plan.beginnings.len()).map(Work::Begin).collect();
        Self { options, plan, pending: Pending::new(work), said: Mutex::default() }
    }

    /// What stands before paths that begin so and isn't told: the root, with a slash.
    fn base(&self, start: &[u8]) -> Vec<u8> {
        let mut base = if start.starts_with(b"/") { Vec::new() } else { self.options.root.clone() };
        crawl::slash(&mut base);
        base
    }

    /// Does this thread's part, until everything is found or nobody wants more.
    pub fn work(&self, producer: Producer<Paths, Failure>) {
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
        self.plan.is_deep()
    }

    /// The directory that is listed first, if one is, whether it exists or not.
    pub fn first_listed(&self) -> Option<Vec<u8>> {
        let beginning = self.plan.beginnings.first().filter(|beginning| !beginning.steps.is_empty())?;
        Some([&self.base(&beginning.start)[..], &beginning.start].concat())
    }
}
