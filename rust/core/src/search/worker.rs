//! What one thread needs to search file after file.

use std::cell::{Cell, RefCell};
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;

use grep_searcher::Searcher;

use super::file::Watched;
use super::floor::Floor;
use super::lines::Lines;
use super::options::{Binary, Options};
use super::outbox::Outbox;
use super::pattern::Pattern;
use super::sink::Gather;
use crate::engine::channel::{Closed, Producer};
use crate::fs::Failure;

/// Memory that is not kept from one file to the next.
const KEPT: usize = 4 << 20;

/// Searches files and sends what it finds.
pub(super) struct Worker {
    pattern: Pattern,
    options: Arc<Options>,
    searcher: Searcher,
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
            outbox: RefCell::new(Outbox::new(producer.clone(), Arc::clone(floor), options)),
            whole: Vec::new(),
            spans: Vec::new(),
        }
    }

    /// Searches one file. An error is reported, or ends everything if options say so.
    pub fn search(&mut self, path: &Path) -> Result<(), Closed> {
        let closed = Cell::new(false);
        self.outbox.get_mut().begin_file(path.as_os_str().as_bytes(), self.options.binary == Binary::Skip);
        let binary = Cell::new(false);
        let result = self.search_contents(path, &closed, &binary);
        if closed.get() {
            return Err(Closed);
        }
        if binary.get() && self.options.binary == Binary::Skip {
            self.outbox.get_mut().forget_file();
        }
        self.outbox.get_mut().end_file()?;
        result.or_else(|error| self.note(Failure::on(path.as_os_str().as_bytes(), error)))
    }

    /// Reports what could not be read.
    pub fn note(&mut self, failure: Failure) -> Result<(), Closed> {
        let producer = self.outbox.get_mut().producer();
        if self.options.strict {
            producer.fail(failure);
            return Err(Closed);
        }
        producer.report(failure);
        Ok(())
    }

    /// There was nothing to search, this time.
    pub fn rest(&mut self) -> Result<(), Closed> {
        self.outbox.get_mut().breathe()
    }

    /// Sends what is left.
    pub fn finish(&mut self) -> Result<(), Closed> {
        self.outbox.get_mut().finish()
    }

    fn search_contents(&mut self, path: &Path, closed: &Cell<bool>, binary: &Cell<bool>) -> io::Result<()> {
        let file = open(path)?;
        if let Some(most) = self.options.max_filesize
            && file.metadata()?.len() > most
        {
            return Ok(());
        }
        let matcher = &self.pattern.matcher;
        let asked = Cell::new(0);
        let mut reader = Watched::new(&file, &self.outbox, closed, &asked);
        let gather = Gather {
            matcher,
            outbox: &self.outbox,
            policy: self.options.binary,
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
        if self.whole.capacity().max(asked.get()) > KEPT {
            self.whole = Vec::new();
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
fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY).open(path)
}
