//! Copying a file, block by block: it has its name when it is whole.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::{
    AtFlags, CWD, FileType, Mode, OFlags, RawMode, Stat, Timespec, Timestamps, fchmod, fstat, fsync, ftruncate,
    futimens, openat, readlinkat, renameat, symlinkat, unlinkat, utimensat,
};
use rustix::io::{Errno, pread, pwrite};

use super::plan::Kept;
use crate::engine;
use crate::fs::retry;

/// What is copied by the kernel in one go: moments, on any disk.
const BLOCK: u64 = 8 << 20;
/// What is copied through memory of our own.
const BUFFER: usize = 1 << 20;

/// A file that is being copied. If it is given up, nothing of it is left.
pub(super) struct Copying {
    from: OwnedFd,
    to: Option<OwnedFd>,
    /// What it is called until it is whole.
    temporary: Vec<u8>,
    status: Stat,
    offset: u64,
    /// Where the data end that are being copied, if holes are left out.
    data_end: Option<u64>,
    /// Whether the kernel copies.
    ranges: bool,
    buffer: Vec<u8>,
}

impl Copying {
    pub(super) fn new(source: &[u8], target: &[u8]) -> io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let from = retry(|| openat(CWD, source, flags, Mode::empty()))?;
        let status = retry(|| fstat(&from))?;
        if FileType::from_raw_mode(status.st_mode) != FileType::RegularFile {
            return Err(io::Error::from_raw_os_error(libc::EOPNOTSUPP));
        }
        let (temporary, to) = beside(target, |path| {
            let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            retry(|| openat(CWD, path, flags, Mode::RUSR | Mode::WUSR))
        })?;
        // A size of nothing may be no size at all, as in /proc.
        let sized = status.st_size > 0;
        let data_end = (sized && cfg!(target_os = "linux")).then_some(0);
        Ok(Self { from, to: Some(to), temporary, status, offset: 0, data_end, ranges: sized, buffer: Vec::new() })
    }

    /// Copies some more: how many bytes, None at the end.
    pub(super) fn block(&mut self) -> io::Result<Option<u64>> {
        let mut length = BLOCK;
        if let Some(end) = self.data_end {
            if self.offset >= end && !self.find_data()? {
                return Ok(None);
            }
            length = self.data_end.map_or(BLOCK, |end| (end - self.offset).min(BLOCK));
        }
        let count = self.pass(length)?;
        self.offset += count;
        Ok((count > 0).then_some(count))
    }

    /// Goes on to the next data; false if there are none any more.
    #[cfg(target_os = "linux")]
    fn find_data(&mut self) -> io::Result<bool> {
        use rustix::fs::{SeekFrom, seek};
        match retry(|| seek(&self.from, SeekFrom::Data(self.offset))) {
            Ok(start) => {
                self.offset = start;
                let end = retry(|| seek(&self.from, SeekFrom::Hole(start)))?;
                self.data_end = Some(end.max(start + 1));
                Ok(true)
            }
            Err(Errno::NXIO) => Ok(false),
            Err(_) => {
                self.data_end = None;
                Ok(true)
            }
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn find_data(&mut self) -> io::Result<bool> {
        self.data_end = None;
        Ok(true)
    }

    fn pass(&mut self, length: u64) -> io::Result<u64> {
        let Some(to) = &self.to else { return Ok(0) };
        #[cfg(target_os = "linux")]
        if self.ranges {
            let (mut read, mut written) = (self.offset, self.offset);
            let length = usize::try_from(length).unwrap_or(usize::MAX);
            let copy = || rustix::fs::copy_file_range(&self.from, Some(&mut read), to, Some(&mut written), length);
            match retry(copy) {
                Ok(count) => return Ok(count as u64),
                Err(error @ (Errno::NOSPC | Errno::DQUOT | Errno::IO | Errno::FBIG)) => return Err(error.into()),
                // Not between these two.
                Err(_) => self.ranges = false,
            }
        }
        self.buffer.resize(BUFFER, 0);
        let length = usize::try_from(length).unwrap_or(BUFFER).min(BUFFER);
        let count = retry(|| pread(&self.from, &mut self.buffer[..length], self.offset))?;
        let mut done = 0;
        while done < count {
            match retry(|| pwrite(to, &self.buffer[done..count], self.offset + done as u64))? {
                0 => return Err(io::ErrorKind::WriteZero.into()),
                more => done += more,
            }
        }
        Ok(count as u64)
    }

    /// Gives the copy its mode, its times and its name. `replaces`: even if something has that name. `sync`: once it is on the disk.
    pub(super) fn finish(mut self, target: &[u8], replaces: bool, sync: bool) -> io::Result<()> {
        if let Some(to) = &self.to {
            // Whoever has written to the file in the meantime may have made it longer or shorter.
            let size = retry(|| fstat(&self.from))?.st_size;
            let size = u64::try_from(size).unwrap_or(0);
            if size > self.offset || (self.data_end.is_some() && size < self.offset) {
                retry(|| ftruncate(to, size))?;
            }
            let kept = Kept::from(&self.status);
            // Whose it is isn't kept, so nobody gets more rights than they had.
            retry(|| fchmod(to, permissions(kept.mode & 0o1777)))?;
            retry(|| futimens(to, &times(&kept)))?;
            if sync {
                retry(|| fsync(to))?;
            }
        }
        self.to = None;
        rename(&self.temporary, target, replaces)?;
        self.temporary.clear();
        Ok(())
    }
}

impl Drop for Copying {
    fn drop(&mut self) {
        if !self.temporary.is_empty() {
            // Who can't remove it has the reason in the error that is on its way.
            let _left = retry(|| unlinkat(CWD, &self.temporary[..], AtFlags::empty()));
        }
        self.to = None;
        engine::fd_freed();
    }
}

/// Makes something beside a path under a name that nothing has.
fn beside<T>(target: &[u8], mut make: impl FnMut(&[u8]) -> rustix::io::Result<T>) -> io::Result<(Vec<u8>, T)> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let start = memchr::memrchr(b'/', target).map_or(0, |slash| slash + 1);
    loop {
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let mut path = target[..start].to_vec();
        path.extend_from_slice(format!(".rapfiles-{:x}-{count:x}", std::process::id()).as_bytes());
        match make(&path) {
            Ok(object) => return Ok((path, object)),
            Err(Errno::EXIST) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
}

/// Makes a link that says what another one says, with its times.
pub(super) fn copy_link(source: &[u8], target: &[u8], replaces: bool) -> io::Result<()> {
    let says = retry(|| readlinkat(CWD, source, Vec::with_capacity(256)))?;
    let status = retry(|| rustix::fs::statat(CWD, source, AtFlags::SYMLINK_NOFOLLOW))?;
    let (temporary, ()) = beside(target, |path| retry(|| symlinkat(&says, CWD, path)))?;
    let named = retry(|| utimensat(CWD, &temporary[..], &times(&Kept::from(&status)), AtFlags::SYMLINK_NOFOLLOW))
        .map_err(io::Error::from)
        .and_then(|()| rename(&temporary, target, replaces));
    if named.is_err() {
        let _left = retry(|| unlinkat(CWD, &temporary[..], AtFlags::empty()));
    }
    named
}

/// Gives something another path, where nothing must be unless it is to be replaced.
pub(super) fn rename(from: &[u8], to: &[u8], replaces: bool) -> io::Result<()> {
    if replaces {
        return Ok(retry(|| renameat(CWD, from, CWD, to))?);
    }
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{RenameFlags, renameat_with};
        match retry(|| renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE)) {
            // Some filesystems can't, and some containers refuse it. What is forbidden without flags too is said below.
            Err(Errno::INVAL | Errno::NOSYS | Errno::PERM) => {}
            renamed => return Ok(renamed?),
        }
    }
    if retry(|| rustix::fs::statat(CWD, to, AtFlags::SYMLINK_NOFOLLOW)).is_ok() {
        return Err(io::Error::from_raw_os_error(libc::EEXIST));
    }
    Ok(retry(|| renameat(CWD, from, CWD, to))?)
}

/// Gives a directory its mode and times.
pub(super) fn finish_directory(target: &[u8], kept: &Kept) -> io::Result<()> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let fd = retry(|| openat(CWD, target, flags, Mode::empty()))?;
    let finished = retry(|| fchmod(fd.as_fd(), permissions(kept.mode & 0o3777)))
        .and_then(|()| retry(|| futimens(fd.as_fd(), &times(kept))));
    drop(fd);
    engine::fd_freed();
    Ok(finished?)
}

/// Permissions fit into the type of any platform.
#[allow(clippy::unnecessary_cast, clippy::cast_possible_truncation)]
pub(super) fn permissions(mode: u32) -> Mode {
    Mode::from_raw_mode(mode as RawMode)
}

#[allow(clippy::useless_conversion, clippy::unnecessary_cast)] // the types differ between platforms
fn times(kept: &Kept) -> Timestamps {
    let time = |(seconds, nanoseconds): (i64, i64)| Timespec { tv_sec: seconds, tv_nsec: nanoseconds as _ };
    Timestamps { last_access: time(kept.accessed), last_modification: time(kept.modified) }
}
