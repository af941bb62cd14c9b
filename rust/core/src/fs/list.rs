//! What is in a directory: names, and what they are the names of.

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, SeekFrom, openat, seek, statat};
use rustix::io::{Errno, fcntl_dupfd_cloexec};

use super::stat::Status;
use super::{Failure, retry};
use crate::engine;

/// The directory to be read.
#[derive(Clone, Copy, Debug)]
pub enum Directory<'a> {
    /// The directory of this path.
    Path(&'a CStr),
    /// One that is open. It is read from where it stands, and stands at its start afterwards.
    Open(BorrowedFd<'a>),
}

/// Names, one after the other.
#[derive(Debug, Default)]
pub struct Names {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Names {
    fn push(&mut self, name: &[u8]) {
        self.bytes.extend_from_slice(name);
        self.ends.push(self.bytes.len());
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// One of them, by its place.
    pub fn get(&self, at: usize) -> Option<&[u8]> {
        let end = *self.ends.get(at)?;
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.bytes.get(start..end)
    }

    /// All of them, in the order of the directory.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        (0..self.len()).map(|at| self.get(at).unwrap_or_default())
    }
}

/// What an entry is, without looking again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Symlink,
    /// A device, pipe or socket.
    Other,
}

/// What a directory says of an entry, and where a symbolic link leads.
#[derive(Debug)]
pub struct Entry {
    /// What it is.
    pub kind: Kind,
    /// Its number in the filesystem.
    pub inode: u64,
    /// For a symbolic link: what it leads to, or why that can't be said.
    pub target: Option<Box<io::Result<Status>>>,
}

/// All names in a directory but "." and "..".
pub fn names(directory: Directory<'_>) -> Result<Names, Failure> {
    let mut names = Names::default();
    visit(directory, |found| names.push(found.name.to_bytes()))?;
    Ok(names)
}

/// As [`names`], with what is known of each of them.
pub fn entries(directory: Directory<'_>) -> Result<(Names, Vec<Entry>), Failure> {
    let mut names = Names::default();
    let mut entries = Vec::new();
    visit(directory, |found| {
        names.push(found.name.to_bytes());
        entries.push(look(found));
    })?;
    Ok((names, entries))
}

fn look(found: &Found<'_>) -> Entry {
    let ask = |flags| retry(|| statat(found.directory, found.name, flags));
    let kind = match found.kind {
        // Some filesystems don't keep it with the name.
        FileType::Unknown => {
            ask(AtFlags::SYMLINK_NOFOLLOW).map_or(FileType::Unknown, |status| FileType::from_raw_mode(status.st_mode))
        }
        known => known,
    };
    let kind = match kind {
        FileType::RegularFile => Kind::File,
        FileType::Directory => Kind::Directory,
        FileType::Symlink => Kind::Symlink,
        _ => Kind::Other,
    };
    let follow = || ask(AtFlags::empty()).map(|status| Status::from(&status)).map_err(io::Error::from);
    Entry { kind, inode: found.inode, target: (kind == Kind::Symlink).then(|| Box::new(follow())) }
}

/// What a directory says.
struct Found<'a> {
    directory: BorrowedFd<'a>,
    name: &'a CStr,
    kind: FileType,
    inode: u64,
}

fn visit(directory: Directory<'_>, mut each: impl FnMut(&Found<'_>)) -> Result<(), Failure> {
    let fd = open(directory)?;
    let read = read(fd.as_fd(), |found| {
        if !matches!(found.name.to_bytes(), b"." | b"..") {
            each(found);
        }
    });
    if let Directory::Open(_) = directory {
        // The descriptor was lent, and its position is part of it.
        let _unseekable = seek(&fd, SeekFrom::Start(0));
    }
    drop(fd);
    // Somebody may wait for one.
    engine::fd_freed();
    Ok(read?)
}

#[cfg(target_os = "linux")]
fn read(directory: BorrowedFd<'_>, mut each: impl FnMut(&Found<'_>)) -> rustix::io::Result<()> {
    use rustix::fs::RawDir;
    // The C library's size too: a system call per thousand names.
    let mut buffer = vec![std::mem::MaybeUninit::uninit(); 32 * 1024];
    let mut reader = RawDir::new(directory, &mut buffer);
    while let Some(entry) = reader.next() {
        match entry {
            Ok(entry) => {
                let (name, kind, inode) = (entry.file_name(), entry.file_type(), entry.ino());
                each(&Found { directory, name, kind, inode });
            }
            Err(Errno::INTR) => {}
            Err(errno) => return Err(errno),
        }
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn read(directory: BorrowedFd<'_>, mut each: impl FnMut(&Found<'_>)) -> rustix::io::Result<()> {
    let mut reader = rustix::fs::Dir::new(fcntl_dupfd_cloexec(directory, 0)?)?;
    while let Some(entry) = reader.read() {
        match entry {
            Ok(entry) => {
                let (name, kind, inode) = (entry.file_name(), entry.file_type(), entry.ino());
                each(&Found { directory, name, kind, inode });
            }
            Err(Errno::INTR) => {}
            Err(errno) => return Err(errno),
        }
    }
    Ok(())
}

fn open(directory: Directory<'_>) -> Result<OwnedFd, Failure> {
    match directory {
        Directory::Path(path) => {
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
            Ok(retry(|| openat(CWD, path, flags, Mode::empty()))?)
        }
        Directory::Open(fd) => fcntl_dupfd_cloexec(fd, 0).map_err(Failure::of_nobody),
    }
}
