//! Metadata of a path.

use std::ffi::CStr;
use std::io;
#[cfg(target_os = "linux")]
use std::os::fd::AsFd;
use std::os::fd::BorrowedFd;

use rustix::fs::{AtFlags, Stat, fstat, statat};
#[cfg(target_os = "linux")]
use rustix::fs::{Mode, OFlags, Statx, StatxFlags, makedev, openat, statx};
#[cfg(target_os = "linux")]
use rustix::io::Errno;

use super::retry;
use crate::error::{Result, Stop};
#[cfg(target_os = "linux")]
use crate::now;

/// What the kernel says of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // the names say it
pub struct Status {
    pub mode: u32,
    pub inode: u64,
    pub device: u64,
    pub links: u64,
    pub uid: u32,
    pub gid: u32,
    pub size: u64,
    /// Seconds and nanoseconds.
    pub atime: (i64, u32),
    pub mtime: (i64, u32),
    pub ctime: (i64, u32),
    /// When it was made, where the filesystem keeps that.
    pub btime: Option<(i64, u32)>,
    pub block_size: u32,
    pub blocks: u64,
    pub rdev: u64,
}

#[cfg(target_os = "linux")]
impl From<&Statx> for Status {
    fn from(s: &Statx) -> Self {
        let time = |t: &rustix::fs::StatxTimestamp| (t.tv_sec, t.tv_nsec);
        Self {
            mode: u32::from(s.stx_mode),
            inode: s.stx_ino,
            device: makedev(s.stx_dev_major, s.stx_dev_minor),
            links: u64::from(s.stx_nlink),
            uid: s.stx_uid,
            gid: s.stx_gid,
            size: s.stx_size,
            atime: time(&s.stx_atime),
            mtime: time(&s.stx_mtime),
            ctime: time(&s.stx_ctime),
            // Zero is what is kept by who knows nothing.
            btime: Some(time(&s.stx_btime))
                .filter(|btime| s.stx_mask & StatxFlags::BTIME.bits() != 0 && *btime != (0, 0)),
            block_size: s.stx_blksize,
            blocks: s.stx_blocks,
            rdev: makedev(s.stx_rdev_major, s.stx_rdev_minor),
        }
    }
}

impl From<&Stat> for Status {
    #[allow(clippy::useless_conversion, clippy::unnecessary_cast)] // the types differ between platforms
    fn from(s: &Stat) -> Self {
        let time = |seconds: i64, nanoseconds| (seconds, u32::try_from(nanoseconds).unwrap_or(0));
        Self {
            mode: u32::from(s.st_mode),
            inode: s.st_ino.into(),
            device: s.st_dev as u64,
            links: s.st_nlink as u64,
            uid: s.st_uid,
            gid: s.st_gid,
            size: u64::try_from(s.st_size).unwrap_or(0),
            atime: time(s.st_atime as i64, s.st_atime_nsec),
            mtime: time(s.st_mtime as i64, s.st_mtime_nsec),
            ctime: time(s.st_ctime as i64, s.st_ctime_nsec),
            btime: None,
            block_size: u32::try_from(s.st_blksize).unwrap_or(0),
            blocks: u64::try_from(s.st_blocks).unwrap_or(0),
            rdev: s.st_rdev as u64,
        }
    }
}

/// Whose metadata are asked for.
#[derive(Clone, Copy, Debug)]
pub enum Subject<'a> {
    /// What a path leads to.
    Path {
        /// Where the path begins.
        dir: BorrowedFd<'a>,
        /// The path.
        path: &'a CStr,
        /// Whether a symbolic link at its end stands for what it leads to.
        follow: bool,
    },
    /// An open file.
    Open(BorrowedFd<'a>),
}

/// Metadata if the kernel has them at hand.
#[cfg(target_os = "linux")]
pub fn stat_now(subject: Subject<'_>) -> Result<Status> {
    if !now::enabled() {
        return Err(Stop::WouldBlock);
    }
    let status = match subject {
        Subject::Path { dir, path, follow } => now::status(dir, path, follow)?,
        Subject::Open(fd) => now::status_of(fd)?,
    };
    Ok(Status::from(&status))
}

/// Elsewhere no kernel can be asked that way.
#[cfg(not(target_os = "linux"))]
pub fn stat_now(_: Subject<'_>) -> Result<Status> {
    Err(Stop::WouldBlock)
}

/// Metadata, whatever it takes. The filesystem is remembered: the next time may be answered at once.
pub fn stat(subject: Subject<'_>) -> io::Result<Status> {
    let status = ask(subject)?;
    #[cfg(target_os = "linux")]
    if now::enabled() && now::known(status.device).is_none() {
        meet(subject);
    }
    Ok(status)
}

/// The newer call also tells when a file was made.
#[cfg(target_os = "linux")]
fn ask(subject: Subject<'_>) -> rustix::io::Result<Status> {
    let (dir, path, flags) = match subject {
        Subject::Path { dir, path, follow: true } => (dir, path, AtFlags::empty()),
        Subject::Path { dir, path, follow: false } => (dir, path, AtFlags::SYMLINK_NOFOLLOW),
        Subject::Open(fd) => (fd, c"", AtFlags::EMPTY_PATH),
    };
    let wanted = StatxFlags::BASIC_STATS | StatxFlags::BTIME;
    // As the older calls do: what is mounted when it is gone into isn't for being looked at.
    match retry(|| statx(dir, path, flags | AtFlags::NO_AUTOMOUNT, wanted)) {
        // Old kernels, and containers that refuse what they don't know.
        Err(Errno::NOSYS | Errno::PERM) => ask_plainly(subject),
        other => other.map(|status| Status::from(&status)),
    }
}

#[cfg(not(target_os = "linux"))]
fn ask(subject: Subject<'_>) -> rustix::io::Result<Status> {
    ask_plainly(subject)
}

fn ask_plainly(subject: Subject<'_>) -> rustix::io::Result<Status> {
    let status = match subject {
        Subject::Path { dir, path, follow } => {
            let flags = if follow { AtFlags::empty() } else { AtFlags::SYMLINK_NOFOLLOW };
            retry(|| statat(dir, path, flags))?
        }
        Subject::Open(fd) => retry(|| fstat(fd))?,
    };
    Ok(Status::from(&status))
}

/// Learns of a filesystem that was not met before.
#[cfg(target_os = "linux")]
fn meet(subject: Subject<'_>) {
    let learn = |fd: BorrowedFd<'_>| fstat(fd).map(|status| now::learn(status.st_dev, fd));
    // Nothing depends on it: who can't learn asks a worker again next time.
    let _unknown = match subject {
        Subject::Open(fd) => learn(fd),
        Subject::Path { dir, path, follow } => {
            let mut flags = OFlags::PATH | OFlags::CLOEXEC;
            flags.set(OFlags::NOFOLLOW, !follow);
            openat(dir, path, flags, Mode::empty()).and_then(|fd| learn(fd.as_fd()))
        }
    };
}
