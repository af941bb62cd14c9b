//! What every compression has in common.

use std::io;

use super::bad::{BadData, Defect};
use super::format::Format;

/// How far one step got.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pace {
    /// Bytes of the input that were taken.
    pub taken: usize,
    /// Bytes of the output that were filled.
    pub given: usize,
    /// Whether nothing more will come.
    pub ended: bool,
}

/// Turns bytes into others, a little at a time.
pub trait Codec: Send {
    /// Takes some of the input and fills some of the output; neither, if it needs more of one of them. `last`: no input comes
    /// after this.
    ///
    /// # Errors
    /// Of the kind `InvalidData`, with a [`BadData`] in it, or `OutOfMemory`.
    fn step(&mut self, input: &[u8], output: &mut [u8], last: bool) -> io::Result<Pace>;
}

pub(super) fn corrupt(format: Format) -> io::Error {
    BadData::error(Some(format), Defect::Corrupt)
}

/// What two counters say after a step. They count what is in memory.
#[cfg(any(feature = "bz2", feature = "gzip", feature = "xz"))]
pub(super) fn pace(taken: u64, given: u64, ended: bool) -> Pace {
    let count = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
    Pace { taken: count(taken), given: count(given), ended }
}

/// Compresses. The level is one of the format's.
pub(super) fn encoder(format: Format, level: i32) -> io::Result<Box<dyn Codec>> {
    match format {
        #[cfg(feature = "bz2")]
        Format::Bz2 => Ok(Box::new(super::bz2::Encode::new(level))),
        #[cfg(feature = "gzip")]
        Format::Gzip => Ok(Box::new(super::gzip::Encode::new(level))),
        #[cfg(feature = "xz")]
        Format::Xz => Ok(Box::new(super::xz::Encode::new(level)?)),
        #[cfg(feature = "zstd")]
        Format::Zstd => Ok(Box::new(super::zstd::Encode::new(level)?)),
        #[allow(unreachable_patterns)] // where all of them are built
        _ => Err(io::ErrorKind::Unsupported.into()),
    }
}

/// Decompresses one member: a gzip member, a bz2 or xz stream, a zstd frame.
pub(super) fn decoder(format: Format) -> io::Result<Box<dyn Codec>> {
    match format {
        #[cfg(feature = "bz2")]
        Format::Bz2 => Ok(Box::new(super::bz2::Decode::new())),
        #[cfg(feature = "gzip")]
        Format::Gzip => Ok(Box::new(super::gzip::Decode::new())),
        #[cfg(feature = "xz")]
        Format::Xz => Ok(Box::new(super::xz::Decode::new()?)),
        #[cfg(feature = "zstd")]
        Format::Zstd => Ok(Box::new(super::zstd::Decode::new()?)),
        #[allow(unreachable_patterns)] // where all of them are built
        _ => Err(io::ErrorKind::Unsupported.into()),
    }
}
