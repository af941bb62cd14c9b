//! From the bytes of an encoding to code points of a fixed width, as strings keep them in memory.
//!
//! In two steps: [`shape`] counts the characters and finds the widest, then somebody makes a string of that shape,
//! and [`transcode`] fills it. Both may run on a worker, whatever the length.

use std::borrow::Cow;

/// An encoding that is decoded here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charset {
    /// UTF-8 without a byte order mark.
    Utf8,
    /// Seven bits.
    Ascii,
    /// ISO 8859-1.
    Latin1,
}

/// What it takes to hold the widest of some characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Width {
    /// Below U+0080.
    Ascii,
    /// Below U+0100.
    One,
    /// Below U+10000.
    Two,
    /// Any.
    Four,
}

/// How many characters there are, and how wide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Their number.
    pub characters: usize,
    /// The widest.
    pub width: Width,
}

/// Memory for code points.
#[derive(Debug)]
pub enum Target<'a> {
    /// A byte each.
    One(&'a mut [u8]),
    /// Two bytes each.
    Two(&'a mut [u16]),
    /// Four bytes each.
    Four(&'a mut [u32]),
}

/// How many bytes of `bytes` begin a character in UTF-8.
#[inline]
pub(super) fn starts(bytes: &[u8]) -> usize {
    // Sums of bytes in blocks: what the compiler makes vectors of.
    bytes.chunks(255).map(|block| usize::from(block.iter().map(|&b| u8::from(b & 0xC0 != 0x80)).sum::<u8>())).sum()
}

/// How many times `\r\n` occurs.
#[inline]
pub(super) fn pairs(bytes: &[u8]) -> usize {
    if memchr::memchr(b'\r', bytes).is_none() {
        return 0;
    }
    bytes.windows(2).filter(|pair| *pair == b"\r\n").count()
}

/// The shape of valid bytes; `translate`: every line end counts as one `\n`.
pub fn shape(charset: Charset, bytes: &[u8], translate: bool) -> Shape {
    let fewer = if translate { pairs(bytes) } else { 0 };
    let largest = bytes.iter().fold(0, |largest, &b| u8::max(largest, b));
    let width = match (charset, largest) {
        (_, ..0x80) => Width::Ascii,
        // A lead byte below 0xC4 stands for a code point below U+0100.
        (Charset::Latin1 | Charset::Ascii, _) | (_, ..0xC4) => Width::One,
        (_, ..0xF0) => Width::Two,
        _ => Width::Four,
    };
    let all = if width == Width::Ascii || charset != Charset::Utf8 { bytes.len() } else { starts(bytes) };
    Shape { characters: all - fewer, width }
}

/// Writes the characters of valid bytes into memory of their shape.
///
/// # Panics
/// If the memory is shorter than [`shape`] said.
pub fn transcode(charset: Charset, bytes: &[u8], translate: bool, target: Target<'_>) {
    let mut rest = if translate { Translated::new(bytes) } else { Translated::plain(bytes) };
    match target {
        Target::One(out) => rest.write(charset, out, |c| u8::try_from(c).unwrap_or(b'?')),
        Target::Two(out) => rest.write(charset, out, |c| u16::try_from(c).unwrap_or(0xFFFD)),
        Target::Four(out) => rest.write(charset, out, |c| c),
    }
}

/// Runs of bytes between carriage returns; each return is handed out as `\n`.
struct Translated<'a> {
    rest: &'a [u8],
    translate: bool,
}

impl<'a> Translated<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, translate: true }
    }

    fn plain(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, translate: false }
    }

    /// What comes before the next line end that isn't `\n`, and whether there is one.
    fn next(&mut self) -> (&'a [u8], bool) {
        let found = if self.translate { memchr::memchr(b'\r', self.rest) } else { None };
        let Some(at) = found else { return (std::mem::take(&mut self.rest), false) };
        let run = &self.rest[..at];
        let length = if self.rest.get(at + 1) == Some(&b'\n') { 2 } else { 1 };
        self.rest = &self.rest[at + length..];
        (run, true)
    }

    fn write<T: Copy + From<u8>>(&mut self, charset: Charset, out: &mut [T], fit: impl Fn(u32) -> T) {
        let mut at = 0;
        loop {
            let (run, more) = self.next();
            at += match charset {
                Charset::Utf8 => decode(run, &mut out[at..], &fit),
                Charset::Ascii | Charset::Latin1 => widen(run, &mut out[at..]),
            };
            if !more {
                return;
            }
            out[at] = T::from(b'\n');
            at += 1;
        }
    }
}

fn widen<T: From<u8>>(bytes: &[u8], out: &mut [T]) -> usize {
    for (to, &byte) in out[..bytes.len()].iter_mut().zip(bytes) {
        *to = T::from(byte);
    }
    bytes.len()
}

/// UTF-8 that is known to be valid, ASCII in steps of sixteen.
fn decode<T: Copy + From<u8>>(bytes: &[u8], out: &mut [T], fit: impl Fn(u32) -> T) -> usize {
    const STEP: usize = 16;
    let (mut from, mut to) = (0, 0);
    while from < bytes.len() {
        while let Some(block) = bytes.get(from..from + STEP).filter(|block| block.is_ascii()) {
            to += widen(block, &mut out[to..]);
            from += STEP;
        }
        let near = bytes.len().min(from + STEP);
        while from < near {
            let (character, length) = one(&bytes[from..]);
            out[to] = fit(character);
            from += length;
            to += 1;
        }
    }
    to
}

/// The first character, and its length in bytes.
#[inline]
fn one(bytes: &[u8]) -> (u32, usize) {
    let next = |n: usize| u32::from(bytes.get(n).copied().unwrap_or(0x80) & 0x3F);
    let first = u32::from(bytes[0]);
    match first {
        0xF0.. => ((first & 0x07) << 18 | next(1) << 12 | next(2) << 6 | next(3), 4),
        0xE0.. => ((first & 0x0F) << 12 | next(1) << 6 | next(2), 3),
        0xC0.. => ((first & 0x1F) << 6 | next(1), 2),
        _ => (first, 1),
    }
}

/// Makes every line end `\n`, as text with `newline=None` is read.
pub fn translate(bytes: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(b'\r', bytes).is_none() {
        return bytes.into();
    }
    let mut out = Vec::with_capacity(bytes.len());
    let mut runs = Translated::new(bytes);
    loop {
        let (run, more) = runs.next();
        out.extend_from_slice(run);
        if !more {
            return out.into();
        }
        out.push(b'\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(charset: Charset, bytes: &[u8], translate: bool) -> (Vec<u32>, Width) {
        let Shape { characters, width } = shape(charset, bytes, translate);
        let wide = |all: Vec<u16>| all.into_iter().map(u32::from).collect();
        let characters = match width {
            Width::Ascii | Width::One => {
                let mut out = vec![0u8; characters];
                transcode(charset, bytes, translate, Target::One(&mut out));
                out.into_iter().map(u32::from).collect()
            }
            Width::Two => {
                let mut out = vec![0u16; characters];
                transcode(charset, bytes, translate, Target::Two(&mut out));
                wide(out)
            }
            Width::Four => {
                let mut out = vec![0u32; characters];
                transcode(charset, bytes, translate, Target::Four(&mut out));
                out
            }
        };
        (characters, width)
    }

    fn expected(text: &str) -> (Vec<u32>, Width) {
        let all: Vec<u32> = text.chars().map(u32::from).collect();
        let widest = all.iter().max().copied().unwrap_or(0);
        let bounds = [(0x80, Width::Ascii), (0x100, Width::One), (0x1_0000, Width::Two), (u32::MAX, Width::Four)];
        let width = bounds.into_iter().find(|bound| widest < bound.0).unwrap().1;
        (all, width)
    }

    #[test]
    fn every_code_point_by_itself() {
        for character in '\0'..=char::MAX {
            let text = character.to_string();
            assert_eq!(decoded(Charset::Utf8, text.as_bytes(), false), expected(&text), "{character:?}");
        }
    }

    #[test]
    fn mixtures_at_every_offset() {
        let pieces =
            ["", "a", "plain ascii that is longer than a step", "é", "€", "𝄞", "\r", "\n", "\r\n", "ÿÿÿ", "\u{80}"];
        for first in pieces {
            for second in pieces {
                for third in pieces {
                    let text = [first, second, third, second, first].concat();
                    assert_eq!(decoded(Charset::Utf8, text.as_bytes(), false), expected(&text), "{text:?}");
                    let plain = text.replace("\r\n", "\n").replace('\r', "\n");
                    assert_eq!(decoded(Charset::Utf8, text.as_bytes(), true), expected(&plain), "{text:?}");
                    assert_eq!(&*translate(text.as_bytes()), plain.as_bytes());
                }
            }
        }
    }

    #[test]
    fn single_bytes() {
        let all: Vec<u8> = (0..=255).collect();
        let same: Vec<u32> = (0..=255).collect();
        assert_eq!(decoded(Charset::Latin1, &all, false), (same, Width::One));
        assert_eq!(
            decoded(Charset::Ascii, b"a\r\nb\r", true),
            ("a\nb\n".bytes().map(u32::from).collect(), Width::Ascii)
        );
        assert_eq!(starts(&[b'a'; 1000]), 1000);
        assert_eq!(starts("€".repeat(1000).as_bytes()), 1000);
    }
}
