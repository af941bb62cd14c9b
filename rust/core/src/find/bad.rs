//! Patterns that are none.

use std::{fmt, io};

use crate::fs::Failure;

/// What is wrong with a pattern, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadPattern {
    /// The pattern, as it was given.
    pub pattern: String,
    /// Which of its characters, counted from 0.
    pub position: Option<usize>,
    /// In words.
    pub reason: String,
}

impl BadPattern {
    pub(crate) fn new(pattern: &str, position: impl Into<Option<usize>>, reason: impl Into<String>) -> Self {
        Self { pattern: pattern.to_owned(), position: position.into(), reason: reason.into() }
    }
}

impl fmt::Display for BadPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for BadPattern {}

/// Of a pattern whose mistake shows when it is compiled: the reason is the error within the [`io::Error`].
impl From<BadPattern> for Failure {
    fn from(bad: BadPattern) -> Self {
        Self::of_nobody(io::Error::other(bad))
    }
}
