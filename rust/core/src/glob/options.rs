//! What is asked for.

use std::os::fd::OwnedFd;

use super::alphabet::Alphabet;

/// How a pattern is understood, and where it begins.
#[derive(Debug)]
#[allow(clippy::struct_excessive_bools)] // each is an option of its own
pub struct Options {
    /// What names are made of: characters or bytes.
    pub alphabet: Alphabet,
    /// The directory that relative patterns begin in; nothing for the current one.
    pub root: Vec<u8>,
    /// What relative paths, `root` too, are relative to.
    pub from: From,
    /// Whether `**` stands for any number of directories, and not just for `*`.
    pub recursive: bool,
    /// Whether names that begin with a dot are found by parts that don't.
    pub include_hidden: bool,
    /// Whether `**` stands for directories behind symbolic links, too. Where it begins may be one in any case.
    pub links: bool,
    /// Whether `**` finds the directory it begins in only where it is one, as Python does from 3.13 on.
    pub sure_of_start: bool,
}

/// Where relative paths begin.
#[derive(Debug)]
pub enum From {
    /// In the current directory.
    Current,
    /// In this one.
    Directory(OwnedFd),
    /// Nowhere: what was given is no descriptor. Absolute paths are found all the same.
    Nowhere,
}
