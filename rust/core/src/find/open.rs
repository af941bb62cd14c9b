//! Opening, with patience where all descriptors are in use.

use std::os::fd::OwnedFd;
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::io::{Errno, Result};

use crate::fs::retry;

/// So long others may take to close a file.
const PATIENCE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(5);

/// Tries again while there is no descriptor to be had, unless nobody wants it any more.
pub(super) fn patiently(mut open: impl FnMut() -> Result<OwnedFd>, wanted: &dyn Fn() -> bool) -> Result<OwnedFd> {
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
pub(super) fn open_directory(path: &[u8], follow: bool, wanted: &dyn Fn() -> bool) -> Result<OwnedFd> {
    let mut flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    flags.set(OFlags::NOFOLLOW, !follow);
    patiently(|| openat(CWD, path, flags, Mode::empty()), wanted)
}
