//! What is done to paths: one operation per file, each a plain function that blocks.
//!
//! A path is followed from a directory, [`CWD`] unless it is another. Signals are nobody's error: an interrupted
//! call is made again. Errors are the system's own; a [`Failure`] also knows on which path it happened, where that
//! isn't the one that was given.

pub mod access;
pub mod cwd;
pub mod dir;
mod failure;
pub(crate) mod fd;
pub mod link;
pub mod list;
pub mod mount;
pub mod owner;
pub(crate) mod parents;
pub mod permissions;
pub mod real;
pub mod remove;
pub mod rename;
#[cfg(target_os = "linux")]
pub mod sendfile;
pub mod size;
pub(crate) mod spot;
pub mod stat;
pub mod statvfs;
pub mod times;
pub mod touch;
#[cfg(any(target_os = "linux", target_vendor = "apple"))]
pub mod xattr;

pub use failure::{Blame, Failure};
pub(crate) use fd::Fd;
pub(crate) use parents::{c_string, join, trimmed};
pub use rustix::fs::CWD;

pub(crate) use crate::error::retry;
