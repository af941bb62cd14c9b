//! A file that gets another name in one step.

use std::ffi::CStr;
use std::io;
use std::os::fd::AsFd;

use rustix::fs::{FileType, Mode, OFlags, openat};

use super::aside::{rename, rename_new};
use super::place::Place;
use super::{Durability, sync};
use crate::fs::retry;

/// Gives a file another name, on the same filesystem. What has that name is replaced, if it may be.
pub fn move_file(from: &CStr, to: &CStr, durability: Durability, overwrite: bool) -> io::Result<()> {
    let (from, to) = (Place::find(from, false, durability)?, Place::find(to, false, durability)?);
    ready(&from, durability)?;
    let names = ((from.fd(), &*from.name), (to.fd(), &*to.name));
    if overwrite { rename(names.0, names.1) } else { rename_new(names.0, names.1) }?;
    if durability == Durability::Full {
        // A file with two names is better than one with none.
        sync::directory(to.fd())?;
        if !from.is_beside(&to) {
            sync::directory(from.fd())?;
        }
    }
    Ok(())
}

/// Has the contents on the disk before they get the name.
pub(super) fn ready(from: &Place, durability: Durability) -> io::Result<()> {
    if durability == Durability::None {
        return Ok(());
    }
    let Some(status) = from.status()? else { return Err(rustix::io::Errno::NOENT.into()) };
    if FileType::from_raw_mode(status.st_mode) != FileType::RegularFile {
        return Ok(());
    }
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let fd = retry(|| openat(from.fd(), &from.name, flags, Mode::empty()))?;
    let synced = sync::file(fd.as_fd());
    drop(fd);
    crate::engine::fd_freed();
    synced
}
