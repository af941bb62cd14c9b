//! Opening, with patience where all descriptors are in use.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::io::{Errno, Result};

use crate::fs::retry;

/// So long others may take to close a file.
const PATIENCE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(5);
/// So much of a path the system takes at once, and a little less.
const STEP: usize = 4000;

/// Tries again while there is no descriptor to be had, unless nobody wants it any more.
pub(crate) fn patiently(mut open: impl FnMut() -> Result<OwnedFd>, wanted: &dyn Fn() -> bool) -> Result<OwnedFd> {
    let mut since = None;
    loop {
        match retry(&mut open) {
            Err(Errno::MFILE | Errno::NFILE)
                if wanted() && since.get_or_insert_with(Instant::now).elapsed() < PATIENCE =>
            {
                thread::sleep(PAUSE);
            }
            opened => return opened,
        }
    }
}

/// A directory, to be read.
pub(crate) fn open_directory(path: &[u8], follow: bool, wanted: &dyn Fn() -> bool) -> Result<OwnedFd> {
    let mut flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    flags.set(OFlags::NOFOLLOW, !follow);
    match patiently(|| openat(CWD, path, flags, Mode::empty()), wanted) {
        Err(Errno::NAMETOOLONG) => open_far(path, flags, wanted),
        opened => opened,
    }
}

/// A directory whose path is longer than the system takes, in several steps.
fn open_far(path: &[u8], flags: OFlags, wanted: &dyn Fn() -> bool) -> Result<OwnedFd> {
    let (mut rest, mut from): (&[u8], Option<OwnedFd>) = (path, None);
    while rest.len() > STEP {
        let slash = memchr::memrchr(b'/', &rest[..STEP]).filter(|slash| *slash > 0).ok_or(Errno::NAMETOOLONG)?;
        // The way there is not looked at, as it isn't within a path.
        let step = |from: BorrowedFd<'_>| openat(from, &rest[..slash], flags - OFlags::NOFOLLOW, Mode::empty());
        let opened = patiently(|| step(from.as_ref().map_or(CWD, AsFd::as_fd)), wanted)?;
        from = Some(opened);
        let after = rest[slash..].iter().position(|byte| *byte != b'/').map_or(rest.len(), |more| slash + more);
        rest = &rest[after..];
    }
    patiently(|| openat(from.as_ref().map_or(CWD, AsFd::as_fd), rest, flags, Mode::empty()), wanted)
}
