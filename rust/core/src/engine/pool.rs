//! Where jobs run that may block: Tokio's blocking pool, in two lanes.
//!
//! What waits for a disk goes to [`Lane::Disk`]: it ends by itself. What waits for somebody else (a FIFO, a
//! terminal) goes to [`Lane::Stream`] and can't keep a disk waiting.
//!
//! A lane keeps its own queue, and a pool thread that is awake takes job after job from it. Threads wake one
//! another, one at a time: while jobs are short a few threads do them all, and the loop's thread pays for one
//! wake-up per burst instead of one per job; when jobs wait for a disk, every wait is met by another thread.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};

use super::{fork, limits, port::Port};

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

/// Something to run on a thread that may block.
pub trait Job: Send + Sized + 'static {
    /// Runs it. What comes of it stays within.
    fn run(&mut self);

    /// Whether it ran into the limit on open files and may be run again when one is closed.
    fn wants_fd(&self) -> bool {
        false
    }
}

/// Who may be kept waiting by a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// Ends by itself, sooner or later.
    Disk,
    /// Ends when somebody else does something.
    Stream,
}

/// Work in a queue.
type Task = Box<dyn FnOnce() + Send>;

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
}

static POOL: AtomicPtr<Pool> = AtomicPtr::new(std::ptr::null_mut());
static QUEUED: AtomicUsize = AtomicUsize::new(0);
static EFFECTS: AtomicUsize = AtomicUsize::new(0);
/// Whether the process is ending and nobody waits for jobs any more.
static SETTLED: AtomicBool = AtomicBool::new(false);

/// Runs a job on a thread that may block and pushes it on its port. `effect`: it must end before the process does.
pub fn submit<J: Job>(lane: Lane, effect: bool, port: &Arc<Port<J>>, job: J) {
    let port = Arc::clone(port);
    QUEUED.fetch_add(1, Ordering::Relaxed);
    EFFECTS.fetch_add(usize::from(effect), Ordering::Relaxed);
    lane_of(lane).push(Box::new(move || attempt(port, job, effect)));
}

/// Runs something nobody waits for. `effect`: it must end before the process does; at once if that is ending.
pub fn spawn(effect: bool, work: impl FnOnce() + Send + 'static) {
    if effect && SETTLED.load(Ordering::Acquire) {
        return work();
    }
    EFFECTS.fetch_add(usize::from(effect), Ordering::Relaxed);
    pool().disk.push(Box::new(move || {
        work();
        EFFECTS.fetch_sub(usize::from(effect), Ordering::Release);
    }));
}

/// Runs something that may wait for ever for somebody else.
pub fn spawn_waiting(work: impl FnOnce() + Send + 'static) {
    pool().stream.push(Box::new(work));
}

/// Runs what puts items into a [`super::channel`], for as long as anybody wants them.
pub fn produce(work: impl FnOnce() + Send + 'static) {
    pool().produce.push(Box::new(work));
}

/// Calls back after a while, on a thread that does nothing else meanwhile.
pub(super) fn later(after: Duration, call: fn()) {
    pool().stream.push(Box::new(move || {
        std::thread::sleep(after);
        call();
    }));
}

/// Puts a job in the queue again that met the limit on open files.
pub(super) fn again(task: Task) {
    pool().disk.push(task);
}

fn attempt<J: Job>(port: Arc<Port<J>>, mut job: J, effect: bool) {
    job.run();
    if !job.wants_fd() {
        return arrive(&port, job, effect);
    }
    // It is run again when a file was closed, or given back as it is when patience ends.
    limits::wait_for_fd(Box::new(
        move |again| {
            if again { attempt(port, job, effect) } else { arrive(&port, job, effect) }
        },
    ));
}

fn arrive<J: Job>(port: &Port<J>, job: J, effect: bool) {
    QUEUED.fetch_sub(1, Ordering::Relaxed);
    port.push(job);
    EFFECTS.fetch_sub(usize::from(effect), Ordering::Release);
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

/// How many jobs are queued or running.
pub fn queued() -> usize {
    QUEUED.load(Ordering::Relaxed)
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

fn lane_of(lane: Lane) -> &'static Threads {
    match lane {
        Lane::Disk => &pool().disk,
        Lane::Stream => &pool().stream,
    }
}

fn pool() -> &'static Pool {
    let running = POOL.load(Ordering::Acquire);
    if running.is_null() {
        return start();
    }
    // SAFETY: pools are leaked, never freed: threads may use them until the process ends.
    unsafe { &*running }
}

#[cold]
fn start() -> &'static Pool {
    fork::notice_forks();
    let limits = limits::limits();
    let mine = Box::into_raw(Box::new(Pool {
        disk: Threads::new("rapfiles-disk", limits.threads.min(limits.fds), DISK_STACK),
        stream: Threads::new("rapfiles-stream", STREAM_THREADS, STREAM_STACK),
        produce: Threads::new("rapfiles-produce", STREAM_THREADS, PRODUCE_STACK),
    }));
    match POOL.compare_exchange(std::ptr::null_mut(), mine, Ordering::AcqRel, Ordering::Acquire) {
        Ok(_) =>
        {
            #[cfg(target_os = "linux")]
            if let Some(table) = crate::now::mount_table() {
                pool().stream.push(Box::new(move || crate::now::follow(&table)));
            }
        }
        // SAFETY: nobody else has seen this one.
        Err(_) => drop(unsafe { Box::from_raw(mine) }),
    }
    pool()
}

/// Starts anew with the limits in force; what runs goes on where it is.
pub(super) fn resize() {
    POOL.store(std::ptr::null_mut(), Ordering::Release);
}

/// In a forked child: the threads are gone, and with them all they held.
pub(super) fn abandon() {
    POOL.store(std::ptr::null_mut(), Ordering::Release);
    QUEUED.store(0, Ordering::Relaxed);
    EFFECTS.store(0, Ordering::Relaxed);
}
