//! What the process may do with a path.

use std::ffi::CStr;
use std::os::fd::{AsRawFd, BorrowedFd};

use rustix::fs::{Access, AtFlags};

/// How it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question {
    /// `F_OK`, or any of `R_OK`, `W_OK` and `X_OK`.
    pub mode: i32,
    /// For the effective user and group instead of the real ones.
    pub effective: bool,
    /// Whether a symbolic link at the end of the path stands for what it leads to.
    pub follow: bool,
}

/// Whether the process may. An error is a no.
pub fn access(dir: BorrowedFd<'_>, path: &CStr, question: Question) -> bool {
    if !question.effective && question.follow {
        // Without flags the oldest system call will do; the C library's asks the newest, which containers may refuse.
        let mode = Access::from_bits_retain(question.mode.cast_unsigned());
        return rustix::fs::accessat(dir, path, mode, AtFlags::empty()).is_ok();
    }
    let mut flags = 0;
    if question.effective {
        flags |= libc::AT_EACCESS;
    }
    if !question.follow {
        flags |= libc::AT_SYMLINK_NOFOLLOW;
    }
    // The C library stands in for kernels that know no flags.
    // SAFETY: the path ends with a NUL, and nothing is written.
    unsafe { libc::faccessat(dir.as_raw_fd(), path.as_ptr(), question.mode, flags) == 0 }
}
