//! What is done to a tree.

use std::sync::Arc;

use rustix::fs::FileType;
use rustix::io::Errno;

use super::node::{Node, Shelf};
use crate::fs::{Failure, Fd};

/// What a thread brings along.
#[derive(Default)]
pub(crate) struct Tools {
    /// For contents.
    pub(crate) buffer: Vec<u8>,
    /// For names.
    pub(super) names: Vec<u8>,
    /// Bytes that were copied since they were counted last.
    pub(crate) bytes: u64,
}

/// What has become of something in a directory.
pub(crate) enum Found<S> {
    /// It is done.
    Done,
    /// It is a directory, or `follow`: a link to one.
    Below { follow: bool },
    /// It takes more steps.
    More(S),
}

/// What has become of a directory in the end.
pub(crate) enum Left {
    Done,
    /// It stays as it is, because of what is in it.
    Stays,
    /// Somebody has put more into it.
    Again,
}

/// What is done to the directories of a tree, and to all that is in them.
pub(crate) trait Tree: Send + Sync + 'static {
    /// What is known of a directory.
    type Extra: Default + Send + Sync + 'static;
    /// Something that isn't done yet. Dropping it undoes it.
    type Step: Send + 'static;

    /// Before a directory is gone through: its descriptor.
    fn enter(&self, node: &Arc<Node<Self::Extra>>, fds: &Shelf<Self::Extra>) -> Result<Option<Arc<Fd>>, Failure>;

    /// The error of a directory that can't be read any further, if it is one.
    fn unreadable(&self, node: &Node<Self::Extra>, errno: Errno) -> Option<Failure>;

    /// Something in a directory.
    fn entry(
        &self,
        node: &Arc<Node<Self::Extra>>,
        fds: &Shelf<Self::Extra>,
        entry: (&[u8], FileType),
        tools: &mut Tools,
    ) -> Result<Found<Self::Step>, Failure>;

    /// Some more of what takes many steps.
    fn step(
        &self,
        node: &Arc<Node<Self::Extra>>,
        name: &[u8],
        step: Self::Step,
        tools: &mut Tools,
    ) -> Result<Option<Self::Step>, Failure>;

    /// After all in a directory. `whole`: nothing in it has failed.
    fn leave(&self, node: &Arc<Node<Self::Extra>>, fds: &Shelf<Self::Extra>, whole: bool) -> Result<Left, Failure>;
}

/// How far work on a tree is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// What isn't a directory, and is done.
    pub files: u64,
    /// Directories that are done.
    pub directories: u64,
    /// All that was found by now.
    pub found: u64,
    /// Bytes that were copied.
    pub bytes: u64,
}
