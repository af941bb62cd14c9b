//! Directories whose files may be opened at once: seen on a local filesystem, and no mount has changed since.
//!
//! Opening a file on a stalled FUSE mount blocks even when the path is cached. An `O_PATH` probe doesn't, but
//! costs a second lookup; so the directory of a probed file is remembered. Symbolic links are not followed on
//! the strength of that memory: they could lead elsewhere.

use std::cell::RefCell;
use std::collections::HashSet;
#[cfg(target_os = "linux")]
use std::fs::File;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Enough for any program that comes back to its directories; cleared when full.
const MOST: usize = 4096;

static MOUNTS: AtomicU64 = AtomicU64::new(0);
static WATCHED: AtomicBool = AtomicBool::new(false);

thread_local! {
    static TRUSTED: RefCell<(u64, HashSet<Box<[u8]>>)> = RefCell::default();
}

/// The directory part of an absolute path; relative ones depend on the working directory and are never trusted.
fn directory(path: &[u8]) -> Option<&[u8]> {
    if path.first() != Some(&b'/') {
        return None;
    }
    memchr::memrchr(b'/', path).map(|end| &path[..end])
}

/// Whether the file's directory was seen on a local filesystem under today's mounts.
pub fn trusted(path: &[u8]) -> bool {
    let Some(directory) = directory(path) else { return false };
    TRUSTED.with_borrow(|(mounts, set)| *mounts == MOUNTS.load(Ordering::Relaxed) && set.contains(directory))
}

/// Remembers the file's directory, as long as somebody watches the mounts.
pub fn trust(path: &[u8]) {
    if !WATCHED.load(Ordering::Relaxed) {
        return;
    }
    let Some(directory) = directory(path) else { return };
    TRUSTED.with_borrow_mut(|(mounts, set)| {
        let today = MOUNTS.load(Ordering::Relaxed);
        if *mounts != today || set.len() >= MOST {
            set.clear();
            *mounts = today;
        }
        set.insert(directory.into());
    });
}

/// What [`follow`] needs, at once, unless somebody follows already: a process that counts its descriptors finds this one among them from the beginning.
#[cfg(target_os = "linux")]
pub fn mount_table() -> Option<File> {
    if WATCHED.load(Ordering::Relaxed) {
        return None;
    }
    let table = File::open("/proc/self/mountinfo").ok();
    WATCHED.store(table.is_some(), Ordering::Relaxed);
    table
}

/// Follows the mount table on a thread of the engine, for the life of the process. Returns when it can't.
#[cfg(target_os = "linux")]
pub fn follow(table: &File) {
    use rustix::event::{PollFd, PollFlags, poll};
    loop {
        let mut ready = [PollFd::new(table, PollFlags::PRI)];
        match poll(&mut ready, None) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {
                MOUNTS.fetch_add(1, Ordering::Relaxed);
                super::local::forget();
            }
            Err(_) => break,
        }
    }
    unwatch();
}

/// Nobody watches any more: after a fork, until the child's engine starts.
pub fn unwatch() {
    WATCHED.store(false, Ordering::Relaxed);
    MOUNTS.fetch_add(1, Ordering::Relaxed);
}
