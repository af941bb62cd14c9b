//! A file of patterns, one a line, as `.gitignore` is.

use super::wild::Wild;

/// What a line says of a path it matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is ignored.
    Ignored,
    /// It is not, whatever was said before.
    Kept,
}

/// The patterns of one file.
#[derive(Debug, Default)]
pub(super) struct List {
    patterns: Vec<Pattern>,
    fold: bool,
}

#[derive(Debug)]
struct Pattern {
    verdict: Verdict,
    /// A slash at the end: for directories only.
    only_directories: bool,
    /// No other slash: for names in any directory below.
    by_name: bool,
    how: How,
}

#[derive(Debug)]
enum How {
    Exact(Vec<u8>),
    /// `*` and then no wildcard; for names.
    Suffix(Vec<u8>),
    /// What comes before the first wildcard is compared, the rest matched on its own.
    Wild(Vec<u8>, Wild),
}

impl List {
    /// Lines end with a newline, and a carriage return before it. `fold`: upper and lower case are the same.
    pub(super) fn parse(content: &[u8], fold: bool) -> Self {
        let content = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content);
        let lines = content.split(|byte| *byte == b'\n');
        let lines = lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line));
        // Who reads strings in C stops at a NUL.
        let lines = lines.map(|line| line.split(|byte| *byte == 0).next().unwrap_or(line));
        let lines = lines.filter(|line| !line.is_empty() && line[0] != b'#');
        Self { patterns: lines.map(|line| Pattern::parse(trimmed(line), fold)).collect(), fold }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// What the last pattern says that matches a path, which is relative to where the file stands.
    pub(super) fn verdict(&self, path: &[u8], is_directory: bool) -> Option<Verdict> {
        let name = path.iter().rposition(|byte| *byte == b'/').map_or(path, |slash| &path[slash + 1..]);
        let says = |pattern: &&Pattern| {
            (is_directory || !pattern.only_directories)
                && pattern.how.matches(if pattern.by_name { name } else { path }, self.fold)
        };
        self.patterns.iter().rev().find(says).map(|pattern| pattern.verdict)
    }
}

impl Pattern {
    fn parse(line: &[u8], fold: bool) -> Self {
        let (verdict, line) = match line {
            [b'!', rest @ ..] => (Verdict::Kept, rest),
            line => (Verdict::Ignored, line),
        };
        let (only_directories, line) = match line {
            [rest @ .., b'/'] => (true, rest),
            line => (false, line),
        };
        let by_name = !line.contains(&b'/');
        let line = line.strip_prefix(b"/").unwrap_or(line);
        let how = match line.iter().position(is_special) {
            None => How::Exact(line.to_vec()),
            Some(0) if by_name && line[0] == b'*' && !line[1..].iter().any(is_special) => {
                How::Suffix(line[1..].to_vec())
            }
            Some(_) if by_name => How::Wild(Vec::new(), Wild::new(line, fold)),
            Some(at) => How::Wild(line[..at].to_vec(), Wild::new(&line[at..], fold)),
        };
        Self { verdict, only_directories, by_name, how }
    }
}

impl How {
    fn matches(&self, text: &[u8], fold: bool) -> bool {
        let same = |a: &[u8], b: &[u8]| if fold { a.eq_ignore_ascii_case(b) } else { a == b };
        match self {
            How::Exact(whole) => same(whole, text),
            How::Suffix(end) => text.len() >= end.len() && same(end, &text[text.len() - end.len()..]),
            How::Wild(start, rest) => {
                text.len() >= start.len()
                    && same(start, &text[..start.len()])
                    && rest.matches(&text[start.len()..], fold)
            }
        }
    }
}

#[allow(clippy::trivially_copy_pass_by_ref)] // for `position`
fn is_special(byte: &u8) -> bool {
    matches!(byte, b'*' | b'?' | b'[' | b'\\')
}

/// Without the spaces at its end, but for those behind a backslash.
fn trimmed(line: &[u8]) -> &[u8] {
    let (mut at, mut end) = (0, 0);
    while at < line.len() {
        match line[at] {
            b' ' => at += 1,
            // What stands behind it counts; a backslash that ends the line leaves everything as it is.
            b'\\' if at + 1 == line.len() => return line,
            b'\\' => {
                at += 2;
                end = at;
            }
            _ => {
                at += 1;
                end = at;
            }
        }
    }
    &line[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ignored(lines: &str, path: &str, is_directory: bool) -> bool {
        List::parse(lines.as_bytes(), false).verdict(path.as_bytes(), is_directory) == Some(Verdict::Ignored)
    }

    #[test]
    fn names_and_paths() {
        assert!(ignored("a", "x/a", false) && !ignored("/a", "x/a", false) && ignored("/a", "a", false));
        assert!(ignored("x/a", "x/a", false) && !ignored("x/a", "y/x/a", false));
        assert!(ignored("a/", "x/a", true) && !ignored("a/", "x/a", false));
        assert!(ignored("*.pyc", "x/y.pyc", false) && ignored("x/*.pyc", "x/y.pyc", false));
    }

    #[test]
    fn the_last_line_counts() {
        assert!(!ignored("*.a\n!b.a", "b.a", false) && ignored("!b.a\n*.a", "b.a", false));
    }

    #[test]
    fn odd_lines() {
        assert!(ignored("\u{feff}a\r\nb", "a", false) && ignored("a\r\nb", "b", false));
        assert!(ignored("a  ", "a", false) && ignored(r"a\ ", "a ", false) && !ignored("#a", "#a", false));
        assert!(ignored(r"\#a", "#a", false) && ignored(r"\!a", "!a", false) && !ignored("  ", " ", false));
    }
}
