//! What is found, and who gets it.

use rustix::fs::FileType;

use super::options::Types;
use crate::engine::channel::Closed;
use crate::fs::Failure;
use crate::fs::stat::Status;

/// Something in a tree.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// The root as it was given, and the way from there.
    pub path: &'a [u8],
    /// Where the name begins in the path.
    pub name: usize,
    /// Which of the roots.
    pub root: usize,
    /// What it is: behind a symbolic link, if those are followed.
    pub kind: FileType,
    /// Whether it is a symbolic link, followed or not.
    pub link: bool,
    /// Steps from the root.
    pub depth: usize,
    /// What is known of it, if it was asked for.
    pub status: Option<&'a Status>,
}

/// Gets what is found, on one thread.
pub trait Sink {
    /// An entry.
    fn found(&mut self, entry: &Entry<'_>) -> Result<(), Closed>;

    /// A directory is about to be looked at: its path, without a slash at the end.
    fn entering(&mut self, _directory: &[u8]) -> Result<(), Closed> {
        Ok(())
    }

    /// An error that something was not looked at for.
    fn report(&mut self, failure: Failure) -> Result<(), Closed>;

    /// An error that ends everything: a root that isn't there.
    fn fail(&mut self, failure: Failure);

    /// Whether somebody wants more. Asked now and then.
    fn wanted(&self) -> bool;

    /// It may be a while till the next one.
    fn idle(&mut self) -> Result<(), Closed>;

    /// The next directory is looked at: what has waited for long should not wait for what is in it.
    fn breathe(&mut self) -> Result<(), Closed> {
        Ok(())
    }

    /// Everything was found.
    fn finish(&mut self) -> Result<(), Closed> {
        self.idle()
    }
}

/// The type, as one of a set.
pub(super) fn type_of(kind: FileType) -> Types {
    match kind {
        FileType::RegularFile => Types::FILE,
        FileType::Directory => Types::DIRECTORY,
        FileType::Symlink => Types::SYMLINK,
        FileType::Socket => Types::SOCKET,
        FileType::Fifo => Types::FIFO,
        FileType::BlockDevice => Types::BLOCK,
        FileType::CharacterDevice => Types::CHARACTER,
        FileType::Unknown => Types::default(),
    }
}
