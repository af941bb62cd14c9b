//! Somebody wants a lock.

use std::ffi::{CStr, CString};
use std::io;
use std::mem;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::file::{Key, LockFile};
use super::held::Held;
use super::{clerk, line};
use crate::engine::channel::Waiter;

static TICKETS: AtomicU64 = AtomicU64::new(0);

/// What has come of it.
#[derive(Debug)]
pub enum Outcome {
    /// The lock.
    Held(Held),
    /// The file can't be opened or locked.
    Failed(io::Error),
    /// It took longer than whoever asked would wait.
    TimedOut,
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// [`Wish::ask`] is to be called, on a thread that may block.
    Ask,
    /// It stands in line.
    Waits,
    /// [`Wish::take`] tells what has come of it.
    Decided,
}

/// What one try has shown.
pub(super) enum Tried {
    Locked(LockFile),
    Busy,
    /// The path leads to another file by now.
    Elsewhere,
    Failed(io::Error),
}

enum State {
    New,
    InLine(Key),
    Decided(Outcome),
    /// Nobody wants it any more, or it was taken.
    Over,
}

struct Inner {
    state: State,
    waiter: Option<Waiter>,
    /// Open already, for the first try.
    file: Option<LockFile>,
}

/// Somebody who wants a lock.
pub struct Wish {
    path: CString,
    pub(super) exclusive: bool,
    pub(super) deadline: Option<Instant>,
    /// Who asked earlier has a smaller one, whichever thread comes to the line first.
    pub(super) ticket: u64,
    inner: Mutex<Inner>,
}

impl Wish {
    /// `timeout`: from now on.
    pub fn new(path: &CStr, exclusive: bool, timeout: Option<Duration>) -> Arc<Self> {
        let inner = Mutex::new(Inner { state: State::New, waiter: None, file: None });
        // What is too far away for a clock never comes.
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        let ticket = TICKETS.fetch_add(1, Ordering::Relaxed);
        Arc::new(Self { path: path.to_owned(), exclusive, deadline, ticket, inner })
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How far it is.
    pub fn stage(&self) -> Stage {
        match self.lock().state {
            State::New | State::Over => Stage::Ask,
            State::InLine(_) => Stage::Waits,
            State::Decided(_) => Stage::Decided,
        }
    }

    /// Stands in line, and tries at once if nobody is before. Blocks while the file is opened.
    pub fn ask(self: &Arc<Self>) {
        let file = match LockFile::open(&self.path) {
            Ok(file) => file,
            Err(error) => return self.decide(Outcome::Failed(error)),
        };
        let (key, local) = (file.key, file.local);
        {
            let mut inner = self.lock();
            inner.state = State::InLine(key);
            inner.file = Some(file);
        }
        if !line::join(key, local, self) {
            // Waiting takes no descriptor.
            let file = self.lock().file.take();
            drop(file);
        }
        line::attend(key);
        if self.is_late(Instant::now()) {
            self.expire();
        } else if self.stage() == Stage::Waits {
            clerk::tell();
        }
    }

    /// One try. Blocks.
    pub(super) fn attempt(&self, key: Key) -> Tried {
        let there = self.lock().file.take();
        let file = match there.map_or_else(|| LockFile::open(&self.path), Ok) {
            Ok(file) => file,
            // There will be one later.
            Err(error) if matches!(error.raw_os_error(), Some(libc::EMFILE | libc::ENFILE)) => return Tried::Busy,
            Err(error) => return Tried::Failed(error),
        };
        if file.key != key {
            return Tried::Elsewhere;
        }
        match file.try_lock(self.exclusive) {
            Ok(true) if file.is_at(&self.path) => Tried::Locked(file),
            Ok(true) => Tried::Elsewhere,
            Ok(false) => Tried::Busy,
            Err(error) => Tried::Failed(error),
        }
    }

    /// Hears what a try has shown. It is not in the line any more, if that is anything but [`Tried::Busy`].
    pub(super) fn learn(&self, tried: Tried) {
        match tried {
            Tried::Busy => {}
            Tried::Locked(file) => self.decide(Outcome::Held(Held::new(file, self.exclusive))),
            Tried::Failed(error) => self.decide(Outcome::Failed(error)),
            Tried::Elsewhere => {
                let mut inner = self.lock();
                if matches!(inner.state, State::InLine(_)) {
                    // It begins again, in another line.
                    inner.state = State::New;
                    wake(inner);
                }
            }
        }
    }

    /// A lock that nobody wants any more is released.
    fn decide(&self, outcome: Outcome) {
        let mut inner = self.lock();
        if matches!(inner.state, State::New | State::InLine(_)) {
            inner.state = State::Decided(outcome);
            wake(inner);
        } else {
            drop(inner);
            drop(outcome);
        }
    }

    pub(super) fn is_late(&self, now: Instant) -> bool {
        self.deadline.is_some_and(|deadline| deadline <= now)
    }

    /// The time is over, unless it has got the lock.
    pub(super) fn expire(self: &Arc<Self>) {
        let State::InLine(key) = self.lock().state else { return };
        line::leave(key, self);
        self.decide(Outcome::TimedOut);
    }

    /// Calls `waiter` as soon as it is decided: at once if it is already.
    pub fn when_decided(&self, waiter: Waiter) {
        let mut inner = self.lock();
        if matches!(inner.state, State::InLine(_)) {
            inner.waiter = Some(waiter);
        } else {
            drop(inner);
            waiter();
        }
    }

    /// What has come of it; not before, and once.
    pub fn take(&self) -> Option<Outcome> {
        let mut inner = self.lock();
        if !matches!(inner.state, State::Decided(_)) {
            return None;
        }
        match mem::replace(&mut inner.state, State::Over) {
            State::Decided(outcome) => Some(outcome),
            _ => None,
        }
    }

    /// Whether it failed because too many files are open.
    pub fn wants_fd(&self) -> bool {
        let errno = match &self.lock().state {
            State::Decided(Outcome::Failed(error)) => error.raw_os_error(),
            _ => None,
        };
        matches!(errno, Some(libc::EMFILE | libc::ENFILE))
    }

    /// Nobody wants it any more. A lock that was got by now is released.
    pub fn give_up(self: &Arc<Self>) {
        let mut inner = self.lock();
        let before = mem::replace(&mut inner.state, State::Over);
        inner.waiter = None;
        drop(inner);
        if let State::InLine(key) = before {
            line::leave(key, self);
        }
    }
}

fn wake(mut inner: MutexGuard<'_, Inner>) {
    let waiter = inner.waiter.take();
    drop(inner);
    if let Some(waiter) = waiter {
        waiter();
    }
}
