//! When a file was read and changed.

use std::ffi::CStr;
use std::io;

use rustix::fs::{AtFlags, CWD, Timespec, Timestamps, UTIME_OMIT, utimensat};

use super::retry;

/// Seconds and nanoseconds.
pub type Time = (i64, u32);

/// Sets the times of a file; None leaves one as it is.
pub fn set(path: &CStr, accessed: Option<Time>, modified: Option<Time>, follow: bool) -> io::Result<()> {
    let times = Timestamps { last_access: timespec(accessed), last_modification: timespec(modified) };
    let flags = if follow { AtFlags::empty() } else { AtFlags::SYMLINK_NOFOLLOW };
    Ok(retry(|| utimensat(CWD, path, &times, flags))?)
}

#[allow(clippy::useless_conversion)] // the types differ between platforms
fn timespec(time: Option<Time>) -> Timespec {
    match time {
        None => Timespec { tv_sec: 0, tv_nsec: UTIME_OMIT },
        Some((seconds, nanoseconds)) => Timespec { tv_sec: seconds, tv_nsec: nanoseconds.into() },
    }
}
