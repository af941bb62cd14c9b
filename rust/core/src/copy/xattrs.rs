//! Extended attributes.

use std::io;
use std::os::fd::BorrowedFd;

#[cfg(target_os = "linux")]
use rustix::fs::{XattrFlags, fgetxattr, flistxattr, fsetxattr};
#[cfg(target_os = "linux")]
use rustix::io::Errno;

#[cfg(target_os = "linux")]
use crate::fs::retry;

/// No list of names and no value is longer.
#[cfg(target_os = "linux")]
const MOST: usize = 64 * 1024;

/// Copies those that the target's filesystem has and that one is allowed to set.
#[cfg(target_os = "linux")]
pub(super) fn copy(from: BorrowedFd<'_>, to: BorrowedFd<'_>) -> io::Result<()> {
    let mut names = vec![0; MOST];
    let length = match retry(|| flistxattr(from, &mut names[..])) {
        Ok(length) => length,
        Err(Errno::OPNOTSUPP) => return Ok(()),
        Err(errno) => return Err(errno.into()),
    };
    let mut value = Vec::new();
    for name in names[..length].split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
        value.resize(MOST, 0);
        let copied = retry(|| fgetxattr(from, name, &mut value[..]))
            .and_then(|length| retry(|| fsetxattr(to, name, &value[..length], XattrFlags::empty())));
        match copied {
            // Not here, not for everybody, or gone in the meantime.
            Ok(()) | Err(Errno::OPNOTSUPP | Errno::PERM | Errno::ACCESS | Errno::NODATA | Errno::INVAL) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
#[allow(clippy::unnecessary_wraps)] // as on Linux
pub(super) fn copy(_from: BorrowedFd<'_>, _to: BorrowedFd<'_>) -> io::Result<()> {
    Ok(())
}
