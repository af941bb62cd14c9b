//! Which filesystems answer without blocking: learnt once per device, forgotten when a mount changes.

use std::cell::Cell;
use std::collections::HashMap;
use std::os::fd::BorrowedFd;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, RwLock};

/// How a filesystem answers a read that must not block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// `preadv2(RWF_NOWAIT)` works (ext4, xfs, btrfs).
    NoWait,
    /// It doesn't, but `cachestat(2)` tells what is resident (tmpfs).
    CacheStat,
    /// Opens and stats are answered, reads are not (overlayfs).
    MetadataOnly,
    /// Nothing can be promised (FUSE, network, /proc, unknown).
    Never,
}

static KNOWN: LazyLock<RwLock<HashMap<u64, Answer>>> = LazyLock::new(RwLock::default);
/// How often everything was forgotten.
static FORGOTTEN: AtomicU64 = AtomicU64::new(0);

thread_local! {
    /// The device that was asked for last, and how often everything had been forgotten by then.
    static LAST: Cell<(u64, u64, Option<Answer>)> = const { Cell::new((0, 0, None)) };
}

/// What is known of a device; `None` until a worker has met it.
#[inline]
pub fn known(device: u64) -> Option<Answer> {
    let today = FORGOTTEN.load(Ordering::Acquire);
    match LAST.get() {
        (same, then, Some(answer)) if same == device && then == today => Some(answer),
        _ => look_up(device, today),
    }
}

fn look_up(device: u64, today: u64) -> Option<Answer> {
    let answer = KNOWN.read().ok()?.get(&device).copied();
    LAST.set((device, today, answer));
    answer
}

/// Lets a worker note what filesystem `fd` lies on. May block; cheap when the device is known.
pub fn learn(device: u64, fd: BorrowedFd<'_>) -> Answer {
    if let Some(answer) = known(device) {
        return answer;
    }
    let answer = ask(fd);
    if let Ok(mut table) = KNOWN.write() {
        table.insert(device, answer);
    }
    answer
}

/// Forgets everything: a mount has changed, and device numbers are used again.
pub fn forget() {
    if let Ok(mut table) = KNOWN.write() {
        table.clear();
        FORGOTTEN.fetch_add(1, Ordering::Release);
    }
}

#[cfg(target_os = "linux")]
fn ask(fd: BorrowedFd<'_>) -> Answer {
    const EXT: i64 = 0xEF53;
    const XFS: i64 = 0x5846_5342;
    const BTRFS: i64 = 0x9123_683E;
    const F2FS: i64 = 0xF2F5_2010;
    const TMPFS: i64 = 0x0102_1994;
    const OVERLAY: i64 = 0x794C_7630;
    #[allow(clippy::useless_conversion)] // narrower on some architectures
    match rustix::fs::fstatfs(fd).map(|s| i64::from(s.f_type)) {
        Ok(EXT | XFS | BTRFS | F2FS) => Answer::NoWait,
        Ok(TMPFS) => Answer::CacheStat,
        Ok(OVERLAY) => Answer::MetadataOnly,
        _ => Answer::Never,
    }
}

#[cfg(not(target_os = "linux"))]
fn ask(_fd: BorrowedFd<'_>) -> Answer {
    Answer::Never
}
