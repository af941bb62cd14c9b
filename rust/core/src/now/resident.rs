//! Reading what already lies in memory.

use std::os::fd::BorrowedFd;

use rustix::io::{Errno, IoSliceMut, ReadWriteFlags};

use super::local::Answer;
use crate::error::{Result, Stop};

/// Reads at `offset` (`None`: at the file's own position, which moves) what can be had without waiting.
///
/// `Ok(0)` is the end of the file. Fewer bytes than asked for may be the end or the edge of the page cache.
#[cfg(target_os = "linux")]
pub fn read(fd: BorrowedFd<'_>, answer: Answer, buffer: &mut [u8], offset: Option<u64>) -> Result<usize> {
    match answer {
        // An offset of -1 stands for the file's own position.
        Answer::NoWait => no_wait(fd, buffer, offset.unwrap_or(u64::MAX)),
        Answer::CacheStat => {
            let here = offset.map_or_else(|| rustix::fs::tell(fd), Ok)?;
            resident(fd, buffer, here, |fd, buffer| match offset {
                Some(offset) => rustix::io::pread(fd, buffer, offset),
                None => rustix::io::read(fd, buffer),
            })
        }
        Answer::MetadataOnly | Answer::Never => Err(Stop::WouldBlock),
    }
}

/// Elsewhere nothing can be asked.
#[cfg(not(target_os = "linux"))]
pub fn read(_: BorrowedFd<'_>, _: Answer, _: &mut [u8], _: Option<u64>) -> Result<usize> {
    Err(Stop::WouldBlock)
}

#[cfg(target_os = "linux")]
fn no_wait(fd: BorrowedFd<'_>, buffer: &mut [u8], offset: u64) -> Result<usize> {
    loop {
        let slices = &mut [IoSliceMut::new(buffer)];
        match rustix::io::preadv2(fd, slices, offset, ReadWriteFlags::NOWAIT) {
            Ok(count) => return Ok(count),
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN | Errno::OPNOTSUPP | Errno::NOSYS | Errno::INVAL | Errno::PERM) => {
                return Err(Stop::WouldBlock);
            }
            Err(errno) => return Err(errno.into()),
        }
    }
}

/// tmpfs knows no `RWF_NOWAIT`; `cachestat` says whether any page of the range was swapped out.
#[cfg(target_os = "linux")]
fn resident(
    fd: BorrowedFd<'_>,
    buffer: &mut [u8],
    offset: u64,
    read: impl Fn(BorrowedFd<'_>, &mut [u8]) -> rustix::io::Result<usize>,
) -> Result<usize> {
    use std::os::fd::AsRawFd;

    #[repr(C)]
    struct Range {
        offset: u64,
        length: u64,
    }
    #[derive(Default)]
    #[repr(C)]
    struct CacheStat {
        cached: u64,
        dirty: u64,
        writeback: u64,
        evicted: u64,
        recently_evicted: u64,
    }
    const CACHESTAT: libc::c_long = 451;
    const PAGE: u64 = 4096;

    let size = rustix::fs::fstat(fd)?.st_size.unsigned_abs();
    let end = size.min(offset.saturating_add(buffer.len() as u64));
    if offset < end {
        let range = Range { offset, length: end - offset };
        let mut found = CacheStat::default();
        // SAFETY: both structures have the kernel's layout and outlive the call.
        let asked = unsafe { libc::syscall(CACHESTAT, fd.as_raw_fd(), &raw const range, &raw mut found, 0) };
        let pages = (end - 1) / PAGE - offset / PAGE + 1;
        // A hole has no page; it is read by a worker, which is right if slower.
        if asked != 0 || found.cached < pages {
            return Err(Stop::WouldBlock);
        }
    }
    loop {
        match read(fd, buffer) {
            Err(Errno::INTR) => {}
            other => return Ok(other?),
        }
    }
}
