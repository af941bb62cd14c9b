//! Where spans of bytes are in the text that the bytes are.

/// Spans of characters for spans of bytes, which must be in order. A byte that is no text stands for one character, as in
/// Python's `surrogateescape`.
pub fn char_spans(bytes: &[u8], spans: &[(u32, u32)]) -> Vec<(usize, usize)> {
    let mut places = Places { bytes, at: 0, characters: 0 };
    let place = |(start, end): &(u32, u32)| (places.of(*start as usize), places.of(*end as usize));
    if bytes.is_ascii() {
        return spans.iter().map(|&(start, end)| (start as usize, end as usize)).collect();
    }
    spans.iter().map(place).collect()
}

/// Goes through bytes once, counting characters.
struct Places<'a> {
    bytes: &'a [u8],
    at: usize,
    characters: usize,
}

impl Places<'_> {
    /// How many characters begin before a byte.
    fn of(&mut self, byte: usize) -> usize {
        while self.at < byte.min(self.bytes.len()) {
            self.at += width(&self.bytes[self.at..]);
            self.characters += 1;
        }
        self.characters
    }
}

/// How many bytes the first character is.
fn width(bytes: &[u8]) -> usize {
    let most = bytes.len().min(4);
    let whole = |width: &usize| std::str::from_utf8(&bytes[..*width]).is_ok();
    (1..=most).find(whole).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(bytes: &[u8]) -> Vec<usize> {
        let count = u32::try_from(bytes.len()).unwrap();
        char_spans(bytes, &(0..=count).map(|n| (n, n)).collect::<Vec<_>>()).into_iter().map(|(n, _)| n).collect()
    }

    #[test]
    fn characters_are_counted_as_python_does() {
        assert_eq!(ends(b"abc"), [0, 1, 2, 3]);
        assert_eq!(ends("aäb€".as_bytes()), [0, 1, 2, 2, 3, 4, 4, 4]);
        assert_eq!(ends(b"a\xff\xe4\xb8b"), [0, 1, 2, 3, 4, 5]);
        assert_eq!(ends(b"\xed\xa0\x80"), [0, 1, 2, 3]);
    }

    #[test]
    fn spans_follow_one_another() {
        assert_eq!(char_spans("äbcä".as_bytes(), &[(0, 2), (3, 4), (4, 6)]), [(0, 1), (2, 3), (3, 4)]);
    }
}
