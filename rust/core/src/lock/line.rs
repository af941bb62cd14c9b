//! Lines of those who wait, one for each file, first come first served.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::clerk;
use super::file::Key;
use super::wish::{Tried, Wish};
use crate::engine::PerProcess;

/// Between two tries of who is first, when another process has the lock: at first, and at most.
const SHORTEST: Duration = Duration::from_millis(1);
const LONGEST: Duration = Duration::from_millis(40);

/// Those who want one file.
#[derive(Default)]
#[allow(clippy::struct_excessive_bools)] // each is a state of its own
pub(super) struct Line {
    pub(super) waiting: VecDeque<Arc<Wish>>,
    /// How many locks on the file this process holds, and whether that is an exclusive one.
    holders: usize,
    exclusive: bool,
    /// Whether somebody tries just now, and whether there was a reason to try again meanwhile.
    trying: bool,
    again: bool,
    pause: Duration,
    /// When the first one tries next.
    next: Option<Instant>,
    pub(super) local: bool,
}

impl Line {
    /// When to try again; not before somebody in this process lets go, if that is who keeps the first one waiting.
    pub(super) fn due(&self, now: Instant) -> Option<Instant> {
        let first = self.waiting.front()?;
        if self.trying || self.exclusive || (first.exclusive && self.holders > 0) {
            return None;
        }
        Some(self.next.unwrap_or(now))
    }

    fn rest(&mut self) {
        self.pause = (self.pause * 3 / 2).clamp(SHORTEST, LONGEST);
        self.next = Some(Instant::now() + self.pause);
    }

    /// Whoever comes first next tries at once.
    fn hurry(&mut self) {
        self.pause = Duration::ZERO;
        self.next = None;
        self.again = true;
    }
}

/// All lines.
#[derive(Default)]
pub(super) struct Lines {
    pub(super) by_file: HashMap<Key, Line>,
    /// Whether the clerk is there.
    pub(super) attended: bool,
}

#[derive(Default)]
pub(super) struct Office {
    lines: Mutex<Lines>,
    /// There is something new for the clerk.
    pub(super) news: Condvar,
}

static OFFICE: PerProcess<Office> = PerProcess::new();

pub(super) fn office() -> &'static Office {
    OFFICE.get(|_| true, Office::default).0
}

impl Office {
    pub(super) fn lock(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Stands in a line, behind those who asked before; says whether that is its front.
pub(super) fn join(key: Key, local: bool, wish: &Arc<Wish>) -> bool {
    let mut lines = office().lock();
    let line = lines.by_file.entry(key).or_default();
    line.local = local;
    let place = line.waiting.partition_point(|other| other.ticket < wish.ticket);
    line.waiting.insert(place, Arc::clone(wish));
    place == 0
}

/// Leaves a line.
pub(super) fn leave(key: Key, wish: &Arc<Wish>) {
    let mut lines = office().lock();
    let Some(line) = lines.by_file.get_mut(&key) else { return };
    let first = line.waiting.front().is_some_and(|first| Arc::ptr_eq(first, wish));
    line.waiting.retain(|other| !Arc::ptr_eq(other, wish));
    if first {
        line.hurry();
        tidy(&mut lines, key);
        drop(lines);
        clerk::tell();
    }
}

/// A lock of this process has ended.
pub(super) fn free(key: Key, exclusive: bool) {
    let mut lines = office().lock();
    let Some(line) = lines.by_file.get_mut(&key) else { return };
    line.holders = line.holders.saturating_sub(1);
    line.exclusive &= !exclusive;
    let waits = !line.waiting.is_empty();
    line.hurry();
    tidy(&mut lines, key);
    drop(lines);
    if waits {
        clerk::tell();
    }
}

fn tidy(lines: &mut Lines, key: Key) {
    let empty = |line: &Line| line.waiting.is_empty() && line.holders == 0 && !line.trying;
    if lines.by_file.get(&key).is_some_and(empty) {
        lines.by_file.remove(&key);
    }
}

/// Has those at the front of a line try, one after the other, for as long as they get what they want. Blocks.
pub(super) fn attend(key: Key) {
    while let Some(wish) = first(key) {
        let tried = wish.attempt(key);
        if !next(key, &wish, tried) {
            break;
        }
    }
}

/// Who is to try, if anybody.
fn first(key: Key) -> Option<Arc<Wish>> {
    let mut lines = office().lock();
    let line = lines.by_file.get_mut(&key)?;
    if line.trying {
        line.again = true;
        return None;
    }
    line.due(Instant::now())?;
    line.trying = true;
    line.again = false;
    line.waiting.front().cloned()
}

/// After a try: whether there is another one.
fn next(key: Key, wish: &Arc<Wish>, tried: Tried) -> bool {
    let mut lines = office().lock();
    let Some(line) = lines.by_file.get_mut(&key) else { return false };
    line.trying = false;
    let more = match &tried {
        Tried::Busy => {
            line.rest();
            std::mem::take(&mut line.again)
        }
        Tried::Locked(_) => {
            line.holders += 1;
            line.exclusive |= wish.exclusive;
            line.waiting.retain(|other| !Arc::ptr_eq(other, wish));
            line.hurry();
            true
        }
        Tried::Elsewhere | Tried::Failed(_) => {
            line.waiting.retain(|other| !Arc::ptr_eq(other, wish));
            line.hurry();
            true
        }
    };
    tidy(&mut lines, key);
    drop(lines);
    wish.learn(tried);
    more
}
