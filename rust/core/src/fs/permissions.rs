//! Who may do what with a file.

use std::ffi::CStr;
use std::io;

use rustix::fs::{AtFlags, CWD, chmodat};

use super::dir::permissions;
use super::retry;

/// Sets the permissions of a file. Symbolic links have none on most systems, which then say so.
pub fn set(path: &CStr, mode: u32, follow: bool) -> io::Result<()> {
    if follow {
        return Ok(retry(|| chmodat(CWD, path, permissions(mode), AtFlags::empty()))?);
    }
    loop {
        // The C library stands in for kernels that can't.
        // SAFETY: the path ends with a NUL.
        let set = unsafe { libc::fchmodat(libc::AT_FDCWD, path.as_ptr(), mode as _, libc::AT_SYMLINK_NOFOLLOW) };
        match io::Error::last_os_error() {
            _ if set == 0 => return Ok(()),
            error if error.kind() == io::ErrorKind::Interrupted => {}
            error => return Err(error),
        }
    }
}
