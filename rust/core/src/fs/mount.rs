//! Mount points.

use std::ffi::{CStr, OsStr};
use std::os::unix::ffi::OsStrExt;

use rustix::fs::{FileType, Stat, lstat};

use super::parents::{c_string, split};
use super::retry;

/// Whether something is mounted at a path. An error is a no.
pub fn is_mount(path: &CStr) -> bool {
    let Ok(here) = retry(|| lstat(path)) else { return false };
    // A symbolic link never is.
    if FileType::from_raw_mode(here.st_mode) == FileType::Symlink {
        return false;
    }
    above(path).is_some_and(|above| here.st_dev != above.st_dev || here.st_ino == above.st_ino)
}

/// The directory above, whether or not "path/.." may be asked for.
fn above(path: &CStr) -> Option<Stat> {
    let dots = c_string(&[path.to_bytes(), b"/.."].concat());
    if let Ok(status) = retry(|| lstat(&dots)) {
        return Some(status);
    }
    let real = std::fs::canonicalize(OsStr::from_bytes(path.to_bytes())).ok()?;
    let above = c_string(split(real.as_os_str().as_bytes()).0);
    retry(|| lstat(&above)).ok()
}
