//! Names that nothing has yet, and changes of names that replace nothing.

use std::ffi::{CStr, CString};
use std::os::fd::BorrowedFd;
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::{AtFlags, linkat, renameat, unlinkat};
use rustix::io::{Errno, Result};

use crate::fs::retry;

/// A name in an open directory.
pub(super) type At<'a> = (BorrowedFd<'a>, &'a CStr);

/// Makes something under a name that nothing has.
pub(super) fn under_new_name<T>(mut make: impl FnMut(&CStr) -> Result<T>) -> Result<(CString, T)> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    loop {
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!(".rapfiles-{:x}-a{count:x}", std::process::id());
        let name = CString::new(name).map_err(|_| Errno::INVAL)?;
        match retry(|| make(&name)) {
            Ok(thing) => return Ok((name, thing)),
            Err(Errno::EXIST) => {}
            Err(errno) => return Err(errno),
        }
    }
}

pub(super) fn rename(from: At<'_>, to: At<'_>) -> Result<()> {
    retry(|| renameat(from.0, from.1, to.0, to.1))
}

pub(super) fn unlink(at: At<'_>) -> Result<()> {
    retry(|| unlinkat(at.0, at.1, AtFlags::empty()))
}

/// Gives a file another name besides. Of a symbolic link it is the link that gets it.
pub(super) fn link(from: At<'_>, to: At<'_>) -> Result<()> {
    retry(|| linkat(from.0, from.1, to.0, to.1, AtFlags::empty()))
}

/// Renames where nothing has the new name, however late it gets one.
pub(super) fn rename_new(from: At<'_>, to: At<'_>) -> Result<()> {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{RenameFlags, renameat_with};
        match retry(|| renameat_with(from.0, from.1, to.0, to.1, RenameFlags::NOREPLACE)) {
            // Some filesystems can't, and some containers refuse it.
            Err(Errno::INVAL | Errno::NOSYS | Errno::PERM) => {}
            renamed => return renamed,
        }
    }
    link(from, to)?;
    unlink(from)
}

/// Two names change what they stand for.
pub(super) fn exchange(one: At<'_>, other: At<'_>) -> Result<()> {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{RenameFlags, renameat_with};
        retry(|| renameat_with(one.0, one.1, other.0, other.1, RenameFlags::EXCHANGE))
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = (one, other);
        Err(Errno::OPNOTSUPP)
    }
}
