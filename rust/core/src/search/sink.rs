//! What the searcher calls for each line it reports.

use std::cell::{Cell, RefCell};
use std::io;
use std::ops::Range;

use grep_matcher::Matcher;
use grep_regex::RegexMatcher;
use grep_searcher::{Searcher, Sink, SinkContext, SinkMatch};

use super::lines::NewLine;
use super::options::{Binary, Options};
use super::outbox::Outbox;
use crate::engine::channel::Closed;

/// How far beyond a match that spans lines the pattern may look, when its parts are found again.
const LOOK_AHEAD: usize = 128;

/// Puts the lines of one file into the outbox.
pub(super) struct Gather<'a> {
    pub matcher: &'a RegexMatcher,
    pub outbox: &'a RefCell<Outbox>,
    pub options: &'a Options,
    /// Matching lines so far.
    pub count: u64,
    /// Lines since the last of them.
    pub since: usize,
    /// Whether a NUL has been met.
    pub binary: &'a Cell<bool>,
    /// Whether nobody wants more.
    pub closed: &'a Cell<bool>,
    pub spans: &'a mut Vec<(u32, u32)>,
}

impl Gather<'_> {
    /// Finds the matches of a line that is known to match.
    fn find_spans(&mut self, searcher: &Searcher, buffer: &[u8], line: &Range<usize>) -> io::Result<()> {
        self.spans.clear();
        let end = if searcher.multi_line_with_matcher(self.matcher) {
            buffer.len().min(line.end + LOOK_AHEAD)
        } else {
            // A pattern must not see the end of its own line.
            line.start + without_end(searcher, &buffer[line.clone()])
        };
        let place = |at: usize| u32::try_from(at.min(line.end) - line.start).unwrap_or(u32::MAX);
        let spans = &mut *self.spans;
        let found = self.matcher.find_iter_at(&buffer[..end], line.start, |found| {
            if found.start() >= line.end {
                return false;
            }
            spans.push((place(found.start()), place(found.end())));
            true
        });
        found.map_err(io::Error::other)?;
        // An empty match behind everything is none.
        if spans.last().is_some_and(|&(start, end)| start == end && start as usize >= buffer.len()) {
            spans.pop();
        }
        Ok(())
    }

    /// Adds a line of context; `false` if none is wanted any more.
    fn put_after(&mut self, bytes: &[u8], line: NewLine) -> bool {
        let enough = self.options.max_count.is_some_and(|most| self.count >= most);
        if enough && self.since >= self.options.after_context {
            return false;
        }
        self.since += 1;
        self.put(bytes, line, false)
    }

    fn put(&mut self, bytes: &[u8], line: NewLine, matches: bool) -> bool {
        let spans = matches.then_some(self.spans.as_slice());
        let Err(Closed) = self.outbox.borrow_mut().push(bytes, line, spans) else { return true };
        self.closed.set(true);
        false
    }
}

/// How many bytes of a line come before its end.
fn without_end(searcher: &Searcher, line: &[u8]) -> usize {
    match line {
        [rest @ .., b'\r', b'\n'] if searcher.line_terminator().is_crlf() => rest.len(),
        [rest @ .., b'\n'] => rest.len(),
        _ => line.len(),
    }
}

impl Sink for Gather<'_> {
    type Error = io::Error;

    fn matched(&mut self, searcher: &Searcher, found: &SinkMatch<'_>) -> io::Result<bool> {
        let enough = self.options.max_count.is_some_and(|most| self.count >= most);
        if enough || searcher.invert_match() {
            self.spans.clear();
        } else {
            self.find_spans(searcher, found.buffer(), &found.bytes_range_in_buffer())?;
        }
        let height = if searcher.multi_line_with_matcher(self.matcher) { found.lines().count() as u64 } else { 1 };
        let line = NewLine {
            number: found.line_number().unwrap_or(0),
            offset: found.absolute_byte_offset(),
            height,
            binary: self.binary.get(),
        };
        if enough {
            // It is shown after the last one that was wanted, if it is near.
            return Ok(self.put_after(found.bytes(), line));
        }
        self.count += 1;
        self.since = 0;
        let last = self.options.max_count == Some(self.count) && self.options.after_context == 0;
        Ok(self.put(found.bytes(), line, true) && !last)
    }

    fn context(&mut self, _: &Searcher, context: &SinkContext<'_>) -> io::Result<bool> {
        let line = NewLine {
            number: context.line_number().unwrap_or(0),
            offset: context.absolute_byte_offset(),
            height: 1,
            binary: self.binary.get(),
        };
        Ok(self.put_after(context.bytes(), line))
    }

    fn binary_data(&mut self, _: &Searcher, _: u64) -> io::Result<bool> {
        self.binary.set(true);
        Ok(self.options.binary != Binary::Skip)
    }
}
