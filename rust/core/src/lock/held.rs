//! A lock that is held.

use super::file::LockFile;
use super::line;
use crate::engine;

/// A lock, for as long as this lasts.
#[derive(Debug)]
pub struct Held {
    file: Option<LockFile>,
    exclusive: bool,
    generation: u64,
}

impl Held {
    pub(super) fn new(file: LockFile, exclusive: bool) -> Self {
        Self { file: Some(file), exclusive, generation: engine::generation() }
    }

    /// Whether it can be released without waiting for anybody.
    pub fn is_local(&self) -> bool {
        self.file.as_ref().is_none_or(|file| file.local)
    }

    /// Releases it. What isn't local may take its time.
    pub fn release(mut self) {
        if let Some(file) = self.file.take() {
            self.let_go(file);
        }
    }

    fn let_go(&self, file: LockFile) {
        if self.generation != engine::generation() {
            // The parent's. It has the same open file, and goes on holding its lock; here only the descriptor is closed.
            return drop(file);
        }
        let key = file.key;
        file.unlock();
        line::free(key, self.exclusive);
        // The last close of a file without a name frees its blocks.
        engine::spawn(false, move || {
            drop(file);
            engine::fd_freed();
        });
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let Some(file) = self.file.take() else { return };
        if file.local || self.generation != engine::generation() {
            return self.let_go(file);
        }
        let rest = Self { file: Some(file), exclusive: self.exclusive, generation: self.generation };
        engine::spawn(false, move || rest.release());
    }
}
