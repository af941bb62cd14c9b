//! The completion port of one event loop: a queue, and one wake-up for all that it holds.

use std::io;
use std::os::fd::RawFd;
use std::sync::{Mutex, PoisonError};

use super::wake::Wake;

/// Where the jobs of one event loop come back.
pub struct Port<J> {
    done: Mutex<Vec<J>>,
    wake: Wake,
}

impl<J> Port<J> {
    /// A port with a descriptor of its own.
    pub fn new() -> io::Result<Self> {
        Ok(Self { done: Mutex::default(), wake: Wake::new()? })
    }

    /// The descriptor that becomes readable when something has completed.
    pub fn raw_fd(&self) -> RawFd {
        self.wake.raw_fd()
    }

    /// Adds a completed job; wakes the owner if it is the first since the last [`Port::drain`].
    pub fn push(&self, job: J) {
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        let first = done.is_empty();
        done.push(job);
        drop(done);
        if first {
            self.wake.signal();
        }
    }

    /// Wakes the owner once more: it has not delivered all that it took.
    pub fn remind(&self) {
        self.wake.signal();
    }

    /// Waits until something has completed, for owners that can't watch a descriptor.
    pub fn wait(&self) {
        self.wake.wait();
        self.wake.clear();
    }

    /// Takes all that has completed. Whatever is pushed from here on wakes the owner again.
    pub fn drain(&self) -> Vec<J> {
        self.wake.clear();
        std::mem::take(&mut *self.done.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
