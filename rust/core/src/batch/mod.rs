//! The same for many files at once, on several threads: what comes of each is told with its place in the order that was given.
//!
//! ```
//! use std::time::Duration;
//! use rapfiles_core::batch::{Batch, How, Removal};
//! use rapfiles_core::long::Long;
//!
//! let directory = tempfile::tempdir()?;
//! let path = directory.path().join("a");
//! std::fs::write(&path, "text")?;
//! let path = std::ffi::CString::new(path.as_os_str().as_encoded_bytes())?;
//! let mut batch = Batch::new(Removal { paths: vec![path.clone(), path], missing_ok: true }, How::default());
//! while !batch.advance(Duration::from_millis(50)).map_err(|failure| failure.error)? {}
//! assert_eq!(batch.take_done().into_iter().filter(|(_, removed)| matches!(removed, Ok(true))).count(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod errands;
mod read;
mod rename;
mod table;

use std::ffi::CStr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

pub use errands::{Looks, Removal, Transfers, Writes};
pub use read::{Memory, Read, Reads};
pub use rename::{Flaw, Renames};
use table::Table;

use crate::engine;
use crate::fs::Failure;
use crate::long::{Long, Progress};

/// Threads that wait for a disk together, unless it is said how many.
const WAITING: usize = 16;
/// Longer than this an item takes only if it waits for a disk.
const WAITS: Duration = Duration::from_micros(200);
/// The first slice is short: it tells whether there is waiting.
const FIRST: Duration = Duration::from_millis(10);

/// What a step on an item came to.
#[derive(Debug)]
pub enum Went<D, B> {
    /// It is done, and so many bytes were moved.
    Done(D, u64),
    /// It goes on with something that only the caller has.
    Asks(D),
    /// Time is up.
    Later(B),
}

/// What is done to each of many items.
pub trait Errand: Send + Sync + 'static {
    /// What comes of an item.
    type Done: Send + 'static;
    /// An item that is under way.
    type Begun: Send + 'static;

    /// How many items there are.
    fn total(&self) -> usize;

    /// The path of an item.
    fn path(&self, index: usize) -> &CStr;

    /// Begins with an item, or goes on with it, until it is done or time is up.
    fn go_on(
        &self,
        index: usize,
        begun: Option<Self::Begun>,
        end: Instant,
    ) -> Result<Went<Self::Done, Self::Begun>, Failure>;

    /// How many bytes of memory what was done in one slice may hold together.
    fn held(&self) -> u64 {
        u64::MAX
    }
}

/// How it is done.
#[derive(Clone, Copy, Debug, Default)]
pub struct How {
    /// Threads at work together, at most.
    pub threads: Option<usize>,
    /// Whether the first failure is the end: what is under way then is finished, nothing else begun.
    pub halts: bool,
}

/// What has come of an item.
pub type Outcome<D> = (usize, Result<D, Failure>);

/// A batch under way.
pub struct Batch<E: Errand> {
    table: Arc<Table<E>>,
    threads: Option<usize>,
    /// What an item takes a thread, by what is known.
    pace: Option<Duration>,
}

impl<E: Errand> Batch<E> {
    /// One that hasn't begun.
    pub fn new(errand: E, how: How) -> Self {
        Self { table: Arc::new(Table::new(errand, how.halts)), threads: how.threads, pace: None }
    }

    /// How many threads the next slice is for. More than there are processors are in each other's way, unless they wait.
    fn crew(&self) -> usize {
        let processors = || thread::available_parallelism().map_or(1, usize::from);
        self.threads.unwrap_or_else(|| if self.pace > Some(WAITS) { WAITING.max(processors()) } else { processors() })
    }

    /// What has come of items since this was last asked, in any order.
    pub fn take_done(&mut self) -> Vec<Outcome<E::Done>> {
        std::mem::take(&mut self.table.lock().done)
    }

    /// An item that asked for something goes on with it.
    pub fn resume(&mut self, index: usize, begun: E::Begun) {
        let mut state = self.table.lock();
        state.asked -= 1;
        state.begun.push_back((index, Some(begun)));
        self.table.waiting.fetch_add(1, Ordering::Relaxed);
    }
}

impl<E: Errand> Long for Batch<E> {
    fn advance(&mut self, slice: Duration) -> Result<bool, Failure> {
        let (start, before) = (Instant::now(), self.progress().done);
        let end = start + if self.pace.is_none() { slice.min(FIRST) } else { slice };
        let table = Arc::clone(&self.table);
        let crew = self.crew().min(table.left()).max(1);
        engine::together(crew - 1, &Arc::new(move || table.work(end)));
        let done = u32::try_from(self.progress().done - before).unwrap_or(u32::MAX);
        self.pace = Some(start.elapsed().saturating_mul(u32::try_from(crew).unwrap_or(1)) / done.max(1));
        self.table.settle()
    }

    fn progress(&self) -> Progress {
        let state = self.table.lock();
        Progress { done: state.count, total: self.table.errand.total() as u64, bytes: state.bytes }
    }

    fn give_up(&mut self) {
        self.table.give_up();
    }
}
