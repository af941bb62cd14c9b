//! The right to speak: while one thread hands over the lines of a file in parts, the others keep theirs.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Held by at most one at a time.
#[derive(Debug, Default)]
pub(super) struct Floor {
    taken: Mutex<bool>,
    free: Condvar,
}

impl Floor {
    /// Waits for it and takes it.
    pub fn take(&self) {
        let taken = self.lock();
        let mut taken = self.free.wait_while(taken, |taken| *taken).unwrap_or_else(PoisonError::into_inner);
        *taken = true;
    }

    /// Takes it if nobody has it.
    pub fn try_take(&self) -> bool {
        !std::mem::replace(&mut *self.lock(), true)
    }

    /// Gives it back: for whom has it only.
    pub fn give(&self) {
        *self.lock() = false;
        self.free.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, bool> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
