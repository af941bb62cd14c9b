//! What of a file is kept besides its contents.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};

use rustix::fs::{Gid, Mode, OFlags, Stat, Timespec, Timestamps, Uid, fchmod, fchown, fstat, futimens};
use rustix::io::Errno;

use super::place::Place;
use crate::fs::dir::permissions;
use crate::fs::retry;

/// What is asked for besides the mode.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Also {
    pub(crate) times: bool,
    pub(crate) xattrs: bool,
    /// Whose it is, where that is allowed.
    pub(crate) owner: bool,
}

impl Also {
    /// As much as there is: a move.
    pub(crate) const ALL: Self = Self { times: true, xattrs: true, owner: true };
    /// What a copy of a tree keeps.
    pub(crate) const TIMES: Self = Self { times: true, xattrs: false, owner: false };
}

/// The mode, the times and the owner of an original.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kept {
    mode: u32,
    owner: (u32, u32),
    accessed: (i64, i64),
    modified: (i64, i64),
}

impl From<&Stat> for Kept {
    #[allow(clippy::useless_conversion, clippy::unnecessary_cast, clippy::cast_possible_wrap)] // the types differ between platforms
    fn from(s: &Stat) -> Self {
        let accessed = (s.st_atime as i64, s.st_atime_nsec as i64);
        let modified = (s.st_mtime as i64, s.st_mtime_nsec as i64);
        Self { mode: u32::from(s.st_mode) & 0o7777, owner: (s.st_uid, s.st_gid), accessed, modified }
    }
}

impl Kept {
    /// The permissions that a new file may be made with.
    pub(crate) fn permissions(&self) -> Mode {
        permissions(self.mode & 0o777)
    }

    #[allow(clippy::useless_conversion, clippy::unnecessary_cast)] // the types differ between platforms
    pub(super) fn times(&self) -> Timestamps {
        let time = |(seconds, nanoseconds): (i64, i64)| Timespec { tv_sec: seconds, tv_nsec: nanoseconds as _ };
        Timestamps { last_access: time(self.accessed), last_modification: time(self.modified) }
    }

    /// Gives them to a copy. The order matters: attributes hold rights that are part of the mode, another owner takes rights away, and
    /// everything else changes times.
    pub(crate) fn give(&self, from: Option<BorrowedFd<'_>>, to: BorrowedFd<'_>, also: Also) -> io::Result<()> {
        let mut there = retry(|| fstat(to))?;
        if also.owner && (there.st_uid, there.st_gid) != self.owner {
            let (uid, gid) = (Uid::from_raw(self.owner.0), Gid::from_raw(self.owner.1));
            match retry(|| fchown(to, Some(uid), Some(gid))) {
                // Only root gives files away; others keep what is theirs.
                Ok(()) | Err(Errno::PERM | Errno::INVAL | Errno::OPNOTSUPP) => there = retry(|| fstat(to))?,
                Err(errno) => return Err(errno.into()),
            }
        }
        if let Some(from) = from.filter(|_| also.xattrs) {
            super::xattrs::copy(from, to)?;
            there = retry(|| fstat(to))?;
        }
        let wanted = self.mode_for((there.st_uid, there.st_gid));
        #[allow(clippy::useless_conversion)] // the types differ between platforms
        if u32::from(there.st_mode) & 0o7777 != wanted {
            retry(|| fchmod(to, permissions(wanted)))?;
        }
        if also.times {
            retry(|| futimens(to, &self.times()))?;
        }
        Ok(())
    }

    /// The mode of a copy that belongs to somebody: nobody gets rights by it that they had not.
    fn mode_for(&self, owner: (u32, u32)) -> u32 {
        let mut mode = self.mode;
        if owner.0 != self.owner.0 {
            mode &= !0o4000;
        }
        if owner.1 != self.owner.1 {
            mode &= !0o2000;
        }
        mode
    }
}

/// Gives a directory its mode and times.
pub(crate) fn finish_directory(target: &Place, kept: &Kept) -> io::Result<()> {
    let fd = target.open(OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW, Mode::empty())?;
    kept.give(None, fd.as_fd(), Also::TIMES)
}
