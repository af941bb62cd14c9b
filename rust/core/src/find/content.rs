//! What is in a file.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;

use grep_regex::{RegexMatcher, RegexMatcherBuilder};
use grep_searcher::{BinaryDetection, Searcher, SearcherBuilder, Sink, SinkMatch};

use super::bad::BadPattern;
use super::lazy::Lazy;
use super::pattern::{check_regex, check_syntax};

/// What a compiled regular expression may take.
const PROGRAM: usize = 10 * 1024 * 1024;

/// A regular expression that has to be found in a file. It is looked for line by line, unless it asks for line ends itself. It
/// is compiled when it is needed first, or by [`Content::compile`].
#[derive(Debug)]
pub struct Content(Lazy<Compiled>);

#[derive(Debug)]
struct Compiled {
    matcher: RegexMatcher,
    multi_line: bool,
}

impl Content {
    /// `case`: None for smart case, where upper case in the expression makes it count.
    ///
    /// # Errors
    /// It isn't written as a regular expression, or is too long.
    pub fn new(regex: &str, case: Option<bool>) -> Result<Self, BadPattern> {
        check_syntax(regex)?;
        let regex = regex.to_owned();
        Ok(Self(Lazy::new(move || compile(&regex, case))))
    }

    /// Makes ready what looking for it needs. This may take a second.
    ///
    /// # Errors
    /// It would be too large, or names classes of characters that there aren't. It is in no file then.
    pub fn compile(&self) -> Result<(), BadPattern> {
        self.0.get().map(drop).map_err(Clone::clone)
    }

    /// What searches one file after the other.
    pub(super) fn searcher(&self) -> Searcher {
        // Binary files are searched like others; a NUL ends a line, so that lines stay short.
        let multi_line = self.0.get().is_ok_and(|compiled| compiled.multi_line);
        let binary = if multi_line { BinaryDetection::none() } else { BinaryDetection::convert(0) };
        SearcherBuilder::new().line_number(false).binary_detection(binary).multi_line(multi_line).build()
    }

    /// Whether it is in this file. `wanted` is asked now and then: who wants no more gets a no.
    pub(super) fn is_in(&self, file: OwnedFd, searcher: &mut Searcher, wanted: &dyn Fn() -> bool) -> io::Result<bool> {
        let Ok(Compiled { matcher, .. }) = self.0.get() else { return Ok(false) };
        let source = Watched { file: File::from(file), wanted };
        let mut found = Found(false);
        match searcher.search_reader(matcher, source, &mut found) {
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => Ok(false),
            done => done.map(|()| found.0),
        }
    }
}

fn compile(regex: &str, case: Option<bool>) -> Result<Compiled, BadPattern> {
    check_regex(regex)?;
    let mut builder = RegexMatcherBuilder::new();
    builder.multi_line(true).size_limit(PROGRAM).dfa_size_limit(PROGRAM);
    builder.case_insensitive(case == Some(false)).case_smart(case.is_none());
    let bad = |error: grep_regex::Error| BadPattern::new(regex, 0, error.to_string());
    match builder.clone().line_terminator(Some(b'\n')).build(regex) {
        Ok(matcher) => Ok(Compiled { matcher, multi_line: false }),
        // It has line ends in it: then the whole file is looked at at once.
        Err(error) if matches!(error.kind(), grep_regex::ErrorKind::NotAllowed(_)) => {
            Ok(Compiled { matcher: builder.build(regex).map_err(bad)?, multi_line: true })
        }
        Err(error) => Err(bad(error)),
    }
}

struct Watched<'a> {
    file: File,
    wanted: &'a dyn Fn() -> bool,
}

impl Read for Watched<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !(self.wanted)() {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        self.file.read(buffer)
    }
}

/// The first match is enough.
struct Found(bool);

impl Sink for Found {
    type Error = io::Error;

    fn matched(&mut self, _: &Searcher, _: &SinkMatch<'_>) -> io::Result<bool> {
        self.0 = true;
        Ok(false)
    }
}
