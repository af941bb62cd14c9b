//! The mode string of `open`, understood once.

use rustix::fs::OFlags;

/// Bytes that are gathered before they go to the kernel; more gained nothing.
pub const BUFFER: usize = 64 * 1024;

/// What the mode string asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // each is a letter of the mode string
pub struct Mode {
    /// Bytes (`b`) rather than text.
    pub binary: bool,
    /// `r` or `+`.
    pub readable: bool,
    /// `w`, `x`, `a` or `+`.
    pub writable: bool,
    /// `a`: every write goes to the end.
    pub append: bool,
    /// `w`: starts empty.
    pub truncate: bool,
    /// `x`: the file must not exist.
    pub exclusive: bool,
    /// `w`, `x` or `a`: made if missing.
    pub create: bool,
}

/// A mode string that makes no sense, with the standard library's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadMode(pub String);

impl Mode {
    /// Understands a mode string as Python's `open` does.
    pub fn parse(text: &str) -> Result<Self, BadMode> {
        let count = |letter| text.matches(letter).count();
        let known = text.chars().all(|c| "rwxabt+".contains(c));
        if !known || text.chars().any(|c| count(c) > 1) {
            return Err(BadMode(format!("invalid mode: '{text}'")));
        }
        let has = |letter| text.contains(letter);
        if has('t') && has('b') {
            return Err(BadMode("can't have text and binary mode at once".into()));
        }
        if "rwxa".chars().filter(|&c| has(c)).count() != 1 {
            return Err(BadMode("must have exactly one of create/read/write/append mode".into()));
        }
        Ok(Self {
            binary: has('b'),
            readable: has('r') || has('+'),
            writable: !has('r') || has('+'),
            append: has('a'),
            truncate: has('w'),
            exclusive: has('x'),
            create: !has('r'),
        })
    }

    /// The flags of the system call.
    pub fn flags(self) -> OFlags {
        let mut flags = match (self.readable, self.writable) {
            (true, true) => OFlags::RDWR,
            (false, true) => OFlags::WRONLY,
            _ => OFlags::RDONLY,
        };
        flags.set(OFlags::APPEND, self.append);
        flags.set(OFlags::TRUNC, self.truncate);
        flags.set(OFlags::EXCL, self.exclusive);
        flags.set(OFlags::CREATE, self.create);
        flags | OFlags::CLOEXEC
    }

    /// The mode as a raw file reports it: `rb`, `rb+`, `wb`, `xb+`, `ab` …
    pub fn raw_name(self) -> &'static str {
        match (self.exclusive, self.append, self.readable, self.writable) {
            (true, _, true, _) => "xb+",
            (true, _, false, _) => "xb",
            (_, true, true, _) => "ab+",
            (_, true, false, _) => "ab",
            (_, _, true, true) => "rb+",
            (_, _, true, false) => "rb",
            _ => "wb",
        }
    }
}

/// How a file is opened and buffered.
#[derive(Clone, Copy, Debug)]
pub struct OpenOptions {
    /// The mode string.
    pub mode: Mode,
    /// Size of the write buffer; 0 hands every write to the kernel.
    pub write_buffer: usize,
    /// Whether the file is read ahead.
    pub read_ahead: bool,
    /// The most that one `peek` or `read1` without a size answers with.
    pub declared: usize,
}

/// The size of the standard library's buffers where none is asked for.
const DECLARED: usize = 8192;

impl OpenOptions {
    /// The usual buffering.
    pub fn new(mode: Mode) -> Self {
        Self { mode, write_buffer: BUFFER, read_ahead: true, declared: DECLARED }
    }

    /// No buffering at all.
    pub fn unbuffered(mode: Mode) -> Self {
        Self { mode, write_buffer: 0, read_ahead: false, declared: DECLARED }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn understands_what_python_understands() {
        let mode = Mode::parse("a+b").unwrap();
        assert!(mode.binary && mode.readable && mode.writable && mode.append && mode.create);
        assert!(!Mode::parse("r").unwrap().writable);
        assert_eq!(Mode::parse("rb+").unwrap().raw_name(), "rb+");
        assert_eq!(Mode::parse("w+").unwrap().raw_name(), "rb+");
    }

    #[test]
    fn refuses_what_python_refuses() {
        for text in ["", "rw", "q", "rr", "bt", "+", "U"] {
            assert!(Mode::parse(text).is_err(), "{text:?}");
        }
    }
}
