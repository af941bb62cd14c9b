//! Regular expressions, compiled within bounds.

use std::fmt;

use grep_regex::{RegexMatcher, RegexMatcherBuilder};
use regex_syntax::ast::parse::Parser;
use regex_syntax::hir::translate::TranslatorBuilder;

use super::options::{Binary, Case, Options};

/// Bytes of a pattern at most.
const PATTERN: usize = 64 * 1024;
/// Bytes of a compiled pattern at most.
const PROGRAM: usize = 10 << 20;
/// Bytes of the tables that a search builds on its way, for each thread.
const TABLES: usize = 64 << 20;

/// A compiled regular expression.
#[derive(Clone, Debug)]
pub struct Pattern {
    pub(super) matcher: RegexMatcher,
}

/// Why a pattern can't be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadPattern {
    /// What is wrong with it.
    pub message: String,
    /// The character at which it is wrong, where that can be told.
    pub position: Option<usize>,
}

impl fmt::Display for BadPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for BadPattern {}

impl Pattern {
    /// Compiles a pattern for searches with these options.
    pub fn new(regex: &str, options: &Options) -> Result<Self, BadPattern> {
        if regex.len() > PATTERN {
            let message = format!("the pattern is too long: {} bytes, at most {PATTERN}", regex.len());
            return Err(BadPattern { message, position: None });
        }
        if !options.fixed_strings {
            check_syntax(regex)?;
        }
        let matcher = builder(options).build(regex);
        let matcher = matcher.map_err(|error| BadPattern { message: reason(&error), position: None })?;
        Ok(Self { matcher })
    }
}

fn builder(options: &Options) -> RegexMatcherBuilder {
    let mut builder = RegexMatcherBuilder::new();
    builder
        .multi_line(true)
        .fixed_strings(options.fixed_strings)
        .case_insensitive(options.case == Case::Insensitive)
        .case_smart(options.case == Case::Smart)
        .word(options.word && !options.line_regexp)
        .whole_line(options.line_regexp)
        .size_limit(PROGRAM)
        .dfa_size_limit(TABLES);
    if options.multiline {
        builder.dot_matches_new_line(options.multiline_dotall);
        if options.crlf {
            builder.crlf(true).line_terminator(None);
        }
    } else {
        builder.line_terminator(Some(b'\n'));
        if options.crlf {
            builder.crlf(true);
        }
    }
    if options.binary != Binary::Text {
        builder.ban_byte(Some(0));
    }
    builder
}

/// What is wrong with the pattern as it was written, and where. (The matcher's own errors are about what it made of it.)
fn check_syntax(regex: &str) -> Result<(), BadPattern> {
    let at = |offset: usize| regex.get(..offset).map(|before| before.chars().count());
    let tree = Parser::new()
        .parse(regex)
        .map_err(|error| BadPattern { message: error.kind().to_string(), position: at(error.span().start.offset) })?;
    let meaning = TranslatorBuilder::new().utf8(false).multi_line(true).build().translate(regex, &tree);
    meaning
        .map(drop)
        .map_err(|error| BadPattern { message: error.kind().to_string(), position: at(error.span().start.offset) })
}

fn reason(error: &grep_regex::Error) -> String {
    use grep_regex::ErrorKind::{Banned, NotAllowed};
    match error.kind() {
        NotAllowed(literal) => format!("the end of a line ({literal}) can match only in a multiline search"),
        Banned(byte) => format!("byte {byte:#04x} can match only in binary files searched as text"),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(regex: &str) -> BadPattern {
        Pattern::new(regex, &Options::default()).expect_err("it can't be compiled")
    }

    #[test]
    fn an_error_says_where() {
        assert_eq!(refused("äb(c").position, Some(2));
        assert_eq!(refused("[z-a]").position, Some(1));
        assert_eq!(refused(r"ab\p{nope}").position, Some(2));
    }

    #[test]
    fn huge_patterns_are_refused() {
        assert!(refused(&"a".repeat(PATTERN + 1)).message.contains("too long"));
        assert!(refused(r"\w{1000}{1000}").message.contains("size limit"), "{}", refused(r"\w{1000}{1000}").message);
        assert!(refused(&"(".repeat(300)).position.is_some());
        let nested = format!("{}a{}", "(".repeat(300), ")".repeat(300));
        assert!(refused(&nested).position.is_some());
    }

    #[test]
    fn what_can_never_match_is_said() {
        assert!(refused(r"a\nb").message.contains("multiline"));
        assert!(refused(r"a\x00b").message.contains("binary"));
        let text = Options { binary: Binary::Text, ..Options::default() };
        assert!(Pattern::new(r"a\x00b", &text).is_ok());
        let multiline = Options { multiline: true, ..Options::default() };
        assert!(Pattern::new(r"a\nb", &multiline).is_ok());
    }
}
