//! What is searched for, and how.

use grep_matcher::LineTerminator;
use grep_searcher::{BinaryDetection, Encoding, MmapChoice, Searcher, SearcherBuilder};

/// The most that is kept of one file in memory: the longest line, or a whole file where matches span lines.
pub(super) const LONGEST: usize = 2 << 30;

/// Whether upper and lower case differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Case {
    /// They differ.
    Sensitive,
    /// They don't.
    Insensitive,
    /// They differ if the pattern has an upper case letter.
    #[default]
    Smart,
}

/// What is done with a file that has a NUL byte, as text has none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Binary {
    /// Its search ends at the block that the NUL is in, in most files the first; what was found before is.
    #[default]
    Quit,
    /// Nothing is found in it: what matches in a file is kept until all of the file was seen.
    Skip,
    /// It is searched like text.
    Text,
}

/// How bytes become text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum TextEncoding {
    /// UTF-8, or UTF-16 if there is a byte order mark that says so.
    #[default]
    Sniff,
    /// Bytes are searched as they are, a byte order mark included.
    Raw,
    /// This encoding, unless there is a byte order mark that says otherwise.
    Named(Encoding),
}

impl TextEncoding {
    /// By its name: a label of the encoding standard, or `none` for the bytes as they are.
    pub fn from_label(label: &str) -> Option<Self> {
        if label.eq_ignore_ascii_case("none") {
            return Some(Self::Raw);
        }
        Encoding::new(label).ok().map(Self::Named)
    }
}

/// How a file is searched.
#[derive(Clone, Debug, Default)]
#[allow(clippy::struct_excessive_bools)] // each is a question of its own
pub struct Options {
    /// Lines before each match that come with it.
    pub before_context: usize,
    /// Lines after each match that come with it.
    pub after_context: usize,
    /// Whether a match may span lines.
    pub multiline: bool,
    /// Whether `.` matches the end of a line too, where matches may span lines.
    pub multiline_dotall: bool,
    /// Whether the lines that don't match are looked for.
    pub invert: bool,
    /// Whether the pattern is a text, and no regular expression.
    pub fixed_strings: bool,
    /// Whether a match must have no word character beside it.
    pub word: bool,
    /// Whether a match must be a whole line.
    pub line_regexp: bool,
    /// Matching lines of a file that are wanted at most.
    pub max_count: Option<u64>,
    /// Whether upper and lower case differ.
    pub case: Case,
    /// How bytes become text.
    pub encoding: TextEncoding,
    /// What is done with binary files.
    pub binary: Binary,
    /// Whether a carriage return before the end of a line belongs to the end.
    pub crlf: bool,
    /// Whether a file that can't be read ends the search.
    pub strict: bool,
}

impl Options {
    /// Whether the searcher is not told how many lines are wanted: there it counts what doesn't count.
    fn counts_itself(&self) -> bool {
        self.multiline && self.invert
    }

    /// What ends a line.
    pub(super) fn line_end(&self) -> LineTerminator {
        if self.crlf { LineTerminator::crlf() } else { LineTerminator::byte(b'\n') }
    }

    /// What reads and searches a file.
    pub(super) fn searcher(&self) -> Searcher {
        let binary = match self.binary {
            Binary::Quit | Binary::Skip => BinaryDetection::quit(0),
            Binary::Text => BinaryDetection::none(),
        };
        let mut builder = SearcherBuilder::new();
        builder
            .line_terminator(self.line_end())
            .invert_match(self.invert)
            .line_number(true)
            .multi_line(self.multiline)
            .before_context(self.before_context)
            .after_context(self.after_context)
            .max_matches(self.max_count.filter(|_| !self.counts_itself()))
            .binary_detection(binary)
            .heap_limit(Some(LONGEST))
            // A file that shrinks under its map would kill the process.
            .memory_map(MmapChoice::never());
        match &self.encoding {
            TextEncoding::Sniff => {}
            TextEncoding::Raw => {
                builder.bom_sniffing(false);
            }
            TextEncoding::Named(encoding) => {
                builder.encoding(Some(encoding.clone()));
            }
        }
        builder.build()
    }
}
