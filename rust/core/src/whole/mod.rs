//! A whole file in one call: open, read or write, close. Parts of one, and one that comes or goes in many parts.

mod chunks;
mod lines;
mod pour;
mod ranges;

pub use chunks::{Chunks, Reading};
pub use lines::{Lines, ReadingLines};
pub use pour::Pour;
pub use ranges::{Part, Range, fill, read_range_now, read_unsized};

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsFd, OwnedFd};

use rustix::buffer::spare_capacity;
use rustix::fs::{CWD, FileType, Mode, OFlags, fstat, openat};

use crate::error::retry;
use crate::error::{Result, Stop};
use crate::file::{ATTEMPT, ONE_CALL, close, write_all};
use crate::lent::Lent;
use crate::now::{self, Answer};

/// From here on it matters how memory comes.
pub(crate) const LARGE: usize = 8 << 20;

/// Where the bytes of a file go. On the loop's thread that may be the final object.
pub trait Destination {
    /// Memory for exactly so many bytes.
    fn reserve(&mut self, size: usize) -> Option<&mut [u8]>;
}

/// An open file that is to be read from its start.
#[derive(Debug)]
pub struct Source {
    fd: OwnedFd,
    /// What the filesystem says of its size: a hint.
    pub size: usize,
}

/// Opens without blocking. The file can then be read now, or soon if that would block.
pub fn open_now(path: &CStr) -> Result<(Source, Answer)> {
    if !now::enabled() {
        return Err(Stop::WouldBlock);
    }
    let found = now::open(path, OFlags::RDONLY)?;
    let size = usize::try_from(found.status.stx_size).unwrap_or(usize::MAX);
    Ok((Source { fd: found.fd, size }, found.answer))
}

/// Reads a file that [`open_now`] opened, if all of it is at hand and it isn't too much for one attempt.
pub fn read_now(source: &Source, answer: Answer, to: &mut impl Destination) -> Result<()> {
    // A size of 0 may hide contents.
    if source.size > ATTEMPT || source.size == 0 {
        return Err(Stop::WouldBlock);
    }
    let Some(buffer) = to.reserve(source.size) else { return Err(Stop::WouldBlock) };
    match now::read(source.fd.as_fd(), answer, buffer, Some(0))? {
        count if count == source.size => Ok(()),
        // Shorter than it was a moment ago, or not all of it is in memory.
        _ => Err(Stop::WouldBlock),
    }
}

/// Opens, whatever it takes. A directory is refused here: its descriptor can't be read.
pub fn open(path: &CStr) -> io::Result<Source> {
    let fd = retry(|| openat(CWD, path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()))?;
    let status = retry(|| fstat(&fd))?;
    match FileType::from_raw_mode(status.st_mode) {
        FileType::Directory => return Err(rustix::io::Errno::ISDIR.into()),
        FileType::RegularFile => drop(now::learn(status.st_dev, fd.as_fd())),
        _ => {}
    }
    Ok(Source { fd, size: usize::try_from(status.st_size).unwrap_or(0) })
}

/// Reads into memory until it is full or the file ends.
pub fn read_into(source: &Source, buffer: &mut [u8]) -> io::Result<usize> {
    let mut done = 0;
    while done < buffer.len() {
        let end = buffer.len().min(done + ONE_CALL);
        if buffer.len() >= LARGE {
            populate(&mut buffer[done..end]);
        }
        match retry(|| rustix::io::read(&source.fd, &mut buffer[done..end]))? {
            0 => break,
            count => done += count,
        }
    }
    Ok(done)
}

/// Reads all of a file that was just opened. One system call, if it is as long as it says.
pub fn read(source: Source) -> io::Result<Lent> {
    // A size of 0 may hide contents; a file that shrank has ended.
    if source.size == 0 {
        let mut bytes = Vec::new();
        read_rest(source, &mut bytes)?;
        return Ok(bytes.into());
    }
    let mut bytes = Lent::new(source.size);
    let count = read_into(&source, bytes.memory())?;
    bytes.truncate(count);
    Ok(bytes)
}

/// The same for a small file, into memory that is no larger than it has to be.
pub(crate) fn read_small(source: Source) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(source.size);
    while bytes.len() < source.size {
        if retry(|| rustix::io::read(&source.fd, spare_capacity(&mut bytes)))? == 0 {
            break;
        }
    }
    if source.size == 0 {
        read_rest(source, &mut bytes)?;
    }
    Ok(bytes)
}

/// Reads all that is left.
pub fn read_rest(source: Source, into: &mut Vec<u8>) -> io::Result<()> {
    use std::io::Read;
    std::fs::File::from(source.fd).read_to_end(into).map(drop)
}

/// Makes or empties a file and writes it. Returns when the kernel has every byte and the file is closed.
pub fn write(path: &CStr, bytes: &[u8]) -> io::Result<()> {
    write_to(create(path, OFlags::TRUNC)?, bytes)
}

/// Writes at the end of a file, wherever that is by then. Makes the file if there is none.
pub fn append(path: &CStr, bytes: &[u8]) -> io::Result<()> {
    write_to(create(path, OFlags::APPEND)?, bytes)
}

fn create(path: &CStr, how: OFlags) -> io::Result<OwnedFd> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::CLOEXEC | how;
    Ok(retry(|| openat(CWD, path, flags, Mode::from_raw_mode(0o666)))?)
}

fn write_to(fd: OwnedFd, bytes: &[u8]) -> io::Result<()> {
    let written = write_all(fd.as_fd(), bytes).1;
    // The first error counts, and the file is closed whatever happens.
    let closed = close(fd);
    written.and(closed)
}

/// Asks for huge pages under memory that is about to be filled. A hint: where it isn't taken, nothing changes.
///
/// Not in a virtual machine: its host takes free memory back in pieces as large as these, and gives it again so slowly that 64 MiB took
/// 75 ms to read, where blocking code in small pages took 38 (and 20 ms in huge pages that were there).
pub fn prefer_huge_pages(memory: *mut u8, size: usize) {
    #[cfg(target_os = "linux")]
    if !is_virtual() {
        const PAGE: usize = 2 << 20;
        let start = (memory as usize).next_multiple_of(PAGE);
        let end = (memory as usize + size) / PAGE * PAGE;
        if start < end {
            // SAFETY: the range lies within the caller's memory; the advice changes none of its contents.
            unsafe { libc::madvise(start as *mut libc::c_void, end - start, libc::MADV_HUGEPAGE) };
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (memory, size);
}

/// Has the system give the memory that is about to be filled in one go, instead of page by page as each is touched.
pub(crate) fn populate(memory: &mut [u8]) {
    #[cfg(target_os = "linux")]
    {
        const PAGE: usize = 4096;
        let start = (memory.as_ptr() as usize).next_multiple_of(PAGE);
        let end = (memory.as_ptr() as usize + memory.len()) / PAGE * PAGE;
        if start < end {
            // SAFETY: the range lies within the slice; the advice changes none of its contents, and older kernels refuse it.
            unsafe { libc::madvise(start as *mut libc::c_void, end - start, libc::MADV_POPULATE_WRITE) };
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = memory;
}

/// Whether this is a virtual machine, as far as the processor says so.
#[cfg(target_os = "linux")]
fn is_virtual() -> bool {
    #[cfg(target_arch = "x86_64")]
    {
        const HYPERVISOR: u32 = 1 << 31;
        static ASKED: std::sync::OnceLock<bool> = std::sync::OnceLock::new();
        // Within such a machine the question takes a microsecond or two.
        *ASKED.get_or_init(|| std::arch::x86_64::__cpuid(1).ecx & HYPERVISOR != 0)
    }
    #[cfg(not(target_arch = "x86_64"))]
    false
}
