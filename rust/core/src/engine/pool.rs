//! Where work runs that may block: Tokio's blocking pool, in lanes.
//!
//! What waits for a disk goes to [`Lane::Disk`]: it ends by itself. What waits for somebody else (a FIFO, a
//! terminal) goes to [`Lane::Stream`] and can't keep a disk waiting. What produces for as long as somebody wants more goes to
//! [`Lane::Produce`].
//!
//! A lane keeps its own queue, and a pool thread that is awake takes job after job from it. Threads wake one
//! another, one at a time: while jobs are short a few threads do them all, and the loop's thread pays for one
//! wake-up per burst instead of one per job; when jobs wait for a disk, every wait is met by another thread.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

use super::fork::{PerProcess, notice_forks};
use super::limits;

/// A thread that has had nothing to do for so long goes away.
const KEEP_ALIVE: Duration = Duration::from_secs(10);
/// What Tokio keeps it after that, for another use.
const KEPT_BY_TOKIO: Duration = Duration::from_secs(1);
/// Threads that may wait for somebody else's end of a pipe.
const STREAM_THREADS: usize = 2048;
/// They hold no deep stacks: a system call and its wrapper.
const STREAM_STACK: usize = 128 * 1024;
/// The stack of a thread that produces a stream: matchers and walkers run there.
const PRODUCE_STACK: usize = 1024 * 1024;
/// The stack of a thread that works on disks.
const DISK_STACK: usize = 512 * 1024;

/// How many descriptors there is room for from the beginning: 8 KiB.
const TABLE: u64 = 1024;

/// Who may be kept waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// Ends by itself, sooner or later.
    Disk,
    /// Ends when somebody else does something.
    Stream,
    /// Ends when there is no more, or nobody wants it.
    Produce,
}

/// Work in a queue.
pub(super) trait Task: Send {
    fn run(self: Box<Self>);
}

/// Work that is a closure.
pub(super) struct Once<F>(F);

impl<F: FnOnce() + Send> Once<F> {
    pub(super) fn boxed(work: F) -> Box<Self> {
        Box::new(Self(work))
    }
}

impl<F: FnOnce() + Send> Task for Once<F> {
    fn run(self: Box<Self>) {
        (self.0)();
    }
}

#[derive(Default)]
struct Queue {
    tasks: VecDeque<Box<dyn Task>>,
    /// Threads that there are.
    threads: usize,
    /// Those of them that wait for tasks.
    idle: usize,
    /// Whether one was woken or started and has not taken its first task yet: no other is before.
    waking: bool,
}

struct Threads {
    runtime: Runtime,
    most: usize,
    queue: Mutex<Queue>,
    more: Condvar,
}

struct Pool {
    disk: Threads,
    stream: Threads,
    produce: Threads,
    /// Of the limits it was made for.
    version: usize,
}

static POOL: PerProcess<Pool> = PerProcess::new();

/// Puts work in a lane's queue.
pub(super) fn push(lane: Lane, task: Box<dyn Task>) {
    let pool = pool();
    match lane {
        Lane::Disk => pool.disk.push(task),
        Lane::Stream => pool.stream.push(task),
        Lane::Produce => pool.produce.push(task),
    }
}

/// Calls back after a while, on a thread that does nothing else meanwhile.
pub(super) fn later(after: Duration, call: fn()) {
    push(
        Lane::Stream,
        Once::boxed(move || {
            std::thread::sleep(after);
            call();
        }),
    );
}

impl Threads {
    fn new(name: &str, most: usize, stack: usize) -> Self {
        let runtime = Builder::new_current_thread()
            .thread_name(name)
            .max_blocking_threads(most)
            .thread_keep_alive(KEPT_BY_TOKIO)
            .thread_stack_size(stack)
            .build()
            // Without drivers nothing is asked of the system here.
            .expect("a runtime without drivers needs no resources");
        Self { runtime, most, queue: Mutex::default(), more: Condvar::new() }
    }

    fn push(&'static self, task: Box<dyn Task>) {
        let mut queue = self.lock();
        queue.tasks.push_back(task);
        self.wake_one(queue);
    }

    /// Wakes a thread, or starts one, unless one is on its way already or all are at work.
    fn wake_one(&'static self, mut queue: MutexGuard<'_, Queue>) {
        if queue.waking || (queue.idle == 0 && queue.threads == self.most) {
            return;
        }
        queue.waking = true;
        if queue.idle > 0 {
            drop(queue);
            self.more.notify_one();
        } else {
            queue.threads += 1;
            drop(queue);
            self.runtime.spawn_blocking(|| self.work());
        }
    }

    /// A thread's life. It waits here and not in Tokio's queue: a task of Tokio's is allocated for each wake-up, by one
    /// thread, and freed by another.
    fn work(&'static self) {
        let mut queue = self.lock();
        loop {
            queue.waking = false;
            while let Some(task) = queue.tasks.pop_front() {
                if queue.tasks.is_empty() {
                    drop(queue);
                } else {
                    self.wake_one(queue);
                }
                // A panic is the job's own affair (and printed); the thread goes on.
                let _panicked = catch_unwind(AssertUnwindSafe(|| task.run()));
                queue = self.lock();
            }
            queue.idle += 1;
            let (woken, waited) = self.more.wait_timeout(queue, KEEP_ALIVE).unwrap_or_else(PoisonError::into_inner);
            queue = woken;
            queue.idle -= 1;
            if waited.timed_out() && queue.tasks.is_empty() {
                // Whoever was woken, there is nothing to take any more.
                queue.waking = false;
                queue.threads -= 1;
                return;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn pool() -> &'static Pool {
    let (pool, new) = POOL.get(|pool| pool.version == limits::version(), Pool::start);
    if new {
        started(pool);
    }
    pool
}

impl Pool {
    fn start() -> Self {
        notice_forks();
        let version = limits::version();
        let limits = limits::limits();
        Self {
            disk: Threads::new("rapfiles-disk", limits.threads.min(limits.fds), DISK_STACK),
            stream: Threads::new("rapfiles-stream", STREAM_THREADS, STREAM_STACK),
            produce: Threads::new("rapfiles-produce", STREAM_THREADS, PRODUCE_STACK),
            version,
        }
    }
}

#[cold]
fn started(pool: &'static Pool) {
    widen_table();
    #[cfg(target_os = "linux")]
    if let Some(table) = crate::now::mount_table() {
        pool.stream.push(Once::boxed(move || crate::now::follow(&table)));
    }
    #[cfg(not(target_os = "linux"))]
    let _nothing_more = pool;
}

/// Has the table of descriptors grow before there are threads that share it. Later each growth waits for every processor, in whatever
/// opens a file just then: the loop's thread, for milliseconds.
fn widen_table() {
    use rustix::fs::{Mode, OFlags, open};
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    let last = limit.unwrap_or(u64::MAX).min(TABLE).saturating_sub(1);
    // Where it can't be had now it grows when it must.
    let Ok(root) = open("/", OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()) else { return };
    let _widened = rustix::io::fcntl_dupfd_cloexec(&root, i32::try_from(last).unwrap_or(0));
}
