//! Entries that travel together: one buffer of bytes, and where in it each begins.

use super::kind::Kind;
use crate::engine::channel::Batch;
use crate::find;
use crate::fs::stat::Status;

/// So many bytes take as much of a channel's room as an item does.
const WEIGHT: usize = 256;

/// What of an entry is known without asking the system again.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// What comes before the name: the root as it was given, the way from there, a slash.
    pub before: &'a [u8],
    /// The name.
    pub name: &'a [u8],
    /// Whether both are ASCII.
    pub ascii: bool,
    /// What it is: behind a symbolic link, if those are followed.
    pub kind: Kind,
    /// Whether it is a symbolic link, followed or not.
    pub link: bool,
    /// Steps from the root.
    pub depth: usize,
    /// Its metadata, if they were asked for.
    pub status: Option<&'a Status>,
}

/// Entries, many of which are in one directory.
#[derive(Debug, Default)]
pub struct Entries {
    bytes: Vec<u8>,
    directories: Vec<Directory>,
    items: Vec<Item>,
    statuses: Vec<Status>,
}

#[derive(Clone, Copy, Debug)]
struct Directory {
    start: usize,
    end: usize,
    ascii: bool,
    depth: usize,
}

#[derive(Clone, Copy, Debug)]
struct Item {
    start: usize,
    /// A name is no longer than 255 bytes on most systems, and than 64 KiB on all.
    length: u16,
    ascii: bool,
    link: bool,
    kind: Kind,
    directory: u32,
}

impl Entries {
    /// Adds one; with its metadata, if all of them have them.
    pub fn push(&mut self, entry: &find::Entry<'_>, metadata: bool) {
        let (before, name) = entry.path.split_at(entry.name);
        if self.directories.last().is_none_or(|last| self.bytes[last.start..last.end] != *before) {
            let start = self.bytes.len();
            self.bytes.extend_from_slice(before);
            let (end, ascii, depth) = (self.bytes.len(), before.is_ascii(), entry.depth);
            self.directories.push(Directory { start, end, ascii, depth });
        }
        let item = Item {
            start: self.bytes.len(),
            length: u16::try_from(name.len()).unwrap_or(u16::MAX),
            ascii: name.is_ascii(),
            link: entry.link,
            kind: entry.kind.into(),
            // A batch never has so many.
            directory: u32::try_from(self.directories.len() - 1).unwrap_or(u32::MAX),
        };
        self.bytes.extend_from_slice(name);
        self.items.push(item);
        self.statuses.extend(entry.status.filter(|_| metadata));
    }

    /// One of them, by its place.
    pub fn get(&self, at: usize) -> Entry<'_> {
        let item = self.items[at];
        let directory = self.directories[item.directory as usize];
        Entry {
            before: &self.bytes[directory.start..directory.end],
            name: &self.bytes[item.start..item.start + usize::from(item.length)],
            ascii: directory.ascii && item.ascii,
            kind: item.kind,
            link: item.link,
            depth: directory.depth,
            status: self.statuses.get(at),
        }
    }
}

impl Batch for Entries {
    fn len(&self) -> usize {
        self.items.len()
    }

    fn weight(&self) -> usize {
        self.items.len().max(self.bytes.len() / WEIGHT)
    }
}
