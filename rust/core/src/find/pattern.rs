//! What names have to match.

use regex::bytes::{Regex, RegexBuilder};

use super::bad::BadPattern;
use super::lazy::{AT_ONCE, Lazy};
use super::text::{is_odd, text_of};
use super::translate::translate;

/// The longest pattern there may be, in bytes.
const LONGEST: usize = 64 * 1024;
/// What a compiled one may take.
const PROGRAM: usize = 10 * 1024 * 1024;

/// A pattern for names, or for paths if it has a slash. It is compiled when it is first compared with something, or by
/// [`Pattern::compile`].
#[derive(Debug)]
pub struct Pattern {
    how: How,
    of_path: bool,
    only_directories: bool,
}

#[derive(Debug)]
enum How {
    Everything,
    /// `*.txt`
    Suffix(Vec<u8>, bool),
    Exact(Vec<u8>, bool),
    Glob(Lazy<Regex>),
    Regex(Lazy<Regex>),
}

impl Pattern {
    /// A glob: `*`, `?`, `[…]`, `{a,b}`, and `**` for any directories. It matches whole names; with a slash in it whole
    /// paths, relative to the root; with one at its end directories only.
    ///
    /// # Errors
    /// It is none, or too long.
    pub fn glob(pattern: &str, case: Option<bool>) -> Result<Self, BadPattern> {
        measure(pattern)?;
        let (glob, only_directories) = match pattern.strip_suffix('/') {
            Some(glob) if !glob.is_empty() && !glob.ends_with('\\') => (glob, true),
            _ => (pattern, false),
        };
        let glob = glob.strip_prefix("./").unwrap_or(glob);
        let of_path = glob.contains('/');
        let fold = folds(glob, case);
        let how = match simple(glob, fold) {
            Some(how) => how,
            None => How::Glob(lazy_glob(pattern, glob, fold)?),
        };
        Ok(Self { how, of_path, only_directories })
    }

    /// A regular expression that is found somewhere in the name; in the path relative to the root, if it has a slash.
    ///
    /// # Errors
    /// It isn't written as one, or is too long.
    pub fn regex(pattern: &str, case: Option<bool>) -> Result<Self, BadPattern> {
        check_syntax(pattern)?;
        let given = pattern.to_owned();
        let regex = Lazy::new(move || {
            check_regex(&given)?;
            build(&given, &given, folds(&without_escapes(&given), case))
        });
        Ok(Self { how: How::Regex(regex), of_path: pattern.contains('/'), only_directories: false })
    }

    /// Makes ready what matching needs. This may take a second.
    ///
    /// # Errors
    /// It would be too large, or names classes of characters that there aren't. It matches nothing then.
    pub fn compile(&self) -> Result<(), BadPattern> {
        match &self.how {
            How::Glob(regex) | How::Regex(regex) => regex.get().map(drop).map_err(Clone::clone),
            How::Everything | How::Suffix(..) | How::Exact(..) => Ok(()),
        }
    }

    /// Whether an entry matches: its path from the root on, and where its name begins in that.
    pub fn matches(&self, path: &[u8], name: usize, is_directory: bool) -> bool {
        if self.only_directories && !is_directory {
            return false;
        }
        let subject = if self.of_path { path } else { &path[name..] };
        match &self.how {
            How::Everything => true,
            How::Suffix(end, fold) => {
                subject.len() >= end.len() && same(&subject[subject.len() - end.len()..], end, *fold)
            }
            How::Exact(whole, fold) => same(subject, whole, *fold),
            How::Glob(regex) => regex.get().is_ok_and(|regex| regex.is_match(text_of(subject).as_bytes())),
            How::Regex(regex) => regex.get().is_ok_and(|regex| regex.is_match(subject)),
        }
    }
}

/// `glob`: the pattern without what isn't translated.
fn lazy_glob(pattern: &str, glob: &str, fold: bool) -> Result<Lazy<Regex>, BadPattern> {
    if glob.len() <= AT_ONCE {
        translate(glob)?;
    }
    let (pattern, glob) = (pattern.to_owned(), glob.to_owned());
    Ok(Lazy::new(move || build(&pattern, &translate(&glob)?, fold)))
}

fn same(a: &[u8], b: &[u8], fold: bool) -> bool {
    if fold { a.eq_ignore_ascii_case(b) } else { a == b }
}

/// What needs no regular expression.
fn simple(glob: &str, fold: bool) -> Option<How> {
    let plain = |text: &str| {
        let special = |c: char| "*?[]{}\\/,".contains(c) || (fold && !c.is_ascii());
        !text.contains(special) && !is_odd(text)
    };
    match glob {
        "*" => Some(How::Everything),
        _ if plain(glob) => Some(How::Exact(glob.into(), fold)),
        _ => glob.strip_prefix('*').filter(|end| plain(end)).map(|end| How::Suffix(end.into(), fold)),
    }
}

fn folds(pattern: &str, case: Option<bool>) -> bool {
    !case.unwrap_or_else(|| pattern.chars().any(char::is_uppercase))
}

pub(crate) fn measure(pattern: &str) -> Result<(), BadPattern> {
    let long = || BadPattern::new(pattern, LONGEST, format!("longer than {LONGEST} bytes"));
    if pattern.len() > LONGEST { Err(long()) } else { Ok(()) }
}

/// Says what is wrong with how a regular expression is written, unless it is so long that this takes its time.
pub(crate) fn check_syntax(pattern: &str) -> Result<(), BadPattern> {
    measure(pattern)?;
    if pattern.len() > AT_ONCE {
        return Ok(());
    }
    let parsed = regex_syntax::ast::parse::Parser::new().parse(pattern);
    parsed.map(drop).map_err(|error| bad_at(pattern, error.span().start.offset, error.kind().to_string()))
}

fn bad_at(pattern: &str, byte: usize, reason: String) -> BadPattern {
    BadPattern::new(pattern, pattern.get(..byte).map(|before| before.chars().count()), reason)
}

/// Says what is wrong with a regular expression, and where. This may take a second.
pub(crate) fn check_regex(pattern: &str) -> Result<(), BadPattern> {
    measure(pattern)?;
    let Err(error) = regex_syntax::ParserBuilder::new().utf8(false).build().parse(pattern) else { return Ok(()) };
    Err(match &error {
        regex_syntax::Error::Parse(error) => bad_at(pattern, error.span().start.offset, error.kind().to_string()),
        regex_syntax::Error::Translate(error) => bad_at(pattern, error.span().start.offset, error.kind().to_string()),
        other => BadPattern::new(pattern, None, other.to_string()),
    })
}

fn build(given: &str, regex: &str, fold: bool) -> Result<Regex, BadPattern> {
    let built = RegexBuilder::new(regex).case_insensitive(fold).size_limit(PROGRAM).build();
    built.map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => BadPattern::new(given, 0, "it would take too much memory"),
        other => BadPattern::new(given, 0, other.to_string()),
    })
}

/// A regular expression without what stands for classes and names: upper case in those is nobody's wish.
fn without_escapes(pattern: &str) -> String {
    let mut plain = String::new();
    let mut rest = pattern.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\\' => {
                let escape = rest.next();
                if matches!(escape, Some('p' | 'P' | 'x' | 'u' | 'U')) && rest.peek() == Some(&'{') {
                    rest.by_ref().find(|c| *c == '}');
                } else if matches!(escape, Some('p' | 'P')) {
                    rest.next();
                }
            }
            '(' if rest.peek() == Some(&'?') => {
                rest.by_ref().find(|c| matches!(c, '>' | ':' | ')'));
            }
            c => plain.push(c),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glob(pattern: &str, path: &str) -> bool {
        let name = path.rfind('/').map_or(0, |slash| slash + 1);
        Pattern::glob(pattern, None).unwrap().matches(path.as_bytes(), name, false)
    }

    #[test]
    fn globs_match_names_or_paths() {
        assert!(glob("*.py", "a/b.py") && glob("b?", "a/bé") && !glob("??", "é") && glob("[!a]", "b"));
        assert!(glob("a/*.py", "a/b.py") && !glob("a/*.py", "x/a/b.py") && !glob("a/*", "a/b/c"));
        assert!(glob("**/b.py", "b.py") && glob("**/b.py", "x/y/b.py") && glob("a/**/c", "a/c"));
        assert!(glob("*.{py,p[xy]i}", "a.pyi") && !glob("*.{py,pyi}", "a.pyx") && glob("a\\*", "a*"));
    }

    #[test]
    fn smart_case() {
        assert!(glob("readme*", "README.md") && !glob("Readme*", "README.md"));
        let regex = |pattern, name: &str| Pattern::regex(pattern, None).unwrap().matches(name.as_bytes(), 0, false);
        assert!(regex(r"\Sx", "AX") && !regex("aX", "AX") && regex(r"(?P<N>a)\p{Lu}?", "A") && regex("^a$", "A"));
    }

    #[test]
    fn odd_bytes_are_characters() {
        let pattern = Pattern::glob(&text_of(b"a\xff?"), None).unwrap();
        assert!(pattern.matches(b"a\xff\xfe", 0, false) && !pattern.matches(b"a\xff\xfe\xfe", 0, false));
    }

    #[test]
    fn bad_ones_say_where() {
        for (pattern, position) in [("a[b", 1), ("{a", 0), ("a}", 1), ("a\\", 1), ("[z-a]", 1), ("é[", 1)] {
            assert_eq!(Pattern::glob(pattern, None).unwrap_err().position, Some(position), "{pattern}");
        }
        assert_eq!(Pattern::regex("é(b", None).unwrap_err().position, Some(1));
        assert!(Pattern::glob(&"{a,".repeat(100), None).is_err() && Pattern::glob(&"a".repeat(70_000), None).is_err());
    }

    #[test]
    fn what_takes_time_to_find_out_is_said_later() {
        let late = |pattern: Result<Pattern, BadPattern>| {
            let pattern = pattern.unwrap();
            assert!(!pattern.matches(b"a", 0, false));
            pattern.compile().unwrap_err()
        };
        assert_eq!(late(Pattern::regex(r"é\p{nope}", None)).position, Some(1));
        assert!(late(Pattern::regex("((a{100}){100}){100}", None)).reason.contains("memory"));
        assert!(late(Pattern::regex(&"(".repeat(AT_ONCE + 1), None)).position.is_some());
        assert!(late(Pattern::glob(&"[!a]".repeat(16_000), None)).reason.contains("memory"));
        assert_eq!(late(Pattern::glob(&format!("*{}[", "a".repeat(AT_ONCE)), None)).position, Some(AT_ONCE + 1));
    }
}
