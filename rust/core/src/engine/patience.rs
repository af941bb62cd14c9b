//! Opens that met the limit on open files: they wait, without a thread, until a file is closed.

use std::cell::Cell;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::fork::PerProcess;
use super::pool::{self, Lane, Once};

/// What happens to an open that waits: `true`, it runs again; `false`, it fails as it did.
type Waiter = Box<dyn FnOnce(bool) + Send>;

/// How long one waits for another file to close.
const PATIENCE: Duration = Duration::from_secs(1);

/// Opens that met EMFILE and wait for another file to close.
#[derive(Default)]
struct Waiting {
    waiters: VecDeque<Waiter>,
    /// When a file was last closed, or the first of them began to wait.
    since: Option<Instant>,
    /// Whether a timer looks after them.
    timed: bool,
}

static WAITING: PerProcess<Mutex<Waiting>> = PerProcess::new();
/// How many there are: looked at by every close.
static COUNT: AtomicUsize = AtomicUsize::new(0);

fn lock() -> MutexGuard<'static, Waiting> {
    let (waiting, _new) = WAITING.get(|_| true, Mutex::default);
    waiting.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Sets an open aside that met EMFILE.
pub(super) fn wait_for_fd(waiter: Waiter) {
    let mut waiting = lock();
    waiting.since.get_or_insert_with(Instant::now);
    waiting.waiters.push_back(waiter);
    COUNT.store(waiting.waiters.len(), Ordering::Relaxed);
    if !waiting.timed {
        waiting.timed = true;
        drop(waiting);
        pool::later(PATIENCE / 4, look_after);
    }
}

thread_local! {
    /// How many files the job on this thread has closed, while it is not known whether it lacked one itself.
    static CLOSED: Cell<Option<usize>> = const { Cell::new(None) };
}

/// Puts back what was there before, also in a panic.
struct Counting(Option<usize>);

impl Drop for Counting {
    fn drop(&mut self) {
        CLOSED.set(self.0);
    }
}

/// Does work and tells how many files it closed while others waited for one.
///
/// Nobody has been woken for them. If the work lacked a file itself, it closed what it had opened before, and two
/// that do so would wake each other for ever.
pub(super) fn counting_closed(work: impl FnOnce()) -> usize {
    let _before = Counting(CLOSED.replace(Some(0)));
    work();
    CLOSED.get().unwrap_or(0)
}

/// Tells the engine that a file was closed: an open that waits for one goes on.
pub fn fd_freed() {
    if COUNT.load(Ordering::Relaxed) == 0 {
        return;
    }
    if let Some(count) = CLOSED.get() {
        return CLOSED.set(Some(count + 1));
    }
    let mut waiting = lock();
    waiting.since = Some(Instant::now());
    let next = waiting.waiters.pop_front();
    COUNT.store(waiting.waiters.len(), Ordering::Relaxed);
    drop(waiting);
    if let Some(waiter) = next {
        pool::push(Lane::Disk, Once::boxed(|| waiter(true)));
    }
}

/// Looks after those who wait: one of them tries again, or all get their EMFILE if nothing was closed for as long as
/// patience lasts.
fn look_after() {
    let mut waiting = lock();
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
            pool::push(Lane::Disk, Once::boxed(|| waiter(true)));
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
