//! Making and removing directories.

use std::ffi::CStr;
use std::io;
use std::os::fd::BorrowedFd;

use rustix::fs::{AtFlags, CWD, FileType, Mode, RawMode, mkdirat, stat, unlinkat};
use rustix::io::Errno;

use super::parents::{c_string, exists, parent, split};
use super::{Failure, retry};

/// Makes a directory. The umask applies.
pub fn make(dir: BorrowedFd<'_>, path: &CStr, mode: u32) -> io::Result<()> {
    Ok(retry(|| mkdirat(dir, path, permissions(mode)))?)
}

/// Permissions fit into the type of any platform.
#[allow(clippy::unnecessary_cast, clippy::cast_possible_truncation)]
pub(crate) fn permissions(mode: u32) -> Mode {
    Mode::from_raw_mode(mode as RawMode)
}

/// Makes a directory and those above it that aren't there; they get the default mode.
pub fn make_all(path: &CStr, mode: u32, exist_ok: bool) -> Result<(), Failure> {
    let mut levels = vec![path.to_bytes()];
    loop {
        let (head, tail) = parent(levels[levels.len() - 1]);
        if head.is_empty() || tail.is_empty() || exists(&c_string(head)) {
            break;
        }
        levels.push(head);
    }
    let highest = levels.len() - 1;
    for (above, level) in levels.into_iter().enumerate().rev() {
        // "a/." is there as soon as "a" is.
        if above < highest && parent(level).1 == b"." {
            continue;
        }
        let mode = if above == 0 { mode } else { 0o777 };
        match make_or_find(&c_string(level), mode, exist_ok) {
            Err(errno) if above == 0 => return Err(errno.into()),
            // Somebody else was faster.
            Ok(()) | Err(Errno::EXIST) => {}
            Err(errno) => return Err(Failure::on(level, errno)),
        }
    }
    Ok(())
}

/// Makes a directory. With `exist_ok`, one that is there will do.
pub fn make_unless_there(path: &CStr, mode: u32, exist_ok: bool) -> io::Result<()> {
    Ok(make_or_find(path, mode, exist_ok)?)
}

fn make_or_find(path: &CStr, mode: u32, exist_ok: bool) -> Result<(), Errno> {
    retry(|| mkdirat(CWD, path, permissions(mode))).or_else(|errno| {
        // Not only for EEXIST: a read-only filesystem complains of that first.
        if exist_ok && is_dir(path) { Ok(()) } else { Err(errno) }
    })
}

fn is_dir(path: &CStr) -> bool {
    retry(|| stat(path)).is_ok_and(|status| FileType::from_raw_mode(status.st_mode) == FileType::Directory)
}

/// Removes an empty directory.
pub fn remove(dir: BorrowedFd<'_>, path: &CStr) -> io::Result<()> {
    Ok(retry(|| unlinkat(dir, path, AtFlags::REMOVEDIR))?)
}

/// Removes an empty directory, then those above it for as long as they are empty too.
pub fn remove_all(path: &CStr) -> io::Result<()> {
    remove(CWD, path)?;
    prune(path.to_bytes());
    Ok(())
}

/// Removes the directories above a path for as long as they are empty.
pub(super) fn prune(path: &[u8]) {
    let (mut head, mut tail) = parent(path);
    while !head.is_empty() && !tail.is_empty() && remove(CWD, &c_string(head)).is_ok() {
        (head, tail) = split(head);
    }
}
