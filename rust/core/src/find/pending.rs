//! Directories that wait for a thread.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Work that makes more work, shared by threads.
#[derive(Debug)]
pub(crate) struct Pending<T> {
    state: Mutex<State<T>>,
    more: Condvar,
}

#[derive(Debug)]
struct State<T> {
    work: Vec<T>,
    /// Threads that are at it and may find more.
    busy: usize,
    /// Threads that wait for them to do so.
    waiting: usize,
    stopped: bool,
}

impl<T> Pending<T> {
    /// With what there is to begin with.
    pub(crate) fn new(work: Vec<T>) -> Self {
        Self { state: Mutex::new(State { work, busy: 0, waiting: 0, stopped: false }), more: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next piece, None when everything is done. `idle` is called before it waits for others to find more.
    pub(crate) fn take(&self, mut idle: impl FnMut()) -> Option<T> {
        let mut state = self.lock();
        loop {
            if state.stopped {
                return None;
            }
            // The newest first: that keeps few waiting.
            if let Some(work) = state.work.pop() {
                state.busy += 1;
                return Some(work);
            }
            if state.busy == 0 {
                return None;
            }
            drop(state);
            idle();
            state = self.lock();
            if !state.stopped && state.work.is_empty() && state.busy > 0 {
                state.waiting += 1;
                state = self.more.wait(state).unwrap_or_else(PoisonError::into_inner);
                state.waiting -= 1;
            }
        }
    }

    /// What was found while doing a piece. `done`: the piece is finished.
    pub(crate) fn give(&self, found: &mut Vec<T>, done: bool) {
        if found.is_empty() && !done {
            return;
        }
        let mut state = self.lock();
        state.busy -= usize::from(done);
        let ended = state.busy == 0 && state.work.is_empty() && found.is_empty();
        if !state.stopped {
            // What was found first comes first.
            state.work.extend(found.drain(..).rev());
        }
        let wake = if ended { state.waiting } else { state.waiting.min(state.work.len()) };
        drop(state);
        (0..wake).for_each(|_| self.more.notify_one());
    }

    /// Nobody wants more.
    pub(crate) fn stop(&self) {
        let mut state = self.lock();
        state.stopped = true;
        state.work.clear();
        drop(state);
        self.more.notify_all();
    }
}
