//! Names: one that nothing has yet, and the one that something gets in the end.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::renameat;
use rustix::io::Errno;

use super::place::Place;
use crate::fs::retry;

/// Makes something beside a place under a name that nothing has.
pub(crate) fn beside<T>(
    target: &Place,
    mut make: impl FnMut(&Place) -> rustix::io::Result<T>,
) -> rustix::io::Result<(Place, T)> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    loop {
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let place = target.sibling(format!(".rapfiles-{:x}-{count:x}", std::process::id()).as_bytes());
        match make(&place) {
            Ok(object) => return Ok((place, object)),
            Err(Errno::EXIST) => {}
            Err(errno) => return Err(errno),
        }
    }
}

/// Gives something another name, which nothing must have unless it is to be replaced.
pub(crate) fn rename(from: &Place, to: &Place, replaces: bool) -> io::Result<()> {
    let plainly = || retry(|| renameat(from.dir(), from.name(), to.dir(), to.name()));
    if replaces {
        return Ok(plainly()?);
    }
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{RenameFlags, renameat_with};
        let flags = RenameFlags::NOREPLACE;
        match retry(|| renameat_with(from.dir(), from.name(), to.dir(), to.name(), flags)) {
            // Some filesystems can't, and some containers refuse it. What is forbidden without flags too is said below.
            Err(Errno::INVAL | Errno::NOSYS | Errno::PERM) => {}
            renamed => return Ok(renamed?),
        }
    }
    if to.status(false).is_ok() {
        return Err(io::Error::from_raw_os_error(libc::EEXIST));
    }
    Ok(plainly()?)
}

/// Has two things exchange their names. None where that can't be done.
pub(super) fn exchange(one: &Place, other: &Place) -> Option<()> {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{RenameFlags, renameat_with};
        let flags = RenameFlags::EXCHANGE;
        retry(|| renameat_with(one.dir(), one.name(), other.dir(), other.name(), flags)).ok()
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _neither = (one, other);
        None
    }
}
