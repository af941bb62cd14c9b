//! The end of the interpreter, while daemon threads still run event loops.
//!
//! Such a thread is ended by the interpreter where it next wants the GIL. If that is in Python code that native code has
//! called, the thread's end has to unwind native frames, which aborts the process. So whoever enters native code while
//! the interpreter exits stays there, without the GIL: as every thread does from Python 3.14 on.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, ThreadId};
use std::time::Duration;

use pyo3::prelude::*;

/// Long enough for other threads to come out of what they are in, and into [`check`].
const GRACE: Duration = Duration::from_millis(20);

static EXITING: AtomicBool = AtomicBool::new(false);
static LEADER: OnceLock<ThreadId> = OnceLock::new();
static OTHERS: AtomicBool = AtomicBool::new(false);
static FIRST: OnceLock<ThreadId> = OnceLock::new();

/// Notes that an event loop runs in this thread.
pub fn note_thread() {
    let here = thread::current().id();
    if *FIRST.get_or_init(|| here) != here {
        OTHERS.store(true, Ordering::Relaxed);
    }
}

/// Called at exit, by the thread that ends the interpreter: all threads left are daemons.
pub fn hold_others(py: Python<'_>) {
    LEADER.get_or_init(|| thread::current().id());
    EXITING.store(true, Ordering::SeqCst);
    let alone = FIRST.get().is_none_or(|first| *first == thread::current().id());
    if OTHERS.load(Ordering::Relaxed) || !alone {
        py.detach(|| thread::sleep(GRACE));
    }
}

/// Where native code is entered: other threads than the one that exits go no further.
#[inline]
pub fn check(py: Python<'_>) {
    if EXITING.load(Ordering::Relaxed) {
        hold(py);
    }
}

#[cold]
fn hold(py: Python<'_>) {
    if LEADER.get().is_some_and(|leader| *leader != thread::current().id()) {
        py.detach(|| {
            loop {
                thread::park();
            }
        });
    }
}
