//! The completion port of one event loop: a list, and one wake-up for all that it holds.

use std::io;
use std::os::fd::RawFd;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, Ordering};

use super::wake::Wake;

/// Where the jobs of one event loop come back.
///
/// Nobody who pushes or drains waits for another: a worker that is preempted in the middle keeps no loop waiting.
pub struct Port<J> {
    /// The job that was pushed last, which leads to those before it.
    last: AtomicPtr<Parcel<J>>,
    wake: Wake,
}

/// A job with what it takes to be in a list. It is made and unpacked by the owner of the port: workers neither allocate nor free it,
/// which would have the owner wait for the allocator's locks.
pub struct Parcel<J> {
    pub(super) job: J,
    /// How it came, if it is to come back by itself.
    pub(super) errand: Option<Errand<J>>,
    before: *mut Parcel<J>,
}

/// Where a job that is with a worker belongs. `effect`: it must end before the process does.
pub(super) struct Errand<J> {
    pub port: Arc<Port<J>>,
    pub effect: bool,
}

// SAFETY: `before` is touched only by whoever owns the parcel, or the list it is in.
unsafe impl<J: Send> Send for Parcel<J> {}

impl<J> Parcel<J> {
    /// A job that somebody will push.
    pub fn new(job: J) -> Box<Self> {
        Box::new(Self { job, errand: None, before: ptr::null_mut() })
    }
}

impl<J> Port<J> {
    /// A port with a descriptor of its own.
    pub fn new() -> io::Result<Self> {
        Ok(Self { last: AtomicPtr::default(), wake: Wake::new()? })
    }

    /// The descriptor that becomes readable when something has completed.
    pub fn raw_fd(&self) -> RawFd {
        self.wake.raw_fd()
    }

    /// Adds a completed job; wakes the owner if it is the first since the last [`Port::drain`].
    pub fn push(&self, parcel: Box<Parcel<J>>) {
        let parcel = Box::into_raw(parcel);
        let mut last = self.last.load(Ordering::Relaxed);
        loop {
            // SAFETY: it isn't in the list before the exchange has succeeded.
            unsafe { (*parcel).before = last };
            match self.last.compare_exchange_weak(last, parcel, Ordering::Release, Ordering::Relaxed) {
                Ok(_) => break,
                Err(other) => last = other,
            }
        }
        if last.is_null() {
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

    /// Takes all that has completed, in its order. Whatever is pushed from here on wakes the owner again.
    pub fn drain(&self) -> Vec<J> {
        self.wake.clear();
        let mut jobs = Vec::new();
        let mut last = self.last.swap(ptr::null_mut(), Ordering::Acquire);
        while !last.is_null() {
            // SAFETY: a list that was taken as a whole is seen by nobody else, and each was a box.
            let parcel = unsafe { Box::from_raw(last) };
            last = parcel.before;
            jobs.push(parcel.job);
        }
        jobs.reverse();
        jobs
    }
}

impl<J> Drop for Port<J> {
    fn drop(&mut self) {
        drop(self.drain());
    }
}
