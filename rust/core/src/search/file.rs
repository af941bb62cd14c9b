//! Reading a file for the search, in parts between which it can be stopped.

use std::cell::{Cell, RefCell};
use std::fs::File;
use std::io::{self, Read};

use super::ahead::Ahead;
use super::options::LONGEST;
use super::outbox::Outbox;
use crate::engine::channel::Closed;

/// Bytes that are read at once at most.
const AT_ONCE: usize = 256 * 1024;
/// A file that is longer than this is read ahead.
const LONG: u64 = 8 << 20;
/// After so many bytes it is asked whether anybody still wants them.
const BREATH: usize = 64 * 1024;

/// A file that is read as long as somebody wants what is found in it.
pub(super) struct Watched<'a> {
    pub file: &'a File,
    pub outbox: &'a RefCell<Outbox>,
    /// Set when nobody does.
    pub closed: &'a Cell<bool>,
    /// The most that was asked for at once: how long its lines are.
    pub asked: &'a Cell<usize>,
    /// Bytes since it was last asked.
    since: usize,
    /// Bytes since the beginning.
    total: u64,
    ahead: Option<Ahead>,
}

impl<'a> Watched<'a> {
    pub fn new(file: &'a File, outbox: &'a RefCell<Outbox>, closed: &'a Cell<bool>, asked: &'a Cell<usize>) -> Self {
        Self { file, outbox, closed, asked, since: 0, total: 0, ahead: None }
    }
}

impl Read for Watched<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.asked.set(self.asked.get().max(buffer.len()));
        if self.since >= BREATH {
            self.since = 0;
            if let Err(Closed) = self.outbox.borrow_mut().breathe() {
                self.closed.set(true);
                return Err(io::Error::other("nobody wants more"));
            }
        }
        let size = buffer.len().min(AT_ONCE);
        if self.total >= LONG && self.ahead.is_none() {
            self.total = 0;
            self.ahead = self.file.try_clone().ok().map(Ahead::new);
        }
        let count = loop {
            let read = match &mut self.ahead {
                Some(ahead) => ahead.read(&mut buffer[..size]),
                None => self.file.read(&mut buffer[..size]),
            };
            match read {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => break result?,
            }
        };
        self.since += count;
        self.total += count as u64;
        Ok(count)
    }
}

impl Watched<'_> {
    /// Reads all of the file. Its size is believed only as far as bytes come.
    pub fn read_whole(&mut self, size: u64, whole: &mut Vec<u8>) -> io::Result<()> {
        whole.clear();
        // One more, to see the end.
        let mut expected = usize::try_from(size).unwrap_or(LONGEST).min(LONGEST) + 1;
        loop {
            let filled = whole.len();
            if filled == whole.capacity() {
                whole.try_reserve(expected.min(AT_ONCE))?;
            }
            whole.resize(whole.capacity().min(filled + expected.min(AT_ONCE)), 0);
            let count = self.read(&mut whole[filled..]);
            whole.truncate(filled + *count.as_ref().unwrap_or(&0));
            if count? == 0 {
                return Ok(());
            }
            if whole.len() > LONGEST {
                return Err(io::Error::from_raw_os_error(libc::EFBIG));
            }
            expected = expected.saturating_sub(whole.len() - filled);
            if expected == 0 {
                expected = AT_ONCE;
            }
        }
    }
}
