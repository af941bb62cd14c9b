//! Going through a tree by descriptors of its directories: no path is looked up twice, no link is followed that nobody meant.
//!
//! Several threads do it (a crew), a slice of time after the other. What is done to directories and to what is in them is a
//! tree's affair: [`Removal`], or copying ([`crate::copy`]). Memory and descriptors stay bounded however deep or wide the tree
//! is; names may be longer together than a path may be.

mod batch;
mod crew;
mod node;
mod removal;
mod work;

pub use removal::Removal;
pub use work::Tally;

pub(crate) use crew::Crew;
pub(crate) use node::{Node, Shelf};
pub(crate) use work::{Found, Left, Tools, Tree};
