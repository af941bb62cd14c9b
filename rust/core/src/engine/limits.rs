//! Bounds on threads and open files. A call beats the environment, the environment beats the heuristic.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::pool;

/// What happens to an open that waits: `true`, it runs again; `false`, it fails as it did.
type Waiter = Box<dyn FnOnce(bool) + Send>;

/// Threads that wait for disks at most.
const THREADS: usize = 64;
/// How long an open that met EMFILE waits for another file to close.
const PATIENCE: Duration = Duration::from_secs(1);

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

/// Changes the bounds that are given. Threads count from the next engine start or growth.
pub fn configure(threads: Option<usize>, fds: Option<usize>) {
    if let Some(threads) = threads {
        THREADS_NOW.store(threads.max(1), Ordering::Relaxed);
        pool::resize();
    }
    if let Some(fds) = fds {
        FDS_NOW.store(fds.max(1), Ordering::Relaxed);
    }
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

/// Opens that met EMFILE and wait for another file to close.
#[derive(Default)]
struct Waiting {
    waiters: VecDeque<Waiter>,
    /// When a file was last closed, or the first of them began to wait.
    since: Option<Instant>,
    /// Whether a timer looks after them.
    timed: bool,
    /// The process that put them here: after a fork the child has none of these.
    generation: u64,
}

static WAITING: LazyLock<Mutex<Waiting>> = LazyLock::new(Mutex::default);
static COUNT: AtomicUsize = AtomicUsize::new(0);

/// Sets an open aside that met EMFILE.
pub(super) fn wait_for_fd(waiter: Waiter) {
    let mut waiting = WAITING.lock().unwrap_or_else(PoisonError::into_inner);
    let generation = super::fork::generation();
    if waiting.generation != generation {
        *waiting = Waiting { generation, ..Waiting::default() };
    }
    waiting.since.get_or_insert_with(Instant::now);
    waiting.waiters.push_back(waiter);
    COUNT.store(waiting.waiters.len(), Ordering::Relaxed);
    if !waiting.timed {
        waiting.timed = true;
        drop(waiting);
        pool::later(PATIENCE / 4, look_after);
    }
}

/// Tells the engine that a file was closed: an open that waits for one goes on.
pub fn fd_freed() {
    if COUNT.load(Ordering::Relaxed) == 0 {
        return;
    }
    let mut waiting = WAITING.lock().unwrap_or_else(PoisonError::into_inner);
    waiting.since = Some(Instant::now());
    let next = waiting.waiters.pop_front();
    COUNT.store(waiting.waiters.len(), Ordering::Relaxed);
    drop(waiting);
    if let Some(waiter) = next {
        pool::again(Box::new(|| waiter(true)));
    }
}

/// Looks after those who wait: one of them tries again, or all get their EMFILE if nothing was closed for as long as
/// patience lasts.
fn look_after() {
    let mut waiting = WAITING.lock().unwrap_or_else(PoisonError::into_inner);
    waiting.timed = false;
    if waiting.waiters.is_empty() {
        waiting.since = None;
        return;
    }
    if waiting.since.is_some_and(|since| since.elapsed() < PATIENCE) {
        waiting.timed = true;
        let next = waiting.waiters.pop_front();
        COUNT.store(waiting.waiters.len(), Ordering::Relaxed);
        drop(waiting);
        // Others close files too and don't say so, and one may have been closed just before the first of these waited.
        if let Some(waiter) = next {
            pool::again(Box::new(|| waiter(true)));
        }
        pool::later(PATIENCE / 4, look_after);
        return;
    }
    waiting.since = None;
    let all = std::mem::take(&mut waiting.waiters);
    COUNT.store(0, Ordering::Relaxed);
    drop(waiting);
    for waiter in all {
        waiter(false);
    }
}
