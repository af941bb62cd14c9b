//! Counters per kind of operation, cheap enough to be always on.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Latencies are counted in buckets of doubling width: bucket n holds those below 2^n µs.
pub const BUCKETS: usize = 24;

/// The counters of one kind of operation.
pub struct Meter {
    /// What the operation is called.
    pub name: &'static str,
    now: AtomicU64,
    soon: AtomicU64,
    errors: AtomicU64,
    cancelled: AtomicU64,
    bytes: AtomicU64,
    nanoseconds: AtomicU64,
    slowest: AtomicU64,
    buckets: [AtomicU64; BUCKETS],
}

/// What a [`Meter`] has counted.
#[derive(Clone, Debug)]
pub struct Reading {
    /// Answered without a thread.
    pub now: u64,
    /// Answered by a worker.
    pub soon: u64,
    /// Ended with an exception.
    pub errors: u64,
    /// Cancelled by their task.
    pub cancelled: u64,
    /// Read or written.
    pub bytes: u64,
    /// From the first step to the result, of those that took a thread.
    pub total: Duration,
    /// The slowest of them.
    pub slowest: Duration,
    /// How many took less than 2^n µs.
    pub buckets: [u64; BUCKETS],
}

impl Reading {
    /// Adds what another meter of the same kind of operation has counted.
    pub fn add(&mut self, other: &Self) {
        self.now += other.now;
        self.soon += other.soon;
        self.errors += other.errors;
        self.cancelled += other.cancelled;
        self.bytes += other.bytes;
        self.total += other.total;
        self.slowest = self.slowest.max(other.slowest);
        for (bucket, more) in self.buckets.iter_mut().zip(other.buckets) {
            *bucket += more;
        }
    }
}

impl Meter {
    /// Counters at zero.
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            now: AtomicU64::new(0),
            soon: AtomicU64::new(0),
            errors: AtomicU64::new(0),
            cancelled: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            nanoseconds: AtomicU64::new(0),
            slowest: AtomicU64::new(0),
            buckets: [const { AtomicU64::new(0) }; BUCKETS],
        }
    }

    /// One was answered at once.
    #[inline]
    pub fn now(&self, bytes: usize) {
        self.now.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// One came back from a worker after this long.
    pub fn soon(&self, took: Duration, bytes: usize) {
        let nanoseconds = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        self.soon.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        self.nanoseconds.fetch_add(nanoseconds, Ordering::Relaxed);
        self.slowest.fetch_max(nanoseconds, Ordering::Relaxed);
        let bucket = (u64::BITS - (nanoseconds / 1000).leading_zeros()) as usize;
        self.buckets[bucket.min(BUCKETS - 1)].fetch_add(1, Ordering::Relaxed);
    }

    /// One raised.
    pub fn error(&self) {
        self.errors.fetch_add(1, Ordering::Relaxed);
    }

    /// One was cancelled.
    pub fn cancelled(&self) {
        self.cancelled.fetch_add(1, Ordering::Relaxed);
    }

    /// What it says.
    pub fn read(&self) -> Reading {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Reading {
            now: get(&self.now),
            soon: get(&self.soon),
            errors: get(&self.errors),
            cancelled: get(&self.cancelled),
            bytes: get(&self.bytes),
            total: Duration::from_nanos(get(&self.nanoseconds)),
            slowest: Duration::from_nanos(get(&self.slowest)),
            buckets: std::array::from_fn(|n| get(&self.buckets[n])),
        }
    }
}
