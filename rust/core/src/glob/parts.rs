//! A pattern, taken apart.

use super::alphabet::Alphabet;
use super::wild::{Wild, has_magic};
use crate::find::BadPattern;

/// Bytes in a pattern at most.
const LONGEST: usize = 64 * 1024;
/// Parts of a pattern that are matched one by one, at most.
const MOST: usize = 1000;

/// What follows the directory that a pattern begins with.
#[derive(Debug)]
pub(super) enum Part {
    /// A name that is what it is.
    Literal(Vec<u8>),
    /// Names that match.
    Wild(Wild),
    /// `**`: the directory itself, and everything below it.
    Any,
    /// What a slash at the end asks for: the directory itself.
    Directory,
}

/// A pattern.
#[derive(Debug)]
pub(super) struct Pattern {
    /// The path that stands before the first wild part. It isn't looked at, only into; without wild parts it is the whole.
    pub(super) start: Vec<u8>,
    pub(super) parts: Vec<Part>,
}

impl Pattern {
    /// Parts are split off at the end, as `os.path.split` does it: of slashes in between one is kept.
    pub(super) fn new(pattern: &[u8], alphabet: Alphabet, recursive: bool) -> Result<Self, BadPattern> {
        let bad = |position: usize, reason: &str| {
            let before = alphabet.characters(&pattern[..position]).len();
            BadPattern::new(&String::from_utf8_lossy(pattern), before, reason)
        };
        if pattern.len() > LONGEST {
            return Err(bad(LONGEST, &format!("longer than {LONGEST} bytes")));
        }
        let mut parts = Vec::new();
        let mut rest = pattern;
        while has_magic(rest) {
            let (head, name) = split(rest);
            if parts.len() == MOST {
                return Err(bad(head.len(), &format!("more than {MOST} parts")));
            }
            parts.push(match name {
                b"" => Part::Directory,
                b"**" if recursive => Part::Any,
                _ if has_magic(name) => Part::Wild(Wild::new(name, alphabet)),
                _ => Part::Literal(name.to_vec()),
            });
            rest = head;
        }
        parts.reverse();
        Ok(Self { start: rest.to_vec(), parts })
    }

    /// Whether directories are listed in more than one place.
    pub(super) fn is_deep(&self) -> bool {
        let lists = self.parts.iter().filter(|part| matches!(part, Part::Wild(_) | Part::Any)).count();
        lists > 1 || self.parts.iter().any(|part| matches!(part, Part::Any))
    }
}

/// Directory and name.
pub(super) fn split(path: &[u8]) -> (&[u8], &[u8]) {
    let name = path.iter().rposition(|byte| *byte == b'/').map_or(0, |slash| slash + 1);
    let (head, name) = path.split_at(name);
    let end = head.iter().rposition(|byte| *byte != b'/').map_or(head.len(), |last| last + 1);
    (&head[..end], name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(pattern: &str, recursive: bool) -> (String, String) {
        let pattern = Pattern::new(pattern.as_bytes(), Alphabet::Text, recursive).unwrap();
        let letter = |part: &Part| match part {
            Part::Literal(_) => 'l',
            Part::Wild(_) => 'w',
            Part::Any => 'a',
            Part::Directory => 'd',
        };
        (String::from_utf8(pattern.start).unwrap(), pattern.parts.iter().map(letter).collect())
    }

    #[test]
    fn literal_beginnings_are_kept_whole() {
        for (pattern, start, parts) in [
            ("a//b/", "a//b/", ""),
            ("a//b//*.py", "a//b", "w"),
            ("//*//x/", "//", "wld"),
            ("**/x*/**", "", "awa"),
            ("*", "", "w"),
            ("../[a]//", "..", "wd"),
            ("", "", ""),
        ] {
            assert_eq!(shape(pattern, true), (start.to_owned(), parts.to_owned()), "{pattern}");
        }
        assert_eq!(shape("**/a", false), (String::new(), "wl".to_owned()));
    }

    #[test]
    fn what_is_too_much_is_refused() {
        let bad = |pattern: &str| Pattern::new(pattern.as_bytes(), Alphabet::Text, true).unwrap_err().position;
        assert_eq!(bad(&"é".repeat(40_000)), Some(LONGEST / 2));
        assert_eq!(bad(&"*/".repeat(1001)), Some(1));
    }
}
