//! What is in one directory.

use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::FileType;

use crate::engine;
use crate::find::open::open_directory;
use crate::fs::Failure;
use crate::fs::list::{Directory, Entry, Kind, entries};

/// The names in a directory, sorted.
#[derive(Debug, Default)]
pub(super) struct Level {
    /// Regular files, and links to some.
    pub(super) files: Vec<Vec<u8>>,
    /// Directories; links to some, if they are followed.
    pub(super) directories: Vec<Vec<u8>>,
}

/// A directory, opened to be read. `wanted`: whether somebody still waits for it.
pub(super) fn open(path: &[u8], follow: bool, wanted: &dyn Fn() -> bool) -> Result<Open, Failure> {
    let fd = open_directory(path, follow, wanted).map_err(|errno| Failure::on(path, errno))?;
    Ok(Open(Some(fd)))
}

/// An open directory. Whoever waits for a descriptor learns when it is closed.
pub(super) struct Open(Option<OwnedFd>);

impl Open {
    /// Everything in it.
    pub(super) fn list(&self, path: &[u8], mut each: impl FnMut(&[u8], &Entry)) -> Result<(), Failure> {
        let Some(fd) = &self.0 else { return Ok(()) };
        let (names, found) =
            entries(Directory::Open(fd.as_fd())).map_err(|failure| Failure::on(path, failure.error))?;
        names.iter().zip(&found).for_each(|(name, entry)| each(name, entry));
        Ok(())
    }

    pub(super) fn fd(&self) -> Option<&OwnedFd> {
        self.0.as_ref()
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        drop(self.0.take());
        engine::fd_freed();
    }
}

impl Level {
    /// Reads a directory. `follow`: whether links to directories are directories.
    pub(super) fn read(open: &Open, path: &[u8], follow: bool) -> Result<Self, Failure> {
        let mut level = Self::default();
        open.list(path, |name, entry| match kind(entry) {
            (Kind::File, _) => level.files.push(name.to_vec()),
            (Kind::Directory, linked) if follow || !linked => level.directories.push(name.to_vec()),
            _ => {}
        })?;
        level.files.sort_unstable();
        level.directories.sort_unstable();
        Ok(level)
    }
}

/// What an entry is, behind a link if it is one; and whether it is one.
fn kind(entry: &Entry) -> (Kind, bool) {
    let Some(Ok(status)) = entry.target.as_deref() else { return (entry.kind, false) };
    #[allow(clippy::useless_conversion, clippy::unnecessary_cast, clippy::cast_possible_truncation)]
    let kind = match FileType::from_raw_mode(status.mode as rustix::fs::RawMode) {
        FileType::RegularFile => Kind::File,
        FileType::Directory => Kind::Directory,
        _ => Kind::Other,
    };
    (kind, true)
}
