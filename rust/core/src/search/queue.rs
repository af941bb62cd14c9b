//! Files on their way from those who find them to those who search them.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Paths one behind another, each with a NUL at its end.
pub(super) type Paths = Vec<u8>;

#[derive(Debug)]
struct State {
    waiting: VecDeque<Paths>,
    /// Threads that may still find some.
    finders: usize,
    closed: bool,
}

/// A bounded queue: when it is full, who finds files searches them too.
#[derive(Debug)]
pub(super) struct Queue {
    state: Mutex<State>,
    more: Condvar,
    most: usize,
}

impl Queue {
    /// With what waits from the beginning.
    pub fn new(given: Vec<Paths>, finders: usize, most: usize) -> Self {
        let state = State { waiting: given.into(), finders, closed: false };
        Self { state: Mutex::new(state), more: Condvar::new(), most }
    }

    /// Puts paths into it, or gives them back if there is no room.
    pub fn offer(&self, paths: Paths) -> Result<(), Paths> {
        let mut state = self.lock();
        if state.waiting.len() >= self.most || state.closed {
            return Err(paths);
        }
        state.waiting.push_back(paths);
        drop(state);
        self.more.notify_one();
        Ok(())
    }

    /// Some paths, without waiting.
    pub fn try_take(&self) -> Option<Paths> {
        self.lock().waiting.pop_front()
    }

    /// Waits for paths; None when there will be no more.
    pub fn take(&self) -> Option<Paths> {
        let idle = |state: &mut State| state.waiting.is_empty() && state.finders > 0 && !state.closed;
        let mut state = self.more.wait_while(self.lock(), idle).unwrap_or_else(PoisonError::into_inner);
        if state.closed { None } else { state.waiting.pop_front() }
    }

    /// One thread has found all that it will.
    pub fn found_all(&self) {
        let mut state = self.lock();
        state.finders = state.finders.saturating_sub(1);
        drop(state);
        self.more.notify_all();
    }

    /// Nobody wants more.
    pub fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        state.waiting.clear();
        drop(state);
        self.more.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
