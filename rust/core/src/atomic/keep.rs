//! What a new file takes over from the one it replaces.

use std::ffi::CStr;
use std::io;
use std::os::fd::BorrowedFd;

use rustix::fs::{Gid, Stat, Uid, XattrFlags, fchown, fsetxattr, fstat, lgetxattr, llistxattr};
use rustix::io::Errno;

use crate::fs::retry;

/// As much as an attribute's value or a list of their names may hold.
const MOST: usize = 64 * 1024;

/// Gives a file the owner and the group of another.
pub(super) fn owner(fd: BorrowedFd<'_>, old: &Stat) -> io::Result<()> {
    let new = retry(|| fstat(fd))?;
    if (new.st_uid, new.st_gid) == (old.st_uid, old.st_gid) {
        return Ok(());
    }
    Ok(retry(|| fchown(fd, Some(Uid::from_raw(old.st_uid)), Some(Gid::from_raw(old.st_gid))))?)
}

/// Gives a file the extended attributes of another.
pub(super) fn xattrs(fd: BorrowedFd<'_>, old: &CStr) -> io::Result<()> {
    let mut names = vec![0; MOST];
    let size = match retry(|| llistxattr(old, &mut names[..])) {
        Err(Errno::OPNOTSUPP) => return Ok(()),
        listed => listed?,
    };
    for name in names[..size].split_inclusive(|&byte| byte == 0) {
        let Ok(name) = CStr::from_bytes_with_nul(name) else { continue };
        // What a program may do beyond its user is lost by a write, and so it is here.
        if name != c"security.capability" {
            copy(fd, old, name)?;
        }
    }
    Ok(())
}

fn copy(fd: BorrowedFd<'_>, old: &CStr, name: &CStr) -> io::Result<()> {
    let mut value = vec![0; MOST];
    let copied = retry(|| lgetxattr(old, name, &mut value[..]))
        .and_then(|size| retry(|| fsetxattr(fd, name, &value[..size], XattrFlags::empty())));
    match copied {
        // Somebody has removed it.
        Err(Errno::NODATA) => Ok(()),
        // Labels and the like are the system's affair: a new file has got its own.
        Err(Errno::PERM | Errno::ACCESS | Errno::OPNOTSUPP | Errno::INVAL) if !is_users(name) => Ok(()),
        copied => Ok(copied?),
    }
}

fn is_users(name: &CStr) -> bool {
    let name = name.to_bytes();
    name.starts_with(b"user.") || name.starts_with(b"system.posix_acl")
}
