//! Regular expressions that are compiled when they are needed: that takes up to a second, and is for a thread that may wait.

use std::fmt;
use std::sync::OnceLock;

use super::bad::BadPattern;

/// Patterns up to so many bytes are looked at before: whether they are written correctly is known at once then.
pub(crate) const AT_ONCE: usize = 4 * 1024;

/// What is made of a pattern, when it is asked for first.
pub(super) struct Lazy<T> {
    compile: Box<dyn Fn() -> Result<T, BadPattern> + Send + Sync>,
    made: OnceLock<Result<T, BadPattern>>,
}

impl<T> Lazy<T> {
    pub(super) fn new(compile: impl Fn() -> Result<T, BadPattern> + Send + Sync + 'static) -> Self {
        Self { compile: Box::new(compile), made: OnceLock::new() }
    }

    /// It, or what is wrong with the pattern.
    #[inline]
    pub(super) fn get(&self) -> Result<&T, &BadPattern> {
        self.made.get_or_init(|| (self.compile)()).as_ref()
    }
}

impl<T: fmt::Debug> fmt::Debug for Lazy<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Lazy").field(&self.made.get()).finish()
    }
}
