//! Whether an entry is what is looked for.

use std::ffi::CStr;
use std::io;
use std::ops::ControlFlow;
use std::os::fd::{AsFd, BorrowedFd};

use rustix::fs::{AtFlags, FileType, Mode, OFlags, openat, statat};

use super::crawl::Worker;
use super::entry::{Sink, type_of};
use super::listing::Lister;
use super::open::patiently;
use super::options::{Options, Types};
use crate::fs::retry;
use crate::fs::stat::Status;

/// Who may execute a file: one of them is enough.
const EXECUTE: u32 = 0o111;

/// An entry, and what has been asked about it.
pub(super) struct Looked<'a> {
    pub(super) directory: BorrowedFd<'a>,
    pub(super) name: &'a CStr,
    pub(super) kind: FileType,
    pub(super) status: Option<Status>,
}

impl Looked<'_> {
    /// Its metadata. Of the link, unless it was followed before.
    fn status(&mut self) -> io::Result<Status> {
        if let Some(status) = self.status {
            return Ok(status);
        }
        let status = retry(|| statat(self.directory, self.name, AtFlags::SYMLINK_NOFOLLOW))?;
        Ok(*self.status.insert(Status::from(&status)))
    }

    fn is_file(&self) -> bool {
        self.kind == FileType::RegularFile
    }
}

impl<S: Sink> Worker<'_, S> {
    /// What can be said without asking the system.
    pub(super) fn passes_by_name(&self, path: &[u8], name: usize, kind: FileType) -> bool {
        let options = &self.finder.options;
        let is_directory = kind == FileType::Directory;
        let own = type_of(kind);
        let executable = own == Types::FILE && options.types.has(Types::EXECUTABLE);
        let ends = |extension: &Vec<u8>| has_extension(&path[name..], extension);
        (options.types.is_empty() || options.types.has(own) || executable)
            && (options.extensions.is_empty() || options.extensions.iter().any(ends))
            && (options.patterns.is_empty() || options.patterns.iter().any(|p| p.matches(path, name, is_directory)))
    }

    /// What needs to be looked up. An entry it can't be said of is an error.
    pub(super) fn passes(&mut self, looked: &mut Looked<'_>) -> io::Result<bool> {
        let options = &self.finder.options;
        if (options.size.is_some() || options.content.is_some()) && !looked.is_file() {
            return Ok(false);
        }
        let only_executables = !options.types.is_empty() && !options.types.has(type_of(looked.kind));
        if asks_metadata(options) || only_executables {
            let status = looked.status()?;
            if only_executables && status.mode & EXECUTE == 0 || !self.fits(&status) {
                return Ok(false);
            }
        }
        if let Some(empty) = options.empty
            && self.is_empty(looked)? != empty
        {
            return Ok(false);
        }
        self.has_content(looked)
    }

    fn is_empty(&self, looked: &mut Looked<'_>) -> io::Result<bool> {
        match looked.kind {
            FileType::RegularFile => Ok(looked.status()?.size == 0),
            FileType::Directory => {
                let mut empty = true;
                let flags = OFlags::RDONLY | OFlags::DIRECTORY;
                let fd = patiently(
                    || openat(looked.directory, looked.name, flags | OFlags::CLOEXEC, Mode::empty()),
                    &|| self.sink.wanted(),
                )?;
                Lister::default().read(fd.as_fd(), |_, _| {
                    empty = false;
                    ControlFlow::Break(())
                })?;
                Ok(empty)
            }
            _ => Ok(false),
        }
    }

    fn has_content(&mut self, looked: &Looked<'_>) -> io::Result<bool> {
        let (Some(content), Some(searcher)) = (&self.finder.options.content, &mut self.searcher) else {
            return Ok(true);
        };
        // Nobody is kept waiting, should it have become a FIFO.
        let mut flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
        flags.set(OFlags::NOFOLLOW, !self.finder.options.follow_symlinks);
        let wanted = || self.sink.wanted();
        let file = patiently(|| openat(looked.directory, looked.name, flags, Mode::empty()), &wanted)?;
        content.is_in(file, searcher, &wanted)
    }

    fn fits(&self, status: &Status) -> bool {
        let options = &self.finder.options;
        let nanoseconds = |(seconds, rest): (i64, u32)| i128::from(seconds) * 1_000_000_000 + i128::from(rest);
        let times = [(&options.mtime, status.mtime), (&options.atime, status.atime), (&options.ctime, status.ctime)];
        options.size.is_none_or(|(least, most)| (least..=most).contains(&status.size))
            && times.iter().all(|(range, time)| range.as_ref().is_none_or(|range| range.contains(&nanoseconds(*time))))
            && self.ready.owner.is_none_or(|owner| owner == status.uid)
    }
}

fn asks_metadata(options: &Options) -> bool {
    let times = options.mtime.is_some() || options.atime.is_some() || options.ctime.is_some();
    options.metadata || times || options.size.is_some() || options.owner.is_some()
}

/// Whether a name ends with a dot and the extension, and has something before it.
fn has_extension(name: &[u8], extension: &[u8]) -> bool {
    name.len() > extension.len() + 1
        && name[name.len() - extension.len()..].eq_ignore_ascii_case(extension)
        && name[name.len() - extension.len() - 1] == b'.'
}
