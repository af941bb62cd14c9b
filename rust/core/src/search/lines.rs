//! Batches of matching lines, with the lines around them.

use std::ops::Range;
use std::sync::Arc;

use crate::engine::channel::Batch;

/// Bytes of lines that count as one item of a channel: long lines fill it sooner.
const BYTES_PER_ITEM: usize = 1024;

/// A line, or the lines of a match that spans several.
#[derive(Clone, Debug)]
pub struct Line {
    /// Its number, or that of the first.
    pub number: u64,
    /// How many bytes of the file (of its text, if that was decoded) come before.
    pub offset: u64,
    /// Its bytes within its batch, the end of the line included.
    bytes: Range<usize>,
    /// Its spans within its batch; none for a line that is context only.
    spans: Option<Range<usize>>,
    /// Its file within its batch.
    file: usize,
    /// How many lines it is.
    height: u64,
    /// Whether a NUL had been found in the file.
    pub binary: bool,
}

impl Line {
    fn last(&self) -> u64 {
        self.number + self.height - 1
    }
}

/// What a search has found: matching lines of some files and the lines around them, in one piece of memory.
#[derive(Debug, Default)]
pub struct Lines {
    bytes: Vec<u8>,
    spans: Vec<(u32, u32)>,
    all: Vec<Line>,
    /// Where the matching lines are among them.
    matching: Vec<usize>,
    files: Vec<Arc<[u8]>>,
    /// How many of the matching lines are handed over: later ones may still get context.
    complete: usize,
    /// What there was when the file begun last began: bytes, spans, lines and matching lines.
    mark: [usize; 4],
    before: u64,
    after: u64,
}

impl Batch for Lines {
    fn len(&self) -> usize {
        self.complete
    }

    fn weight(&self) -> usize {
        self.complete.max(self.bytes.len() / BYTES_PER_ITEM)
    }
}

impl Lines {
    pub(super) fn new(before: usize, after: usize) -> Self {
        Self { before: before as u64, after: after as u64, ..Self::default() }
    }

    /// The place of the matching line with this number, which is less than [`Batch::len`].
    pub fn place(&self, n: usize) -> usize {
        self.matching[n]
    }

    /// The line at a place.
    pub fn line(&self, at: usize) -> &Line {
        &self.all[at]
    }

    /// The bytes of a line, its end included.
    pub fn text(&self, line: &Line) -> &[u8] {
        &self.bytes[line.bytes.clone()]
    }

    /// Where the matches of a line begin and end, in bytes.
    pub fn spans(&self, line: &Line) -> &[(u32, u32)] {
        line.spans.clone().map_or(&[], |spans| &self.spans[spans])
    }

    /// The path of a line's file.
    pub fn path(&self, line: &Line) -> &Arc<[u8]> {
        &self.files[line.file]
    }

    /// The lines before the one at a place that come with it.
    pub fn before(&self, at: usize) -> &[Line] {
        let line = &self.all[at];
        let near = |other: &&Line| other.file == line.file && other.last() + self.before >= line.number;
        let count = if self.before == 0 { 0 } else { self.all[..at].iter().rev().take_while(near).count() };
        &self.all[at - count..at]
    }

    /// The lines after the one at a place that come with it.
    pub fn after(&self, at: usize) -> &[Line] {
        let line = &self.all[at];
        let near = |other: &&Line| other.file == line.file && other.number <= line.last() + self.after;
        let count = if self.after == 0 { 0 } else { self.all[at + 1..].iter().take_while(near).count() };
        &self.all[at + 1..=at + count]
    }

    /// How many matching lines there are, complete or not.
    pub(super) fn found(&self) -> usize {
        self.matching.len()
    }

    /// How many lines there are, context included.
    pub(super) fn height(&self) -> usize {
        self.all.len()
    }

    /// How many bytes are kept.
    pub(super) fn size(&self) -> usize {
        self.bytes.len() + self.spans.len() * size_of::<(u32, u32)>()
    }

    pub(super) fn begin_file(&mut self, path: Arc<[u8]>) {
        self.files.push(path);
        self.mark = [self.bytes.len(), self.spans.len(), self.all.len(), self.matching.len()];
    }

    /// Forgets the file begun last.
    pub(super) fn forget_file(&mut self) {
        let [bytes, spans, lines, matching] = self.mark;
        self.files.pop();
        self.bytes.truncate(bytes);
        self.spans.truncate(spans);
        self.all.truncate(lines);
        self.matching.truncate(matching);
    }

    /// Adds a line of the file begun last. Matching lines have spans, even if there are none of them.
    pub(super) fn push(&mut self, bytes: &[u8], line: NewLine, spans: Option<&[(u32, u32)]>) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        if spans.is_some() {
            self.matching.push(self.all.len());
        }
        let spans = spans.map(|spans| {
            let first = self.spans.len();
            self.spans.extend_from_slice(spans);
            first..self.spans.len()
        });
        self.all.push(Line {
            number: line.number,
            offset: line.offset,
            bytes: start..self.bytes.len(),
            spans,
            file: self.files.len() - 1,
            height: line.height,
            binary: line.binary,
        });
    }

    /// The file begun last is searched: nothing is added to its lines any more.
    pub(super) fn end_file(&mut self) {
        self.complete = self.matching.len();
    }

    /// Takes the matching lines that have all their context. What others need stays, copied.
    pub(super) fn split(&mut self) -> Self {
        let Some(last) = self.all.last() else { return std::mem::replace(self, self.fresh()) };
        let (file, reached) = (last.file, last.last());
        let has_all = |at: &usize| {
            let line = &self.all[*at];
            line.file != file || line.last() + self.after <= reached
        };
        let complete = self.matching.partition_point(has_all);
        let mut rest = self.fresh();
        rest.begin_file(Arc::clone(&self.files[file]));
        let next = self.matching.get(complete).map_or(reached + 1, |at| self.all[*at].number);
        let stays = |line: &&Line| line.file == file && line.last() + self.before >= next;
        let kept = self.all.iter().rev().take_while(stays).count();
        for line in &self.all[self.all.len() - kept..] {
            // A matching line that goes is but context of those that stay.
            let spans = line.number >= next && line.spans.is_some();
            let new = NewLine { number: line.number, offset: line.offset, height: line.height, binary: line.binary };
            rest.push(self.text(line), new, spans.then(|| self.spans(line)));
        }
        self.complete = complete;
        self.matching.truncate(complete);
        std::mem::replace(self, rest)
    }

    /// An empty one for the same context.
    pub(super) fn fresh(&self) -> Self {
        Self { before: self.before, after: self.after, ..Self::default() }
    }
}

/// A line that is added.
#[derive(Clone, Copy, Debug)]
pub(super) struct NewLine {
    pub number: u64,
    pub offset: u64,
    pub height: u64,
    pub binary: bool,
}
