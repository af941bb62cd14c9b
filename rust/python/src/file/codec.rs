//! Text through Python's own codecs: for every encoding that isn't decoded here, and for bytes that don't decode.
//!
//! The bytes come from the file's buffer, which a worker or an attempt has filled. They are decoded on the loop's
//! thread, a step at a time, and kept as [`Piece`]s until somebody reads them. When that takes long, the loop has a
//! turn in between.

use std::collections::VecDeque;
use std::mem;
use std::ops::Range;
use std::time::{Duration, Instant};

use pyo3::exceptions::{PyOSError, PyTypeError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString, PyTuple};
use rapfiles_core::file::{CHUNK, File, Newline, Want};
use rapfiles_core::{Stop, Way};

use super::cookie::{Cookie, Probe};
use super::turn::Trouble;
use crate::convert::string::{Characters, characters, slice};

/// The most that is decoded at once of a large step.
const SLICE: usize = 32 * 1024;
/// How long an operation decodes or encodes before the loop has a turn.
pub const TURN: Duration = Duration::from_micros(200);

/// Some bytes and what they were decoded to.
struct Piece {
    /// The decoder's state before: what it had buffered, and its flags.
    before: Py<PyTuple>,
    bytes: Py<PyBytes>,
    text: Py<PyString>,
    /// Characters there are, and how many of them were read.
    length: usize,
    used: usize,
}

/// A place among the pieces.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    piece: usize,
    at: usize,
}

/// How far the pieces were looked through for something.
#[derive(Clone, Debug)]
pub struct Search {
    want: Want,
    /// Characters between the reader and where this search begins.
    skip: usize,
    start: Option<Place>,
    stop: Option<Place>,
    characters: usize,
    /// Whether the last character was half of a `\r\n`.
    half: bool,
    /// The file has ended.
    ended: bool,
    /// What the next step asks for, and whether a worker has made it ready.
    step: usize,
    ready: bool,
}

impl Search {
    /// Looks for text behind the next `skip` characters.
    pub fn new(want: Want, skip: usize) -> Self {
        let (start, stop) = (None, None);
        Self { want, skip, start, stop, characters: 0, half: false, ended: false, step: CHUNK, ready: false }
    }

    /// Looks for more behind what was found.
    pub fn after(&self, want: Want) -> Self {
        Self { start: self.stop, stop: self.stop, ..Self::new(want, 0) }
    }

    fn missing(&self) -> usize {
        match self.want {
            Want::Characters(most) | Want::Line(Some(most)) => most - self.characters,
            Want::All | Want::Line(None) => usize::MAX,
        }
    }
}

/// A decoder, and what is decoded and not yet read.
pub struct Codec {
    decoder: Py<PyAny>,
    newline: Newline,
    /// What a decoder's flags are at first, where zero makes it crash.
    flags: i32,
    /// The reader stands in the first of them, which may be used up.
    pieces: VecDeque<Piece>,
    /// Bytes of the current step that are not decoded yet; how many it had, and how many characters came of it.
    owed: usize,
    step: (usize, usize),
    /// Bytes per character in the last step.
    ratio: f64,
    /// A write has come in between: nothing of what was read counts any more.
    stale: bool,
    /// The decoder has been given nothing since it was made or reset.
    fresh: bool,
}

impl Codec {
    /// The decoder of an encoding, with line ends as they are wanted.
    pub fn new(encoding: &Bound<'_, PyAny>, errors: &Bound<'_, PyAny>, newline: Newline) -> PyResult<Self> {
        let py = encoding.py();
        let codec = lookup(encoding)?;
        let decoder = codec.call_method1(intern!(py, "incrementaldecoder"), (errors,))?;
        let flags = initial_flags(&decoder)?;
        let universal = matches!(newline, Newline::Translated | Newline::Any);
        let (decoder, flags) = if universal {
            let class = py.import(intern!(py, "io"))?.getattr(intern!(py, "IncrementalNewlineDecoder"))?;
            // The state of the wrapper has a bit of its own, for a '\r' that waits.
            (class.call1((decoder, newline == Newline::Translated))?, flags << 1)
        } else {
            (decoder, flags)
        };
        let (decoder, pieces, step) = (decoder.unbind(), VecDeque::new(), (0, 0));
        Ok(Self { decoder, newline, flags, pieces, owed: 0, step, ratio: 0.0, stale: false, fresh: true })
    }

    /// Whether reading is under way: something was decoded since the file's position was last set.
    pub fn begun(&self) -> bool {
        !self.stale && self.pieces.iter().any(|piece| piece.length > 0)
    }

    /// Whether a new decoder would do as well.
    pub fn is_fresh(&self) -> bool {
        self.fresh || self.stale
    }

    /// Whether everything decoded was read, and the decoder holds nothing back.
    pub fn is_clean(&self, py: Python<'_>) -> PyResult<bool> {
        let read = self.pieces.iter().all(|piece| piece.used == piece.length);
        if !read || self.owed > 0 || self.stale {
            return Ok(false);
        }
        Ok(Probe::new(self.decoder.bind(py)).state()? == (0, 0))
    }

    /// The line ends that were met, as the decoder tells it.
    pub fn newlines<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyAny>> {
        if self.stale {
            return None;
        }
        self.decoder.bind(py).getattr(intern!(py, "newlines")).ok().filter(|found| !found.is_none())
    }

    /// Starts where the file stands, with so many bytes to be decoded before anything else.
    pub fn begin(&mut self, py: Python<'_>, owed: usize) -> PyResult<()> {
        self.forget();
        self.owed = owed;
        self.step = (owed, 0);
        self.fresh = true;
        self.decoder.call_method0(py, intern!(py, "reset")).map(drop)
    }

    fn forget(&mut self) {
        self.pieces.clear();
        self.owed = 0;
        self.stale = false;
    }

    /// A write follows, at the place up to which the file is decoded. Needs no Python.
    pub fn leave(&mut self, file: &mut File) {
        file.consume(mem::take(&mut self.owed));
        self.stale = true;
    }

    /// Bytes of the current step that are still to be decoded.
    pub fn owed(&self) -> usize {
        self.owed
    }

    /// Decodes until what is wanted is there, or the file ends.
    pub fn find(&mut self, py: Python<'_>, file: &mut File, search: &mut Search) -> Result<(), Trouble> {
        if self.stale {
            self.begin(py, 0)?;
        }
        let since = Instant::now();
        // The standard library decodes some characters even for none of a line's.
        let first = search.want == Want::Line(Some(0)) && !self.begun();
        while (first && !self.begun()) || self.owed > 0 || !self.look(py, search)? {
            if since.elapsed() > TURN {
                return Err(Trouble::NotNow);
            }
            if self.owed == 0 && !self.take_step(py, file, search)? {
                search.ended = true;
                self.look(py, search)?;
                return Ok(());
            }
            if self.owed > 0 {
                self.decode(py, file, search.want)?;
            }
        }
        Ok(())
    }

    /// Makes the next step ready, on a worker.
    pub fn prepare(&self, file: &mut File, search: &mut Search) -> Result<(), Stop> {
        if self.owed == 0 {
            file.step(Way::Soon, 0, search.step)?;
            search.ready = true;
        }
        Ok(())
    }

    /// Takes the bytes of one step more. `false`: the file has ended, and nothing more came of that.
    fn take_step(&mut self, py: Python<'_>, file: &mut File, search: &mut Search) -> Result<bool, Trouble> {
        let hint = if let Want::Characters(_) = search.want { search.missing() } else { 0 };
        #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, clippy::cast_sign_loss)] // an estimate
        let hinted = (hint as f64 * self.ratio.max(1.0)) as usize;
        let least = if search.want == Want::All { SLICE } else { CHUNK };
        search.step = least.max(hinted);
        let way = if mem::take(&mut search.ready) { Way::Held } else { Way::Now };
        self.owed = file.step(way, 0, search.step)?;
        self.step = (self.owed, 0);
        Ok(self.owed > 0 || self.feed(PyBytes::new(py, b""), true)? > 0)
    }

    /// Decodes bytes of the current step. All that is left is decoded as what it is, the end included: what is wrong with it may
    /// depend on that.
    fn decode(&mut self, py: Python<'_>, file: &mut File, want: Want) -> PyResult<()> {
        let size = self.owed.min(SLICE);
        let last = want == Want::All && file.at_end() && size == file.buffered().len();
        let length = self.feed(PyBytes::new(py, &file.buffered()[..size]), last)?;
        file.consume(size);
        self.owed -= size;
        self.step.1 += length;
        if self.owed == 0 {
            self.ratio = ratio(self.step);
        }
        Ok(())
    }

    /// Gives bytes to the decoder and keeps what comes of them. When that fails, it is as if it hadn't been tried.
    fn feed(&mut self, bytes: Bound<'_, PyBytes>, last: bool) -> PyResult<usize> {
        let py = bytes.py();
        let decoder = self.decoder.bind(py);
        let before = decoder.call_method0(intern!(py, "getstate"))?.cast_into::<PyTuple>()?;
        let text = match decoder.call_method1(intern!(py, "decode"), (&bytes, last)) {
            Ok(text) => text,
            Err(error) => {
                decoder.call_method1(intern!(py, "setstate"), (before,))?;
                return Err(error);
            }
        };
        let text = text.cast_into::<PyString>().map_err(|other| {
            let kind = other.into_inner().get_type();
            PyTypeError::new_err(format!("decoder should return a string result, not {kind}"))
        })?;
        let length = text.len()?;
        self.fresh &= bytes.as_bytes().is_empty();
        let (before, bytes, text) = (before.unbind(), bytes.unbind(), text.unbind());
        self.pieces.push_back(Piece { before, bytes, text, length, used: 0 });
        Ok(length)
    }

    /// Looks through what is decoded and not looked through yet. Whether all that is wanted is there.
    fn look(&self, py: Python<'_>, search: &mut Search) -> PyResult<bool> {
        let Some(mut place) = self.place(search) else { return Ok(false) };
        let mut line = None;
        while let Some(piece) = self.pieces.get(place.piece).filter(|_| search.missing() > 0) {
            let end = piece.length.min(place.at.saturating_add(search.missing()));
            if let Want::Line(_) = search.want {
                line = line_end(self.newline, characters(piece.text.bind(py))?, place.at..end, &mut search.half);
            }
            let stop = line.unwrap_or(end);
            search.characters += stop - mem::replace(&mut place.at, stop);
            if line.is_some() || stop < piece.length || place.piece + 1 == self.pieces.len() {
                break;
            }
            place = Place { piece: place.piece + 1, at: 0 };
        }
        search.stop = Some(place);
        Ok(line.is_some() || search.missing() == 0)
    }

    /// Where to go on looking: where it stopped before, or behind what is to be skipped, once that is decoded.
    fn place(&self, search: &mut Search) -> Option<Place> {
        if search.stop.is_some() {
            return search.stop;
        }
        let mut skip = search.skip;
        let mut place = Place { piece: 0, at: self.pieces.front().map_or(0, |piece| piece.used) };
        while skip > 0 {
            let piece = self.pieces.get(place.piece)?;
            let step = skip.min(piece.length - place.at);
            skip -= step;
            place =
                if skip > 0 { Place { piece: place.piece + 1, at: 0 } } else { Place { at: place.at + step, ..place } };
        }
        search.start = Some(place);
        search.start
    }

    /// What was found, in as many parts as it lies in.
    pub fn found<'py>(&self, py: Python<'py>, search: &Search) -> PyResult<Vec<Bound<'py, PyString>>> {
        let (Some(start), Some(stop)) = (search.start, search.stop) else { return Ok(Vec::new()) };
        let mut parts = Vec::new();
        for (n, piece) in self.pieces.iter().enumerate().take(stop.piece + 1).skip(start.piece) {
            let from = if n == start.piece { start.at } else { 0 };
            let to = if n == stop.piece { stop.at } else { piece.length };
            if from < to {
                parts.push(slice(piece.text.bind(py), from, to)?);
            }
        }
        Ok(parts)
    }

    /// Gives what was found to the reader.
    pub fn consume(&mut self, search: &Search) {
        if search.ended && !matches!(search.want, Want::Characters(_)) {
            self.pieces.clear();
        } else if let Some(stop) = search.stop {
            self.pieces.drain(..stop.piece);
            if let Some(front) = self.pieces.front_mut() {
                front.used = stop.at;
            }
        }
    }

    /// A whole line that is decoded already.
    #[inline]
    pub fn line<'py>(&mut self, py: Python<'py>) -> Option<Bound<'py, PyString>> {
        let piece = self.pieces.front_mut().filter(|_| !self.stale && self.owed == 0)?;
        let text = piece.text.bind(py);
        let end = line_end(self.newline, characters(text).ok()?, piece.used..piece.length, &mut false)?;
        let line = slice(text, piece.used, end).ok()?;
        piece.used = end;
        Some(line)
    }

    /// What is decoded and comes next, at most so many characters.
    pub fn peek<'py>(&self, py: Python<'py>, most: usize) -> PyResult<Bound<'py, PyString>> {
        match self.pieces.iter().find(|piece| piece.used < piece.length) {
            Some(piece) => slice(piece.text.bind(py), piece.used, piece.length.min(piece.used.saturating_add(most))),
            None => Ok(PyString::new(py, "")),
        }
    }

    /// Bytes that are taken from the file and not all read, and how many of their characters are.
    pub fn unread(&self, py: Python<'_>) -> (Vec<u8>, usize) {
        let pieces = || self.pieces.iter().filter(|_| !self.stale);
        let bytes = pieces().flat_map(|piece| piece.bytes.as_bytes(py)).copied().collect();
        (bytes, pieces().map(|piece| piece.used).sum())
    }

    /// Where the reader stands, if the file stands where it does.
    pub fn tell(&self, py: Python<'_>, position: u64) -> PyResult<Cookie> {
        let Some(piece) = self.pieces.front().filter(|_| !self.stale) else { return Ok(Cookie::at(position)) };
        let behind: usize = self.pieces.iter().skip(1).map(|piece| piece.bytes.as_bytes(py).len()).sum();
        let (held, flags): (Bound<'_, PyBytes>, i32) = piece.before.extract(py)?;
        let bytes = piece.bytes.as_bytes(py);
        let input = [held.as_bytes(), bytes].concat();
        let start = i64::try_from(position).unwrap_or(i64::MAX) - i64::try_from(behind + input.len()).unwrap_or(0);
        let cookie = Cookie { start, flags, ..Cookie::default() };
        Probe::new(self.decoder.bind(py)).pinpoint(cookie, &input, piece.used, ratio((bytes.len(), piece.length)))
    }

    /// Goes to a place, with the file at its start and what it is fed in the buffer.
    pub fn go(&mut self, py: Python<'_>, file: &mut File, to: Cookie) -> PyResult<()> {
        self.begin(py, 0)?;
        let own_bit = matches!(self.newline, Newline::Translated | Newline::Any);
        let crashing = to.start != 0 && to.flags >> i32::from(own_bit) == 0;
        let flags = if crashing { self.flags | to.flags } else { to.flags };
        self.fresh = false;
        Probe::new(self.decoder.bind(py)).set(Cookie { flags, ..to })?;
        let skip = usize::try_from(to.skip).unwrap_or(0);
        let feed = if skip == 0 { 0 } else { usize::try_from(to.feed).unwrap_or(0).min(file.buffered().len()) };
        let length = self.feed(PyBytes::new(py, &file.buffered()[..feed]), to.last && skip > 0)?;
        file.consume(feed);
        if length < skip {
            self.forget();
            return Err(PyOSError::new_err("can't restore logical file position"));
        }
        self.pieces[0].used = skip;
        // As the cookie says, not as the decoder is at first: a byte order mark may still come.
        self.pieces[0].before = (PyBytes::new(py, b""), to.flags).into_pyobject(py)?.unbind();
        Ok(())
    }
}

/// Looks a codec up by its name.
pub fn lookup<'py>(encoding: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = encoding.py();
    py.import(intern!(py, "codecs"))?.call_method1(intern!(py, "lookup"), (encoding,))
}

/// The decoders of the ISO 2022 family crash when they are set to state 0, which a plain position stands for.
fn initial_flags(decoder: &Bound<'_, PyAny>) -> PyResult<i32> {
    let class = decoder.py().import("_multibytecodec")?.getattr("MultibyteIncrementalDecoder")?;
    if decoder.is_instance(&class)? { Ok(Probe::new(decoder).state()?.1) } else { Ok(0) }
}

#[allow(clippy::cast_precision_loss)] // an estimate
fn ratio((bytes, characters): (usize, usize)) -> f64 {
    if characters == 0 { 0.0 } else { bytes as f64 / characters as f64 }
}

/// Where the first line in a stretch of decoded text ends. `half`: whether a `\r` stood before it, or stands at its end.
#[inline]
fn line_end(newline: Newline, all: Characters<'_>, range: Range<usize>, half: &mut bool) -> Option<usize> {
    let start = range.start;
    let found = match all {
        Characters::One(all) => end_in(newline, &all[range], half),
        Characters::Two(all) => end_in(newline, &all[range], half),
        Characters::Four(all) => end_in(newline, &all[range], half),
    };
    found.map(|length| start + length)
}

fn end_in<T: Copy + Into<u32>>(newline: Newline, all: &[T], half: &mut bool) -> Option<usize> {
    let at = |n: usize| all.get(n).map(|&c| c.into());
    let first = |wanted: u32| all.iter().position(|&c| c.into() == wanted).map(|n| n + 1);
    let (lf, cr) = (u32::from(b'\n'), u32::from(b'\r'));
    match newline {
        // The decoder has made every line end '\n' …
        Newline::Translated | Newline::Lf => first(lf),
        Newline::Cr => first(cr),
        Newline::CrLf => {
            if mem::replace(half, at(all.len().wrapping_sub(1)) == Some(cr)) && at(0) == Some(lf) {
                return Some(1);
            }
            all.windows(2).position(|pair| (pair[0].into(), pair[1].into()) == (cr, lf)).map(|n| n + 2)
        }
        // … or has kept back a '\r' that may be half of one.
        Newline::Any => {
            let n = all.iter().position(|&c| c.into() == lf || c.into() == cr)?;
            Some(if at(n) == Some(cr) && at(n + 1) == Some(lf) { n + 2 } else { n + 1 })
        }
    }
}
