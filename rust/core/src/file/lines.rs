//! Finding lines in what is buffered.

use super::handle::File;
use crate::error::{Result, Way};

/// What ends a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Newline {
    /// `newline=None`: any of `\n`, `\r`, `\r\n`, read as `\n`.
    Translated,
    /// `newline=''`: any of them, left as they are.
    Any,
    /// `newline='\n'`, and every binary file.
    Lf,
    /// `newline='\r'`.
    Cr,
    /// `newline='\r\n'`.
    CrLf,
}

impl Newline {
    /// The length of the first line in `bytes`, its end included; `None` if there is no whole one.
    ///
    /// `last`: nothing follows, so a `\r` at the very end is an end of its own.
    #[inline]
    pub fn line(self, bytes: &[u8], last: bool) -> Option<usize> {
        match self {
            Newline::Lf => memchr::memchr(b'\n', bytes).map(|at| at + 1),
            Newline::Cr => memchr::memchr(b'\r', bytes).map(|at| at + 1),
            Newline::CrLf => memchr::memmem::find(bytes, b"\r\n").map(|at| at + 2),
            Newline::Translated | Newline::Any => {
                let at = memchr::memchr2(b'\n', b'\r', bytes)?;
                match (bytes[at], bytes.get(at + 1)) {
                    (b'\n', _) => Some(at + 1),
                    (_, Some(b'\n')) => Some(at + 2),
                    (_, None) if !last => None,
                    _ => Some(at + 1),
                }
            }
        }
    }
}

impl File {
    /// Reads until a line (ended by `\n`) that begins `from` bytes ahead is buffered, or `limit` bytes of it, or the
    /// file ends. Returns where it ends.
    pub fn ensure_line(&mut self, way: Way, from: usize, limit: usize) -> Result<usize> {
        let most = from.saturating_add(limit);
        let mut searched = from;
        loop {
            let bytes = &self.buffered()[..self.buffered().len().min(most)];
            if let Some(length) = Newline::Lf.line(&bytes[searched..], false) {
                return Ok(searched + length);
            }
            searched = bytes.len();
            if searched == most || self.fill(way, 1)? == 0 {
                return Ok(searched);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Newline::{Any, CrLf, Lf};

    #[test]
    fn finds_the_first_end() {
        assert_eq!(Lf.line(b"a\r\nb\n", true), Some(3));
        assert_eq!(Any.line(b"a\rb\n", true), Some(2));
        assert_eq!(CrLf.line(b"a\rb\r\n", true), Some(5));
        assert_eq!(Lf.line(b"ab", true), None);
    }

    #[test]
    fn waits_for_what_follows_a_carriage_return() {
        assert_eq!(Any.line(b"a\r", false), None);
        assert_eq!(Any.line(b"a\r", true), Some(2));
        assert_eq!(Any.line(b"a\r\n", false), Some(3));
    }
}
