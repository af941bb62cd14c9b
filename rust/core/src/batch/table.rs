//! What is left of a batch, and what has come of it: where its threads meet.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::{Errand, Outcome, Went};
use crate::fs::Failure;

pub(super) struct State<E: Errand> {
    /// Items that are under way, or that met the limit on open files, and nobody is at.
    pub begun: VecDeque<(usize, Option<E::Begun>)>,
    pub done: Vec<Outcome<E::Done>>,
    /// Items that wait for something that only the caller has.
    pub asked: usize,
    /// Items that are done.
    pub count: u64,
    pub bytes: u64,
    /// Why there was no descriptor to be had in this slice.
    starved: Option<Failure>,
    /// Whether anything was done in this slice.
    moved: bool,
}

pub(super) struct Table<E: Errand> {
    pub errand: E,
    halts: bool,
    /// The first item that nobody has begun with.
    next: AtomicUsize,
    /// How many there are in [`State::begun`].
    pub waiting: AtomicUsize,
    /// Nothing more is begun.
    over: AtomicBool,
    /// Bytes that this slice's results hold.
    held: AtomicU64,
    state: Mutex<State<E>>,
}

/// What a thread has done by itself.
struct Own<E: Errand> {
    begun: Vec<(usize, Option<E::Begun>)>,
    done: Vec<Outcome<E::Done>>,
    asked: usize,
    bytes: u64,
    starved: Option<Failure>,
}

impl<E: Errand> Table<E> {
    pub fn new(errand: E, halts: bool) -> Self {
        let state = State {
            begun: VecDeque::new(),
            done: Vec::new(),
            asked: 0,
            count: 0,
            bytes: 0,
            starved: None,
            moved: false,
        };
        Self {
            errand,
            halts,
            next: AtomicUsize::new(0),
            waiting: AtomicUsize::new(0),
            over: AtomicBool::new(false),
            held: AtomicU64::new(0),
            state: Mutex::new(state),
        }
    }

    pub fn lock(&self) -> MutexGuard<'_, State<E>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many items nobody is at.
    pub fn left(&self) -> usize {
        let fresh = self.errand.total().saturating_sub(self.next.load(Ordering::Relaxed));
        fresh + self.waiting.load(Ordering::Relaxed)
    }

    fn take(&self) -> Option<(usize, Option<E::Begun>)> {
        if self.over.load(Ordering::Relaxed) || self.held.load(Ordering::Relaxed) > self.errand.held() {
            return None;
        }
        if self.waiting.load(Ordering::Relaxed) > 0
            && let Some(begun) = self.lock().begun.pop_front()
        {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            return Some(begun);
        }
        let index = self.next.fetch_add(1, Ordering::Relaxed);
        (index < self.errand.total()).then_some((index, None))
    }

    /// What a thread does in a slice: one item at least, if there is one.
    pub fn work(&self, end: Instant) {
        let mut own = Own { begun: Vec::new(), done: Vec::new(), asked: 0, bytes: 0, starved: None };
        while let Some((index, begun)) = self.take() {
            if !self.step(&mut own, index, begun, end) || Instant::now() >= end {
                break;
            }
        }
        self.hand_in(own);
    }

    /// Goes on with an item. False if this thread had better stop.
    fn step(&self, own: &mut Own<E>, index: usize, begun: Option<E::Begun>, end: Instant) -> bool {
        match self.errand.go_on(index, begun, end) {
            Ok(Went::Done(done, bytes)) => {
                own.bytes += bytes;
                self.held.fetch_add(bytes, Ordering::Relaxed);
                own.done.push((index, Ok(done)));
            }
            Ok(Went::Asks(done)) => {
                own.asked += 1;
                own.done.push((index, Ok(done)));
            }
            Ok(Went::Later(begun)) => {
                own.begun.push((index, Some(begun)));
                return false;
            }
            Err(failure) if failure.lacks_fd() => {
                own.begun.push((index, None));
                own.starved = Some(Failure::on(self.errand.path(index).to_bytes(), failure.error));
                return false;
            }
            Err(failure) => {
                own.done.push((index, Err(failure)));
                if self.halts {
                    self.over.store(true, Ordering::Relaxed);
                }
            }
        }
        true
    }

    fn hand_in(&self, own: Own<E>) {
        let mut state = self.lock();
        state.moved |= !own.done.is_empty() || own.begun.iter().any(|(_, begun)| begun.is_some());
        state.count += (own.done.len() - own.asked) as u64;
        state.asked += own.asked;
        state.bytes += own.bytes;
        if state.done.is_empty() {
            state.done = own.done;
        } else {
            state.done.extend(own.done);
        }
        self.waiting.fetch_add(own.begun.len(), Ordering::Relaxed);
        state.begun.extend(own.begun);
        if own.starved.is_some() {
            state.starved = own.starved;
        }
    }

    /// After a slice: whether everything is done. An error if nothing could be, because too many files are open.
    pub fn settle(&self) -> Result<bool, Failure> {
        let mut state = self.lock();
        let (starved, moved) = (state.starved.take(), std::mem::take(&mut state.moved));
        self.held.store(0, Ordering::Relaxed);
        match starved {
            Some(failure) if !moved => Err(failure),
            _ => Ok(self.over.load(Ordering::Relaxed) || (self.left() == 0 && state.asked == 0)),
        }
    }

    pub fn give_up(&self) {
        self.over.store(true, Ordering::Relaxed);
        let mut state = self.lock();
        let begun = std::mem::take(&mut state.begun);
        state.done.clear();
        drop(state);
        drop(begun);
    }
}
