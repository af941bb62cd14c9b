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
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

use super::fork::{PerProcess, notice_forks};
use super::limits;

/// A thread that has had nothing to do for so long goes away.
const KEEP_ALIVE: Duration = Duration::from_secs(10);
/// Threads that may wait for somebody else's end of a pipe.
const STREAM_THREADS: usize = 2048;
/// They hold no deep stacks: a system call and its wrapper.
const STREAM_STACK: usize = 128 * 1024;
/// The stack of a thread that produces a stream: matchers and walkers run there.
const PRODUCE_STACK: usize = 1024 * 1024;
/// The stack of a thread that works on disks.
const DISK_STACK: usize = 512 * 1024;

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
pub(super) type Task = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct Queue {
    tasks: VecDeque<Task>,
    /// Threads that take tasks, or are about to.
    awake: usize,
    /// Whether one of them has not taken its first yet: no other is woken before.
    waking: bool,
}

struct Threads {
    runtime: Runtime,
    most: usize,
    queue: Mutex<Queue>,
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
pub(super) fn push(lane: Lane, task: Task) {
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
        Box::new(move || {
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
            .thread_keep_alive(KEEP_ALIVE)
            .thread_stack_size(stack)
            .build()
            // Without drivers nothing is asked of the system here.
            .expect("a runtime without drivers needs no resources");
        Self { runtime, most, queue: Mutex::default() }
    }

    fn push(&'static self, task: Task) {
        let mut queue = self.lock();
        queue.tasks.push_back(task);
        self.wake_one(queue);
    }

    /// Wakes a thread, unless one is waking already or all are awake.
    fn wake_one(&'static self, mut queue: MutexGuard<'_, Queue>) {
        if queue.waking || queue.awake == self.most {
            return;
        }
        queue.waking = true;
        queue.awake += 1;
        drop(queue);
        self.runtime.spawn_blocking(|| self.work());
    }

    /// A thread's time awake.
    fn work(&'static self) {
        let mut queue = self.lock();
        queue.waking = false;
        while let Some(task) = queue.tasks.pop_front() {
            if queue.tasks.is_empty() {
                drop(queue);
            } else {
                self.wake_one(queue);
            }
            // A panic is the job's own affair (and printed); the thread goes on.
            let _panicked = catch_unwind(AssertUnwindSafe(task));
            queue = self.lock();
        }
        queue.awake -= 1;
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
    #[cfg(target_os = "linux")]
    if let Some(table) = crate::now::mount_table() {
        pool.stream.push(Box::new(move || crate::now::follow(&table)));
    }
    #[cfg(not(target_os = "linux"))]
    let _nothing_more = pool;
}
