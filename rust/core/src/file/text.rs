//! Text over a file's bytes, for encodings in which a line end is a byte of its own.
//!
//! Nothing is decoded ahead: a run of bytes is checked and marked as decoded, and strings are made straight from
//! the file's buffer. So `tell` is a byte position, and a line costs one copy. The marks advance in the steps in
//! which the standard library decodes, because three things can be seen of them: where a decoding error appears,
//! what `newlines` has met, and where a write lands that follows a read.

use super::handle::File;
use super::lines::Newline;
use super::transcode::{Charset, pairs, starts};
use crate::error::{Result, Way};

/// The step in which text is decoded.
pub const CHUNK: usize = 8192;

/// How much text is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    /// All that is left.
    All,
    /// So many characters.
    Characters(usize),
    /// A line, or its first so many characters.
    Line(Option<usize>),
}

/// How far the decoded bytes were looked through for something.
#[derive(Clone, Copy, Debug)]
pub struct Search {
    want: Want,
    /// Where the text begins that is looked for.
    from: usize,
    /// Line ends were looked for up to here …
    searched: usize,
    /// … and characters counted up to here.
    counted: usize,
    characters: usize,
}

impl Search {
    /// Looks for text behind the first `from` decoded bytes.
    pub fn new(want: Want, from: usize) -> Self {
        Self { want, from, searched: from, counted: from, characters: 0 }
    }

    /// How many characters are missing.
    fn missing(&self) -> usize {
        match self.want {
            Want::Characters(most) | Want::Line(Some(most)) => most - self.characters,
            Want::All | Want::Line(None) => usize::MAX,
        }
    }
}

/// What became of a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// What was wanted ends here, counted in bytes.
    Here(usize),
    /// The step that ends here has bytes that are not of this encoding.
    Invalid(usize),
}

/// Why no more text could be marked.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    More,
    End,
    Invalid(usize),
}

/// How far a file's buffer is decoded.
#[derive(Clone, Debug)]
pub struct Text {
    charset: Charset,
    newline: Newline,
    /// Bytes of [`File::buffered`] that are whole, valid characters.
    decoded: usize,
    /// Bytes taken from the file for that; the difference is the start of a character or of a line end.
    taken: usize,
    /// Whether all that is decoded is ASCII.
    ascii: bool,
    /// Whether something was decoded since the file's position was last set.
    begun: bool,
    /// Bytes per character in the last step.
    ratio: f64,
    /// Line ends met: 1 `\r`, 2 `\n`, 4 `\r\n`.
    seen: u8,
}

impl Text {
    /// Text that starts where the file stands.
    pub fn new(charset: Charset, newline: Newline) -> Self {
        Self { charset, newline, decoded: 0, taken: 0, ascii: true, begun: false, ratio: 0.0, seen: 0 }
    }

    /// The encoding.
    pub fn charset(&self) -> Charset {
        self.charset
    }

    /// Whether line ends are read as `\n`.
    pub fn translates(&self) -> bool {
        self.newline == Newline::Translated
    }

    /// Whether everything decoded so far and not consumed is ASCII.
    #[inline]
    pub fn is_ascii(&self) -> bool {
        self.ascii
    }

    /// Whether reading is under way: something was decoded since the file's position was last set.
    pub fn begun(&self) -> bool {
        self.begun
    }

    /// Bytes that are decoded.
    #[inline]
    pub fn decoded(&self) -> usize {
        self.decoded
    }

    /// Bytes beyond the reader that the decoder has taken.
    pub fn taken(&self) -> usize {
        self.taken
    }

    /// Line ends met so far: 1 `\r`, 2 `\n`, 4 `\r\n`.
    pub fn seen(&self) -> u8 {
        self.seen
    }

    /// Gives decoded bytes to the reader.
    #[inline]
    pub fn consume(&mut self, file: &mut File, count: usize) {
        file.consume(count);
        self.decoded -= count;
        self.taken -= count;
        if self.decoded == 0 {
            self.ascii = true;
        }
    }

    /// Forgets which line ends were met.
    pub fn forget_newlines(&mut self) {
        self.seen = 0;
    }

    /// Reading goes on where another decoder has stopped.
    pub fn resume(&mut self) {
        self.reset();
        self.begun = true;
    }

    /// Forgets what is decoded: the file's position has moved, or is about to be written at.
    pub fn reset(&mut self) {
        self.decoded = 0;
        self.taken = 0;
        self.ascii = true;
        self.begun = false;
    }

    /// The first line, its end included, if it is decoded already.
    #[inline]
    pub fn line(&self, file: &File) -> Option<usize> {
        self.newline.line(&file.buffered()[..self.decoded], true)
    }

    /// Decodes until what is wanted is there, or the file ends.
    pub fn find(&mut self, file: &mut File, way: Way, search: &mut Search) -> Result<Found> {
        if search.want == Want::All {
            return self.find_all(file, way);
        }
        // The standard library decodes a step even for none of a line's characters.
        let mut first = search.want == Want::Line(Some(0)) && !self.begun;
        loop {
            if let Some(end) = self.look(file, search).filter(|_| !first) {
                return Ok(Found::Here(end));
            }
            let hint = if matches!(search.want, Want::Characters(_)) { search.missing() } else { 0 };
            match self.advance(file, way, hint)? {
                Step::More => {}
                Step::End => {
                    self.begun &= matches!(search.want, Want::Characters(_));
                    return Ok(Found::Here(self.decoded));
                }
                Step::Invalid(end) => return Ok(Found::Invalid(end)),
            }
            first = false;
        }
    }

    /// Decodes all the rest at once. Where that stops, what comes before is decoded.
    fn find_all(&mut self, file: &mut File, way: Way) -> Result<Found> {
        file.ensure(way, usize::MAX)?;
        self.taken = file.buffered().len();
        let found = if let Step::Invalid(end) = self.last(file) {
            let fresh = &file.buffered()[self.decoded..];
            let valid = self.valid(fresh);
            self.mark(&fresh[..valid]);
            Found::Invalid(end)
        } else {
            Found::Here(self.decoded)
        };
        self.begun = false;
        Ok(found)
    }

    /// The length in bytes of what is decoded, at most so many characters.
    pub fn measure(&self, file: &File, most: usize) -> usize {
        self.span(&file.buffered()[..self.decoded], most).0
    }

    /// Looks through what is decoded and not looked through yet.
    fn look(&self, file: &File, search: &mut Search) -> Option<usize> {
        let bytes = &file.buffered()[..self.decoded];
        let line = match search.want {
            Want::Line(_) => self.newline.line(&bytes[search.searched..], true).map(|length| search.searched + length),
            Want::Characters(_) | Want::All => None,
        };
        let missing = search.missing();
        let mut found = line;
        if missing < usize::MAX {
            let (length, count) = self.span(&bytes[search.counted..line.unwrap_or(bytes.len())], missing);
            search.counted += length;
            search.characters += count;
            found = (line.is_some() || count == missing).then_some(search.counted);
        }
        if found.is_none() {
            // Half of a "\r\n" may stand at the end.
            search.searched = bytes.len().saturating_sub(1).max(search.from);
        }
        found
    }

    /// Decodes one step more; `hint`: so many characters are missing.
    fn advance(&mut self, file: &mut File, way: Way, hint: usize) -> Result<Step> {
        #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, clippy::cast_sign_loss)] // an estimate
        let size = CHUNK.max((hint as f64 * self.ratio.max(1.0)) as usize);
        self.begun = true;
        loop {
            let came = file.step(way, self.taken, size)?;
            if came == 0 {
                return Ok(self.last(file));
            }
            let end = self.taken + came;
            let fresh = &file.buffered()[self.decoded..end];
            let Some(whole) = self.whole(fresh) else { return Ok(Step::Invalid(end)) };
            let held = usize::from(self.splits(&fresh[..whole]));
            let fresh = &fresh[..whole - held];
            self.taken = end;
            let characters = self.mark(fresh);
            #[allow(clippy::cast_precision_loss)] // an estimate
            let ratio = if characters == 0 { 0.0 } else { came as f64 / characters as f64 };
            self.ratio = ratio;
            if characters > 0 {
                return Ok(Step::More);
            }
        }
    }

    /// What is left at the end of the file: half a character there is an error, a lone `\r` a line end.
    fn last(&mut self, file: &File) -> Step {
        let fresh = &file.buffered()[self.decoded..];
        if fresh.is_empty() {
            return Step::End;
        }
        if self.whole(fresh) != Some(fresh.len()) {
            return Step::Invalid(file.buffered().len());
        }
        self.mark(fresh);
        self.taken = self.decoded;
        Step::More
    }

    /// How many bytes are whole characters; `None` if some are none.
    fn whole(&self, bytes: &[u8]) -> Option<usize> {
        if self.charset == Charset::Latin1 || bytes.is_ascii() {
            return Some(bytes.len());
        }
        match std::str::from_utf8(bytes) {
            _ if self.charset == Charset::Ascii => None,
            Ok(_) => Some(bytes.len()),
            Err(error) => error.error_len().is_none().then_some(error.valid_up_to()),
        }
    }

    /// How many bytes come before the first that is wrong.
    fn valid(&self, bytes: &[u8]) -> usize {
        match self.charset {
            Charset::Latin1 => bytes.len(),
            Charset::Ascii => bytes.iter().position(|byte| !byte.is_ascii()).unwrap_or(bytes.len()),
            Charset::Utf8 => std::str::from_utf8(bytes).map_or_else(|error| error.valid_up_to(), str::len),
        }
    }

    fn universal(&self) -> bool {
        matches!(self.newline, Newline::Translated | Newline::Any)
    }

    /// Whether the last byte may be the first half of `\r\n`.
    fn splits(&self, bytes: &[u8]) -> bool {
        self.universal() && bytes.last() == Some(&b'\r')
    }

    /// Marks valid bytes as decoded and returns how many characters they are.
    fn mark(&mut self, bytes: &[u8]) -> usize {
        let ascii = bytes.is_ascii();
        self.decoded += bytes.len();
        self.ascii &= ascii;
        self.note(bytes);
        let all = if ascii || self.charset != Charset::Utf8 { bytes.len() } else { starts(bytes) };
        if self.translates() { all - pairs(bytes) } else { all }
    }

    /// Notes which line ends there are.
    fn note(&mut self, bytes: &[u8]) {
        if !self.universal() || self.seen == 7 {
            return;
        }
        if memchr::memchr(b'\r', bytes).is_none() {
            self.seen |= 2 * u8::from(self.seen & 2 == 0 && memchr::memchr(b'\n', bytes).is_some());
            return;
        }
        let mut rest = bytes;
        while let Some(at) = memchr::memchr2(b'\r', b'\n', rest).filter(|_| self.seen != 7) {
            let (kind, length) = match (rest[at], rest.get(at + 1)) {
                (b'\n', _) => (2, 1),
                (_, Some(b'\n')) => (4, 2),
                _ => (1, 1),
            };
            self.seen |= kind;
            rest = &rest[at + length..];
        }
    }

    /// The length in bytes of the first `most` characters of some decoded bytes, and how many there are.
    fn span(&self, bytes: &[u8], most: usize) -> (usize, usize) {
        const BLOCK: usize = 256;
        let translated = self.translates() && memchr::memchr(b'\r', bytes).is_some();
        if !translated && (self.ascii || self.charset != Charset::Utf8) {
            let length = bytes.len().min(most);
            return (length, length);
        }
        let (mut length, mut characters) = (0, 0);
        while length < bytes.len() {
            let mut block = &bytes[length..bytes.len().min(length + BLOCK)];
            if block.last() == Some(&b'\r') {
                block = &block[..block.len() - 1];
            }
            let count = self.count(block, translated);
            if block.is_empty() || characters + count > most {
                break;
            }
            length += block.len();
            characters += count;
        }
        // One by one from here: less than a block, or a '\r' with what follows it.
        while length < bytes.len() && (characters < most || !self.starts(bytes[length])) {
            characters += usize::from(self.starts(bytes[length]));
            let pair = translated && bytes[length..].starts_with(b"\r\n");
            length += if pair { 2 } else { 1 };
        }
        (length, characters)
    }

    fn count(&self, bytes: &[u8], translated: bool) -> usize {
        let all = if self.charset == Charset::Utf8 { starts(bytes) } else { bytes.len() };
        if translated { all - pairs(bytes) } else { all }
    }

    fn starts(&self, byte: u8) -> bool {
        self.charset != Charset::Utf8 || byte & 0xC0 != 0x80
    }
}
