//! What one thread has found and not yet sent.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::floor::Floor;
use super::lines::{Lines, NewLine};
use super::options::Options;
use crate::engine::channel::{Closed, Producer};
use crate::fs::Failure;

/// Matching lines that travel together at most.
const MOST: usize = 1024;
/// Bytes that travel together, about.
const BYTES: usize = 256 * 1024;
/// While another file is handed over in parts, so much more is kept before one waits.
const PATIENCE: usize = 16;
/// Lines are not kept from the consumer for longer than this while others are looked for.
const LINGER: Duration = Duration::from_millis(2);

/// Gathers the lines of whole files, or of parts of a long one while holding the floor.
pub(super) struct Outbox {
    producer: Producer<Lines, Failure>,
    floor: Arc<Floor>,
    lines: Lines,
    /// The file that is being searched, until its first line.
    path: Option<Arc<[u8]>>,
    /// Whether parts of that file have been sent: nobody else may send meanwhile.
    holding: bool,
    /// Whether that is out of the question.
    whole: bool,
    goal: usize,
    since: Option<Instant>,
    /// Lines there have to be before the next part is split off.
    later: usize,
}

impl Outbox {
    pub fn new(producer: Producer<Lines, Failure>, floor: Arc<Floor>, options: &Options) -> Self {
        let lines = Lines::new(options.before_context, options.after_context);
        Self { producer, floor, lines, path: None, holding: false, whole: false, goal: 1, since: None, later: 0 }
    }

    /// A file is searched from here on.
    /// `whole`: nothing of it is sent before all of it was searched.
    pub fn begin_file(&mut self, path: &[u8], whole: bool) {
        self.path = Some(path.into());
        self.whole = whole;
    }

    /// The file is not to be searched after all.
    pub fn forget_file(&mut self) {
        if self.path.take().is_none() {
            self.lines.forget_file();
        }
        self.path = None;
    }

    /// Adds a line of that file.
    pub fn push(&mut self, bytes: &[u8], line: NewLine, spans: Option<&[(u32, u32)]>) -> Result<(), Closed> {
        if let Some(path) = self.path.take() {
            self.lines.begin_file(path);
        }
        self.lines.push(bytes, line, spans);
        self.since.get_or_insert_with(Instant::now);
        if self.lines.found() < self.goal && self.lines.size() < BYTES {
            return Ok(());
        }
        self.send_part()
    }

    /// Nothing came for a while.
    pub fn breathe(&mut self) -> Result<(), Closed> {
        if self.since.is_some_and(|since| since.elapsed() > LINGER) {
            return self.send_part();
        }
        if self.producer.is_closed() { Err(Closed) } else { Ok(()) }
    }

    /// The file is searched.
    pub fn end_file(&mut self) -> Result<(), Closed> {
        if self.path.take().is_none() {
            self.lines.end_file();
        }
        let due = self.is_due() || self.since.is_some_and(|since| since.elapsed() > LINGER);
        if self.holding || due && self.may_speak() { self.send_all() } else { Ok(()) }
    }

    /// Sends what is left; no more files are searched.
    pub fn finish(&mut self) -> Result<(), Closed> {
        if self.lines.found() == 0 {
            return Ok(());
        }
        if !self.holding {
            self.floor.take();
        }
        self.send_all()
    }

    fn is_due(&self) -> bool {
        self.lines.found() >= self.goal || self.lines.size() >= BYTES
    }

    /// Whether the floor is held now. One waits for it only with much to say.
    fn may_speak(&mut self) -> bool {
        let much = self.lines.found() >= MOST * PATIENCE || self.lines.size() >= BYTES * PATIENCE;
        if !self.holding && much {
            self.floor.take();
        } else if !self.holding && !self.floor.try_take() {
            return false;
        }
        self.holding = true;
        true
    }

    /// Sends what is complete, in the middle of a file.
    fn send_part(&mut self) -> Result<(), Closed> {
        if self.whole && self.path.is_none() || !self.may_speak() {
            return Ok(());
        }
        let whole_files_only = self.path.is_some();
        if whole_files_only {
            return self.send_all();
        }
        if self.lines.height() < self.later {
            return Ok(());
        }
        let part = self.lines.split();
        // What had to stay was copied: it is to grow before that is done again.
        self.later = self.lines.height() * 2;
        self.since = (self.lines.found() > 0).then(Instant::now);
        self.send(part)
    }

    /// Sends everything, and gives the floor back.
    fn send_all(&mut self) -> Result<(), Closed> {
        let all = std::mem::take(&mut self.lines);
        self.lines = all.fresh();
        self.since = None;
        self.later = 0;
        let sent = self.send(all);
        self.holding = false;
        self.floor.give();
        sent
    }

    fn send(&mut self, lines: Lines) -> Result<(), Closed> {
        self.goal = (self.goal * 4).min(MOST);
        self.producer.send(lines)
    }
}

impl Drop for Outbox {
    fn drop(&mut self) {
        if self.holding {
            self.floor.give();
        }
    }
}
