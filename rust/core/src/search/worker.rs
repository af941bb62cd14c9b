//! What one thread needs to search file after file.

use std::cell::{Cell, RefCell};
use std::fs::File;
use std::io;
use std::sync::Arc;

use grep_searcher::Searcher;
use rustix::fs::{Mode, OFlags};

use super::file::Watched;
use super::floor::Floor;
use super::lines::Lines;
use super::options::{Binary, Options};
use super::outbox::Outbox;
use super::pattern::Pattern;
use super::sink::Gather;
use crate::engine::channel::{Closed, Producer};
use crate::fs::{Failure, retry};

/// The searcher's buffer, as it is at first.
const BUFFER: usize = 64 * 1024;
/// Memory that is not kept from one file to the next.
const KEPT: usize = 4 << 20;

/// Searches files and sends what it finds.
pub(super) struct Worker {
    pattern: Pattern,
    options: Arc<Options>,
    searcher: Searcher,
    producer: Producer<Lines, Failure>,
    outbox: RefCell<Outbox>,
    whole: Vec<u8>,
    spans: Vec<(u32, u32)>,
}

impl Worker {
    pub fn new(
        pattern: &Pattern,
        options: &Arc<Options>,
        producer: &Producer<Lines, Failure>,
        floor: &Arc<Floor>,
    ) -> Self {
        Self {
            pattern: pattern.clone(),
            options: Arc::clone(options),
            searcher: options.searcher(),
            producer: producer.clone(),
            outbox: RefCell::new(Outbox::new(producer.clone(), Arc::clone(floor), options)),
            whole: Vec::new(),
            spans: Vec::new(),
        }
    }

    /// Searches one file. An error is reported, or ends everything if options say so.
    pub fn search(&mut self, path: &[u8]) -> Result<(), Closed> {
        let closed = Cell::new(false);
        self.outbox.get_mut().begin_file(path, self.options.binary == Binary::Skip);
        let binary = Cell::new(false);
        let result = self.search_contents(path, &closed, &binary);
        if closed.get() {
            return Err(Closed);
        }
        if binary.get() && self.options.binary == Binary::Skip {
            self.outbox.get_mut().forget_file();
        }
        self.outbox.get_mut().end_file()?;
        result.or_else(|error| self.note(Failure::on(path, error)))
    }

    /// Searches files whose paths end with a NUL each.
    pub fn search_all(&mut self, paths: &[u8]) -> Result<(), Closed> {
        let mut rest = paths;
        while let Some(end) = memchr::memchr(0, rest) {
            self.breathe()?;
            self.search(&rest[..end])?;
            rest = &rest[end + 1..];
        }
        Ok(())
    }

    /// Reports what could not be read.
    pub fn note(&mut self, failure: Failure) -> Result<(), Closed> {
        let producer = self.producer();
        if self.options.strict {
            producer.fail(failure);
            return Err(Closed);
        }
        producer.report(failure);
        Ok(())
    }

    /// Where results and errors go.
    pub fn producer(&self) -> &Producer<Lines, Failure> {
        &self.producer
    }

    /// Sends what has lingered. Asks whether anybody wants more.
    pub fn breathe(&mut self) -> Result<(), Closed> {
        self.outbox.get_mut().breathe()
    }

    /// Sends all there is.
    pub fn send_rest(&mut self) -> Result<(), Closed> {
        self.outbox.get_mut().finish()
    }

    fn search_contents(&mut self, path: &[u8], closed: &Cell<bool>, binary: &Cell<bool>) -> io::Result<()> {
        let file = open(path)?;
        let matcher = &self.pattern.matcher;
        let asked = Cell::new(0);
        let mut reader = Watched::new(&file, &self.outbox, closed, &asked);
        let gather = Gather {
            matcher,
            outbox: &self.outbox,
            options: &self.options,
            count: 0,
            since: 0,
            binary,
            closed,
            spans: &mut self.spans,
        };
        let result = if self.searcher.multi_line_with_matcher(matcher) {
            let size = file.metadata()?.len();
            reader.read_whole(size, &mut self.whole)?;
            self.searcher.search_slice(matcher, &self.whole, gather)
        } else {
            self.searcher.search_reader(matcher, reader, gather)
        };
        if self.whole.capacity() > KEPT {
            self.whole = Vec::new();
        }
        if asked.get() > BUFFER {
            // It had a long line, and its buffer grew: the next file is to be read as if it were the first.
            self.searcher = self.options.searcher();
        }
        // Without a number of the system's it is the searcher's own: a line longer than it keeps.
        result.map_err(|error| match error.raw_os_error() {
            None if error.kind() == io::ErrorKind::Other => io::Error::from_raw_os_error(libc::EFBIG),
            _ => error,
        })
    }
}

/// A pipe that has taken the place of a file must keep nobody waiting.
fn open(path: &[u8]) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    let opened = retry(|| rustix::fs::open(path, flags, Mode::empty()))?;
    Ok(File::from(opened))
}
