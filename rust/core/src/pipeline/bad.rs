//! Data that can't be decompressed.

use std::{fmt, io};

use super::Format;

/// What is wrong with data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Defect {
    /// They are damaged, or were never of that format.
    Corrupt,
    /// They end before they are complete.
    Truncated,
    /// Something follows that isn't compressed data.
    Trailing,
    /// They are of no known format.
    Unknown,
    /// They would become more than is allowed.
    TooLarge,
}

impl Defect {
    /// In a word.
    pub fn name(self) -> &'static str {
        match self {
            Defect::Corrupt => "corrupt",
            Defect::Truncated => "truncated",
            Defect::Trailing => "trailing",
            Defect::Unknown => "unknown",
            Defect::TooLarge => "too_large",
        }
    }
}

/// Data that can't be decompressed. It travels in an [`io::Error`] of the kind `InvalidData`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadData {
    /// What they should have been, as far as that is known.
    pub format: Option<Format>,
    /// What is wrong.
    pub defect: Defect,
}

impl BadData {
    pub(super) fn error(format: Option<Format>, defect: Defect) -> io::Error {
        io::Error::new(io::ErrorKind::InvalidData, Self { format, defect })
    }
}

impl fmt::Display for BadData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.format.map_or("compressed", Format::name);
        match self.defect {
            Defect::Corrupt => write!(f, "no valid {name} data"),
            Defect::Truncated => write!(f, "the {name} data end too early"),
            Defect::Trailing => write!(f, "something else follows the {name} data"),
            Defect::Unknown => f.write_str("neither bz2, gzip, xz nor zstd data"),
            Defect::TooLarge => write!(f, "the {name} data become more than the limit allows"),
        }
    }
}

impl std::error::Error for BadData {}
