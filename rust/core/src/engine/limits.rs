//! Bounds on threads and open files. A call beats the environment, the environment beats the heuristic.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Threads that wait for disks at most.
const THREADS: usize = 64;

/// The bounds in force.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Threads that run operations on disks.
    pub threads: usize,
    /// Files that operations under way may hold open together.
    pub fds: usize,
}

static THREADS_NOW: AtomicUsize = AtomicUsize::new(0);
static FDS_NOW: AtomicUsize = AtomicUsize::new(0);
static VERSION: AtomicUsize = AtomicUsize::new(0);

/// The bounds in force.
pub fn limits() -> Limits {
    static INITIAL: LazyLock<Limits> = LazyLock::new(|| Limits {
        threads: from_environment("RAPFILES_THREADS").unwrap_or(THREADS),
        fds: from_environment("RAPFILES_FD_LIMIT").unwrap_or_else(fds_by_heuristic),
    });
    let or = |set: &AtomicUsize, initial| match set.load(Ordering::Relaxed) {
        0 => initial,
        set => set,
    };
    Limits { threads: or(&THREADS_NOW, INITIAL.threads), fds: or(&FDS_NOW, INITIAL.fds) }
}

/// Changes the bounds that are given. Another bound on threads takes effect with the next operation, which starts a new pool; what
/// runs goes on where it is.
pub fn configure(threads: Option<usize>, fds: Option<usize>) {
    if let Some(threads) = threads {
        THREADS_NOW.store(threads.max(1), Ordering::Relaxed);
        VERSION.fetch_add(1, Ordering::Release);
    }
    if let Some(fds) = fds {
        FDS_NOW.store(fds.max(1), Ordering::Relaxed);
    }
}

/// Changes with the bound on threads.
pub(super) fn version() -> usize {
    VERSION.load(Ordering::Acquire)
}

fn from_environment(name: &str) -> Option<usize> {
    std::env::var(name).ok()?.trim().parse().ok().filter(|&n| n > 0)
}

#[cfg(unix)]
fn fds_by_heuristic() -> usize {
    let soft = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    let third = soft.map_or(usize::MAX, |soft| usize::try_from(soft / 3).unwrap_or(usize::MAX));
    third.clamp(1, 1024)
}

#[cfg(not(unix))]
fn fds_by_heuristic() -> usize {
    1024
}
