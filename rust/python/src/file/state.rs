//! The text of an open file: straight out of its bytes where they are of an encoding that is decoded here, through
//! Python's codec where they aren't.

use pyo3::exceptions::PyUnicodeDecodeError;
use pyo3::ffi;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};
use rapfiles_core::file::{self, Charset, File, Found, Newline, Text, Want, translate};
use rapfiles_core::{Stop, Way};

use super::build::{Build, LARGE};
use super::codec::{self, Codec};
use super::cookie::Cookie;
use super::encoder::Encoder;
use super::turn::Trouble;
use crate::convert::string::StrView;

/// How a file's text is encoded.
pub struct Spec {
    pub encoding: Py<PyAny>,
    pub errors: Py<PyAny>,
    /// `None`: Python's codec knows.
    pub charset: Option<Charset>,
    pub newline: Newline,
}

impl Spec {
    fn is_strict(&self, py: Python<'_>) -> bool {
        self.errors.extract::<&str>(py).is_ok_and(|errors| errors == "strict")
    }
}

/// How far text was looked for.
pub struct Search {
    want: Want,
    /// Where it begins: characters beyond the reader, and bytes if they are decoded here.
    before: usize,
    from: usize,
    /// Where what was found ends, in bytes.
    end: usize,
    direct: file::Search,
    codec: codec::Search,
}

impl Search {
    /// Looks for what comes next.
    pub fn new(want: Want) -> Self {
        let (direct, codec) = (file::Search::new(want, 0), codec::Search::new(want, 0));
        Self { want, before: 0, from: 0, end: 0, direct, codec }
    }

    /// Looks for more behind what was found, which had so many characters and isn't consumed yet.
    pub fn after(&self, want: Want, characters: usize) -> Self {
        let (before, from) = (self.before + characters, self.end);
        let (direct, codec) = (file::Search::new(want, from), self.codec.after(want));
        Self { want, before, from, end: from, direct, codec }
    }
}

/// What a search has brought.
pub enum Made {
    String(Py<PyAny>),
    /// It is large: a worker has its part in it.
    Later(Build),
}

/// The text of an open file.
pub struct TextState {
    direct: Text,
    /// The decoder, once one is needed; whether it is the one that is in use.
    codec: Option<Box<Codec>>,
    through_codec: bool,
    encoder: Option<Encoder>,
    /// Line ends met by decoders that were reset since.
    seen: u8,
    spec: Spec,
}

impl TextState {
    /// Text that starts where the file stands.
    pub fn new(py: Python<'_>, spec: Spec, file: &File, (readable, writable): (bool, bool)) -> PyResult<Self> {
        let direct = Text::new(spec.charset.unwrap_or(Charset::Latin1), spec.newline);
        let through_codec = spec.charset.is_none();
        let mut this = Self { direct, codec: None, through_codec, encoder: None, seen: 0, spec };
        if through_codec && readable {
            this.make_codec(py)?;
        }
        if through_codec && writable {
            let position = if file.seekable() { file.tell().ok() } else { None };
            this.encoder = Some(Encoder::new(this.spec.encoding.bind(py), this.spec.errors.bind(py), position)?);
        }
        Ok(this)
    }

    fn make_codec(&mut self, py: Python<'_>) -> PyResult<&mut Codec> {
        let codec = match self.codec.take() {
            Some(codec) => codec,
            None => Box::new(Codec::new(self.spec.encoding.bind(py), self.spec.errors.bind(py), self.spec.newline)?),
        };
        Ok(self.codec.insert(codec))
    }

    pub fn encoder(&mut self) -> Option<&mut Encoder> {
        self.encoder.as_mut()
    }

    fn codec(&mut self) -> Option<&mut Codec> {
        self.codec.as_deref_mut().filter(|_| self.through_codec)
    }

    /// Whether Python's codec is in use.
    pub fn through_codec(&self) -> bool {
        self.through_codec
    }

    /// Whether Python's codec is in use and has decoded something: a new one would not do as well.
    pub fn remembers(&self) -> bool {
        self.codec.as_ref().is_some_and(|codec| self.through_codec && !codec.is_fresh())
    }

    /// Bytes that are taken from the file and not all read, and how many of their characters are.
    pub fn unread(&self, py: Python<'_>) -> (Vec<u8>, usize) {
        match &self.codec {
            Some(codec) if self.through_codec => codec.unread(py),
            _ => (Vec::new(), 0),
        }
    }

    /// Whether reading is under way: something was decoded since the file's position was last set.
    pub fn begun(&self) -> bool {
        if self.through_codec { self.codec.as_ref().is_some_and(|codec| codec.begun()) } else { self.direct.begun() }
    }

    /// Line ends met: 1 `\r`, 2 `\n`, 4 `\r\n`.
    pub fn seen(&self, py: Python<'_>) -> u8 {
        let codec = self.codec.as_ref().filter(|_| self.through_codec).and_then(|codec| codec.newlines(py));
        let met = |end: &str| {
            codec.as_ref().is_some_and(|found| {
                found.eq(end).unwrap_or(false)
                    || (!found.is_instance_of::<PyString>() && found.contains(end).unwrap_or(false))
            })
        };
        self.seen | self.direct.seen() | u8::from(met("\r")) | u8::from(met("\n")) << 1 | u8::from(met("\r\n")) << 2
    }

    /// Bytes beyond those consumed that the decoder has taken.
    pub fn taken(&self) -> usize {
        match &self.codec {
            Some(codec) if self.through_codec => codec.owed(),
            _ => self.direct.taken(),
        }
    }

    /// A write follows, at the place up to which the file is decoded. Needs no Python.
    #[inline]
    pub fn leave(&mut self, file: &mut File) {
        file.consume(self.direct.taken());
        self.direct.reset();
        self.direct.forget_newlines();
        self.seen = 0;
        if let Some(codec) = self.codec() {
            codec.leave(file);
        }
    }

    /// Decodes until what is wanted is there, or the file ends.
    pub fn find(&mut self, py: Python<'_>, file: &mut File, way: Way, search: &mut Search) -> Result<(), Trouble> {
        if self.through_codec && self.spec.charset.is_some() {
            self.come_back(py, search)?;
        }
        if !self.through_codec {
            match self.direct.find(file, way, &mut search.direct)? {
                Found::Here(end) => {
                    search.end = end;
                    return Ok(());
                }
                Found::Invalid(end) if self.spec.is_strict(py) => {
                    return Err(self.decode_error(py, file, search, end).into());
                }
                Found::Invalid(end) => {
                    search.codec = codec::Search::new(search.want, search.before);
                    self.go_through(py, end)?;
                }
            }
        }
        match self.codec() {
            Some(codec) => codec.find(py, file, &mut search.codec),
            None => Ok(()),
        }
    }

    /// From here on Python's codec decodes, beginning with the next so many bytes of the buffer.
    fn go_through(&mut self, py: Python<'_>, bytes: usize) -> PyResult<()> {
        self.make_codec(py)?.begin(py, bytes)?;
        self.direct.reset();
        self.through_codec = true;
        Ok(())
    }

    /// Where everything is read that Python's codec has decoded, it isn't needed any more.
    fn come_back(&mut self, py: Python<'_>, search: &mut Search) -> PyResult<()> {
        let clean = match self.codec() {
            Some(codec) => codec.is_clean(py)?,
            None => false,
        };
        if clean {
            self.seen = self.seen(py);
            self.through_codec = false;
            self.direct.resume();
            *search = Search::new(search.want);
        }
        Ok(())
    }

    /// Makes ready, on a worker, what [`TextState::find`] will look for.
    pub fn prepare(&mut self, file: &mut File, search: &mut Search) -> Result<(), Stop> {
        match self.codec() {
            Some(codec) => codec.prepare(file, &mut search.codec),
            None => self.direct.find(file, Way::Soon, &mut search.direct).map(drop),
        }
    }

    /// The string that was found.
    pub fn take(&self, py: Python<'_>, file: &File, search: &Search) -> PyResult<Made> {
        let Some(codec) = self.codec.as_ref().filter(|_| self.through_codec) else {
            let range = search.from..search.end;
            if range.len() <= LARGE {
                return self.string(py, &file.buffered()[range]).map(Made::String);
            }
            return Ok(Made::Later(Build::of_bytes(range, self.direct.charset(), self.direct.translates())));
        };
        let parts = codec.found(py, &search.codec)?;
        if let [only] = &parts[..] {
            return Ok(Made::String(only.clone().into_any().unbind()));
        }
        let parts = parts.iter().map(StrView::new).collect::<PyResult<Vec<_>>>()?;
        let length: usize = parts.iter().map(|part| part.shape().characters).sum();
        let build = Build::of_strings(parts);
        if length <= LARGE { build.at_once(py, file).map(Made::String) } else { Ok(Made::Later(build)) }
    }

    /// Gives what was found, and all before it, to the reader.
    pub fn consume(&mut self, file: &mut File, search: &Search) {
        match self.codec() {
            Some(codec) => codec.consume(&search.codec),
            None => self.direct.consume(file, search.end),
        }
    }

    /// What is decoded and comes next, at most so many characters.
    pub fn peek(&self, py: Python<'_>, file: &File, most: usize) -> PyResult<Py<PyAny>> {
        match &self.codec {
            Some(codec) if self.through_codec => Ok(codec.peek(py, most)?.into_any().unbind()),
            _ => self.string(py, &file.buffered()[..self.direct.measure(file, most.min(LARGE))]),
        }
    }

    /// A whole line that is decoded already, for the reader.
    #[inline]
    pub fn line(&mut self, py: Python<'_>, file: &mut File) -> Option<Py<PyAny>> {
        if let Some(codec) = self.codec() {
            return codec.line(py).map(|line| line.into_any().unbind());
        }
        let length = self.direct.line(file).filter(|&length| length <= LARGE)?;
        let line = self.string(py, &file.buffered()[..length]).ok()?;
        self.direct.consume(file, length);
        Some(line)
    }

    /// Where the reader stands.
    pub fn tell(&self, py: Python<'_>, file: &File) -> Result<Cookie, Trouble> {
        let position = file.tell()?;
        match &self.codec {
            Some(codec) if self.through_codec => Ok(codec.tell(py, position)?),
            _ => Ok(Cookie::at(position)),
        }
    }

    /// Goes on where the file was moved to: to its start, with what the cookie says of feeding in the buffer.
    pub fn go(&mut self, py: Python<'_>, file: &mut File, to: Cookie) -> PyResult<()> {
        let start = to.start == 0 && to.flags == 0;
        self.seen = if start { 0 } else { self.seen(py) };
        self.restart(py, start)?;
        if self.spec.charset.is_some() && !to.is_plain() {
            self.go_through(py, 0)?;
        }
        match self.codec() {
            Some(codec) => codec.go(py, file, to),
            None => Ok(()),
        }
    }

    /// Goes on at the file's end, which is there.
    pub fn go_to_end(&mut self, py: Python<'_>, end: u64) -> PyResult<()> {
        self.seen = 0;
        self.restart(py, end == 0)?;
        match self.codec() {
            Some(codec) => codec.begin(py, 0),
            None => Ok(()),
        }
    }

    fn restart(&mut self, py: Python<'_>, start: bool) -> PyResult<()> {
        self.direct.reset();
        self.direct.forget_newlines();
        self.through_codec = self.spec.charset.is_none();
        match &self.encoder {
            Some(encoder) => encoder.at(py, start),
            None => Ok(()),
        }
    }

    /// Decoded bytes as a string.
    #[inline]
    fn string(&self, py: Python<'_>, bytes: &[u8]) -> PyResult<Py<PyAny>> {
        if self.direct.translates() { self.plain_string(py, &translate(bytes)) } else { self.plain_string(py, bytes) }
    }

    #[inline]
    fn plain_string(&self, py: Python<'_>, bytes: &[u8]) -> PyResult<Py<PyAny>> {
        let length = ffi::Py_ssize_t::try_from(bytes.len()).unwrap_or(ffi::Py_ssize_t::MAX);
        let data = bytes.as_ptr();
        // SAFETY: the bytes are valid for the length given; a new string of n ASCII characters has n bytes.
        unsafe {
            let string = if self.direct.is_ascii() && bytes.len() > 1 {
                let string = ffi::PyUnicode_New(length, 127);
                if !string.is_null() {
                    std::ptr::copy_nonoverlapping(data, ffi::PyUnicode_1BYTE_DATA(string), bytes.len());
                }
                string
            } else if self.direct.charset() == Charset::Latin1 {
                ffi::PyUnicode_DecodeLatin1(data.cast(), length, std::ptr::null())
            } else {
                ffi::PyUnicode_DecodeUTF8(data.cast(), length, std::ptr::null())
            };
            Bound::from_owned_ptr_or_err(py, string).map(Bound::unbind)
        }
    }

    /// The exception for bytes that are not of this encoding: Python's own decoder finds the words.
    fn decode_error(&self, py: Python<'_>, file: &File, search: &Search, end: usize) -> PyErr {
        const MOST: usize = 1 << 20;
        // As in the standard library, where all is read at once, positions count from where that began.
        let from =
            if search.want == Want::All && end - search.from <= MOST { search.from } else { self.direct.decoded() };
        let bytes = &file.buffered()[from..end.min(from + MOST)];
        let codec = super::text_write::name(self.direct.charset());
        let bytes = PyBytes::new(py, bytes);
        let length = bytes.as_bytes().len();
        match bytes.call_method1(intern!(py, "decode"), (codec,)) {
            Err(error) => error,
            Ok(_) => PyUnicodeDecodeError::new_err((codec, bytes.unbind(), 0, length, "invalid data")),
        }
    }
}
