//! Making empty files, and setting the times of others to now.

use std::ffi::CStr;
use std::io;

use rustix::fs::{AtFlags, CWD, OFlags, Timespec, Timestamps, UTIME_NOW, openat, utimensat};
use rustix::io::Errno;

use super::dir::permissions;
use super::{Fd, retry};

/// Makes an empty file. With `exist_ok`, one that is there gets its times set to now; without, it is an error.
pub fn touch(path: &CStr, mode: u32, exist_ok: bool) -> io::Result<()> {
    if exist_ok {
        match retry(|| utimensat(CWD, path, &NOW, AtFlags::empty())) {
            Err(Errno::NOENT) => {}
            other => return Ok(other?),
        }
    }
    // Somebody may have made a FIFO in between.
    let mut flags = OFlags::WRONLY | OFlags::CREATE | OFlags::CLOEXEC | OFlags::NOCTTY | OFlags::NONBLOCK;
    flags.set(OFlags::EXCL, !exist_ok);
    Fd::from(retry(|| openat(CWD, path, flags, permissions(mode)))?).close()
}

const NOW: Timestamps = Timestamps { last_access: AT_ONCE, last_modification: AT_ONCE };
const AT_ONCE: Timespec = Timespec { tv_sec: 0, tv_nsec: UTIME_NOW };
