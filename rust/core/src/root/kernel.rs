//! The kernel confines the lookup.

use std::ffi::CStr;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::fs::{Mode, OFlags, ResolveFlags, openat2};
use rustix::io::{Errno, Result};

/// How often a lookup is begun again that a rename came between: the kernel asks for that when `..` is in the path.
const TRIES: usize = 64;

static ABSENT: AtomicBool = AtomicBool::new(false);

/// What beneath means.
pub(super) const BENEATH: ResolveFlags = ResolveFlags::BENEATH.union(ResolveFlags::NO_MAGICLINKS);

/// `None` where the kernel doesn't know how, or isn't allowed to.
pub(super) fn open(root: BorrowedFd<'_>, relative: &CStr, flags: OFlags) -> Option<Result<OwnedFd>> {
    if ABSENT.load(Ordering::Relaxed) {
        return None;
    }
    for _ in 0..TRIES {
        match openat2(root, relative, flags, Mode::empty(), BENEATH) {
            Err(Errno::INTR | Errno::AGAIN) => {}
            Err(Errno::NOSYS) => {
                ABSENT.store(true, Ordering::Relaxed);
                return None;
            }
            // Some containers refuse system calls that way. If it is meant otherwise, the walk meets it again.
            Err(Errno::PERM) => return None,
            answer => return Some(answer),
        }
    }
    Some(Err(Errno::AGAIN))
}
