//! The formats of compressed data: their names, what their files are called, how they begin.

/// A format of compressed data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// bzip2.
    Bz2,
    /// gzip, RFC 1952.
    Gzip,
    /// xz.
    Xz,
    /// Zstandard, RFC 8878.
    Zstd,
}

/// The most bytes that are needed to tell formats apart. No compressed data of any of them are shorter.
pub(super) const MAGIC: usize = 6;

const ALL: [Format; 4] = [Format::Bz2, Format::Gzip, Format::Xz, Format::Zstd];

impl Format {
    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Format::Bz2 => "bz2",
            Format::Gzip => "gzip",
            Format::Xz => "xz",
            Format::Zstd => "zstd",
        }
    }

    /// The format of a name.
    pub fn named(name: &str) -> Option<Self> {
        ALL.into_iter().find(|format| format.name() == name)
    }

    /// The format that a path's suffix tells.
    pub fn of_path(path: &[u8]) -> Option<Self> {
        let dot = memchr::memrchr(b'.', path)?;
        match path[dot + 1..].to_ascii_lowercase().as_slice() {
            b"bz2" | b"tbz2" | b"tbz" => Some(Format::Bz2),
            b"gz" | b"tgz" => Some(Format::Gzip),
            b"xz" | b"txz" => Some(Format::Xz),
            b"zst" | b"zstd" | b"tzst" => Some(Format::Zstd),
            _ => None,
        }
    }

    /// The format of data that begin so; the first six bytes decide.
    pub fn of_data(head: &[u8]) -> Option<Self> {
        ALL.into_iter().find(|format| format.begins(head))
    }

    /// Whether data of this format may begin so. All of the bytes are looked at, though a format may need fewer.
    pub(super) fn begins(self, head: &[u8]) -> bool {
        let like = |magic: &[u8]| magic.iter().zip(head).all(|(a, b)| a == b);
        match self {
            Format::Bz2 => like(b"BZh") && head.get(3).is_none_or(|level| (b'1'..=b'9').contains(level)),
            Format::Gzip => like(b"\x1f\x8b\x08"),
            Format::Xz => like(b"\xfd7zXZ\0"),
            // A frame, or one that is to be skipped.
            Format::Zstd => {
                like(b"\x28\xb5\x2f\xfd")
                    || (head.first().is_none_or(|first| (0x50..=0x5f).contains(first))
                        && head.iter().skip(1).zip(b"\x2a\x4d\x18").all(|(a, b)| a == b))
            }
        }
    }

    /// The levels there are, from quick to small.
    pub fn levels(self) -> std::ops::RangeInclusive<i32> {
        match self {
            Format::Bz2 => 1..=9,
            Format::Gzip | Format::Xz => 0..=9,
            Format::Zstd => -7..=22,
        }
    }

    /// The level that its own program uses.
    pub fn usual_level(self) -> i32 {
        match self {
            Format::Bz2 => 9,
            Format::Gzip | Format::Xz => 6,
            Format::Zstd => 3,
        }
    }

    /// Whether this build of the library knows it.
    pub fn is_built(self) -> bool {
        match self {
            Format::Bz2 => cfg!(feature = "bz2"),
            Format::Gzip => cfg!(feature = "gzip"),
            Format::Xz => cfg!(feature = "xz"),
            Format::Zstd => cfg!(feature = "zstd"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suffixes() {
        for (path, format) in [
            (&b"a.tar.gz"[..], Some(Format::Gzip)),
            (b"A.TGZ", Some(Format::Gzip)),
            (b"a.zst", Some(Format::Zstd)),
            (b"dir.xz/a", None),
            (b"gz", None),
            (b"", None),
        ] {
            assert_eq!(Format::of_path(path), format, "{path:?}");
        }
    }

    #[test]
    fn beginnings() {
        assert_eq!(Format::of_data(b"BZh91A"), Some(Format::Bz2));
        assert_eq!(Format::of_data(b"BZh01A"), None);
        assert_eq!(Format::of_data(b"\x5f\x2a\x4d\x18\0\0"), Some(Format::Zstd));
        assert_eq!(Format::of_data(b"\x60\x2a\x4d\x18\0\0"), None);
    }
}
