//! Regular expressions, compiled within bounds.

use grep_regex::{RegexMatcher, RegexMatcherBuilder};

use super::options::{Binary, Case, Options};
use crate::find::BadPattern;
use crate::find::pattern::{check_regex, check_syntax, measure};

/// Bytes of a compiled pattern at most.
const PROGRAM: usize = 10 << 20;
/// Bytes of the tables that a search builds on its way, for each thread.
const TABLES: usize = 64 << 20;

/// A compiled regular expression.
#[derive(Clone, Debug)]
pub struct Pattern {
    pub(super) matcher: RegexMatcher,
}

impl Pattern {
    /// Says what is wrong with how a pattern is written. This is quick, and what it doesn't find [`Pattern::new`] does.
    ///
    /// # Errors
    /// It is none, or too long.
    pub fn check(regex: &str, options: &Options) -> Result<(), BadPattern> {
        if options.fixed_strings { measure(regex) } else { check_syntax(regex) }
    }

    /// Compiles a pattern for searches with these options. This may take a second.
    ///
    /// # Errors
    /// It is none, too large, or can't match anything.
    pub fn new(regex: &str, options: &Options) -> Result<Self, BadPattern> {
        measure(regex)?;
        if !options.fixed_strings {
            // The matcher's own errors are about what it makes of it.
            check_regex(regex)?;
        }
        let matcher = builder(options).build(regex);
        Ok(Self { matcher: matcher.map_err(|error| BadPattern::new(regex, None, reason(&error)))? })
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
        assert!(refused(&"a".repeat(70_000)).reason.contains("longer"));
        assert!(refused(r"\w{1000}{1000}").reason.contains("size limit"), "{}", refused(r"\w{1000}{1000}").reason);
        assert!(refused(&"(".repeat(300)).position.is_some());
        let nested = format!("{}a{}", "(".repeat(300), ")".repeat(300));
        assert!(refused(&nested).position.is_some());
    }

    #[test]
    fn what_can_never_match_is_said() {
        assert!(refused(r"a\nb").reason.contains("multiline"));
        assert!(refused(r"a\x00b").reason.contains("binary"));
        let text = Options { binary: Binary::Text, ..Options::default() };
        assert!(Pattern::new(r"a\x00b", &text).is_ok());
        let multiline = Options { multiline: true, ..Options::default() };
        assert!(Pattern::new(r"a\nb", &multiline).is_ok());
    }
}
