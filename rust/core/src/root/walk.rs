//! The path is walked from directory to directory, each held open: what is swapped behind the walk doesn't lead it astray.

use std::ffi::{CStr, CString};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{Mode, OFlags, openat, readlinkat};
use rustix::io::{Errno, Result};

use super::WAY;
use crate::error::retry;

/// As many symbolic links as the kernel follows.
const LINKS: usize = 40;

/// The way from the root to where the walk stands. `..` goes back on it and is never opened.
struct Way<'a> {
    root: BorrowedFd<'a>,
    held: Vec<OwnedFd>,
}

impl Way<'_> {
    fn here(&self) -> BorrowedFd<'_> {
        self.held.last().map_or(self.root, AsFd::as_fd)
    }
}

pub(super) fn open(root: BorrowedFd<'_>, relative: &CStr, flags: OFlags) -> Result<OwnedFd> {
    let mut way = Way { root, held: Vec::new() };
    let mut left = steps(relative.to_bytes())?;
    let mut links = 0;
    while let Some(step) = left.pop() {
        if step.as_bytes() == b".." {
            way.held.pop().ok_or(Errno::XDEV)?;
            continue;
        }
        let last = left.is_empty();
        let opened = if last { last_of(way.here(), &step, flags) } else { directory(way.here(), &step) };
        match opened {
            Ok(fd) if last => return Ok(fd),
            Ok(fd) => way.held.push(fd),
            // A symbolic link, or what it has been replaced by since.
            Err(Errno::LOOP | Errno::NOTDIR) => {
                links += 1;
                if links > LINKS {
                    return Err(Errno::LOOP);
                }
                let target = retry(|| readlinkat(way.here(), &step, Vec::new()));
                let target = target.map_err(|errno| if errno == Errno::INVAL { Errno::NOTDIR } else { errno })?;
                left.extend(steps(target.to_bytes())?);
            }
            Err(errno) => return Err(errno),
        }
    }
    last_of(way.here(), c".", flags)
}

fn directory(at: BorrowedFd<'_>, name: &CStr) -> Result<OwnedFd> {
    retry(|| openat(at, name, WAY | OFlags::NOFOLLOW, Mode::empty()))
}

fn last_of(at: BorrowedFd<'_>, name: &CStr, flags: OFlags) -> Result<OwnedFd> {
    let fd = retry(|| openat(at, name, flags | OFlags::NOFOLLOW, Mode::empty()))?;
    // Opened for its path only, a symbolic link is no error.
    #[cfg(target_os = "linux")]
    if flags.contains(OFlags::PATH) {
        let mode = rustix::fs::fstat(&fd)?.st_mode;
        if rustix::fs::FileType::from_raw_mode(mode) == rustix::fs::FileType::Symlink {
            return Err(Errno::LOOP);
        }
    }
    Ok(fd)
}

/// The components of a path, the first of them last.
fn steps(path: &[u8]) -> Result<Vec<CString>> {
    match path {
        [] => return Err(Errno::NOENT),
        [b'/', ..] => return Err(Errno::XDEV),
        _ => {}
    }
    let mut parts: Vec<&[u8]> =
        path.split(|&byte| byte == b'/').filter(|part| !part.is_empty() && *part != b".").collect();
    // What ends with a slash has to be a directory.
    if path.ends_with(b"/") {
        parts.push(b".");
    }
    // There is no NUL in what was a C string.
    Ok(parts.into_iter().rev().map(|part| CString::new(part).unwrap_or_default()).collect())
}
