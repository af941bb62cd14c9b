//! A file line by line, read ahead while somebody takes them.

use std::borrow::Cow;
use std::ffi::CString;
use std::ops::Range;

use super::chunks::{BLOCK, Input, WEIGHT};
use crate::engine::channel::{Batch, Producer};
use crate::file::translate;
use crate::fs::Failure;
use crate::lent::Lent;

/// Lines that were read at once.
#[derive(Debug, Default)]
pub struct Lines {
    text: Lent,
    /// Where each of them ends.
    ends: Vec<usize>,
}

impl Lines {
    fn new(text: Cow<'_, [u8]>) -> Self {
        let mut ends: Vec<usize> = memchr::memchr_iter(b'\n', &text).map(|at| at + 1).collect();
        if ends.last().copied().unwrap_or(0) < text.len() {
            ends.push(text.len());
        }
        let text = match text {
            Cow::Owned(text) => text.into(),
            Cow::Borrowed(text) => {
                let mut lent = Lent::new(text.len());
                lent.memory().copy_from_slice(text);
                lent
            }
        };
        Self { text, ends }
    }

    /// The line at an index, with its end if it is to be kept.
    pub fn line(&self, index: usize, keep_ends: bool) -> &[u8] {
        let Range { start, end } = self.place(index);
        let line = &self.text[start..end];
        if keep_ends { line } else { line.strip_suffix(b"\n").unwrap_or(line) }
    }

    fn place(&self, index: usize) -> Range<usize> {
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        start..self.ends[index]
    }
}

impl Batch for Lines {
    fn len(&self) -> usize {
        self.ends.len()
    }

    fn weight(&self) -> usize {
        self.text.len() / WEIGHT + 1
    }
}

/// What is to be read.
#[derive(Debug)]
pub struct ReadingLines {
    /// The file.
    pub path: CString,
    /// Whether `\r` and `\r\n` end lines too, and come as `\n`.
    pub universal: bool,
}

impl ReadingLines {
    /// Reads to the end, or until nobody wants more.
    pub fn run(self, producer: &Producer<Lines, Failure>) {
        if let Err(errno) = self.blocks(producer) {
            producer.fail(errno.into());
        }
    }

    fn blocks(&self, producer: &Producer<Lines, Failure>) -> rustix::io::Result<()> {
        let file = Input::open(&self.path, 0, &|| !producer.is_closed())?;
        // What comes after the last line end, and how far it was looked through for another one.
        let (mut bytes, mut searched) = (Vec::new(), 0);
        loop {
            let before = bytes.len();
            bytes.resize(before + BLOCK, 0);
            // Whoever writes into a pipe may take their time: what came is handed on.
            let count = file.read_some(&mut bytes[before..])?;
            bytes.truncate(before + count);
            let ended = count == 0;
            let split = if ended { bytes.len() } else { searched + self.whole(&bytes[searched..]) };
            if split > searched || ended {
                if producer.send(Lines::new(self.translated(&bytes[..split]))).is_err() || ended {
                    return Ok(());
                }
                bytes.drain(..split);
                searched = 0;
            } else {
                // Half of a "\r\n" may stand at the end.
                searched = bytes.len().saturating_sub(1);
                if producer.is_closed() {
                    return Ok(());
                }
            }
        }
    }

    /// How many of the bytes are whole lines.
    fn whole(&self, bytes: &[u8]) -> usize {
        let last = if self.universal {
            let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
            memchr::memrchr2(b'\n', b'\r', bytes)
        } else {
            memchr::memrchr(b'\n', bytes)
        };
        last.map_or(0, |last| last + 1)
    }

    fn translated<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        if self.universal { translate(bytes) } else { bytes.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &[u8], keep_ends: bool) -> Vec<Vec<u8>> {
        let lines = Lines::new(text.into());
        (0..lines.len()).map(|index| lines.line(index, keep_ends).to_vec()).collect()
    }

    #[test]
    fn ends_are_kept_or_not() {
        assert_eq!(lines(b"a\n\nb", false), [&b"a"[..], b"", b"b"]);
        assert_eq!(lines(b"a\n\nb\n", true), [&b"a\n"[..], b"\n", b"b\n"]);
        assert!(lines(b"", false).is_empty());
    }

    #[test]
    fn half_an_end_waits_for_the_other() {
        let reading = ReadingLines { path: CString::default(), universal: true };
        assert_eq!(reading.whole(b"a\r\nb\r"), 3);
        assert_eq!(reading.whole(b"a\rb"), 2);
        assert_eq!(reading.whole(b"a\r"), 0);
        let reading = ReadingLines { universal: false, ..reading };
        assert_eq!(reading.whole(b"a\nb\r"), 2);
    }
}
