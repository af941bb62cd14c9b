//! How many jobs are under way, and whether the process may end.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

static QUEUED: AtomicUsize = AtomicUsize::new(0);
static EFFECTS: AtomicUsize = AtomicUsize::new(0);
/// Whether the process is ending and nobody waits for jobs any more.
static SETTLED: AtomicBool = AtomicBool::new(false);

/// How many jobs are queued or running.
pub fn queued() -> usize {
    QUEUED.load(Ordering::Relaxed)
}

pub(super) fn job_begins() {
    QUEUED.fetch_add(1, Ordering::Relaxed);
}

pub(super) fn job_ends() {
    QUEUED.fetch_sub(1, Ordering::Relaxed);
}

/// Something begins that must end before the process does.
pub(super) fn effect_begins() {
    EFFECTS.fetch_add(1, Ordering::Relaxed);
}

pub(super) fn effect_ends() {
    EFFECTS.fetch_sub(1, Ordering::Release);
}

pub(super) fn settled() -> bool {
    SETTLED.load(Ordering::Acquire)
}

/// Waits for the jobs whose effect must not be lost with the process, for as long as they make progress.
pub fn settle(patience: Duration) {
    let mut left = EFFECTS.load(Ordering::Acquire);
    let mut since = Instant::now();
    while left > 0 && since.elapsed() < patience {
        std::thread::sleep(Duration::from_millis(1));
        let today = EFFECTS.load(Ordering::Acquire);
        if today < left {
            since = Instant::now();
        }
        left = today;
    }
    SETTLED.store(true, Ordering::Release);
}

/// In a forked child there are none.
pub(super) fn forget() {
    QUEUED.store(0, Ordering::Relaxed);
    EFFECTS.store(0, Ordering::Relaxed);
}
