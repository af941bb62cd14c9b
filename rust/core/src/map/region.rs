//! Memory from the system. The one place where it is mapped.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::ptr;

/// Pages, given back when they are dropped.
#[derive(Debug)]
pub(super) struct Region {
    start: *mut u8,
    length: usize,
}

// SAFETY: it is memory of the process, bound to no thread.
unsafe impl Send for Region {}
// SAFETY: it is written through `&mut` alone.
unsafe impl Sync for Region {}

impl Region {
    /// Fresh memory, all zeros. No more of it is used than is written to.
    pub(super) fn fresh(length: usize) -> io::Result<Self> {
        Self::map(length, libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, -1, 0)
    }

    /// The pages of a file, from an offset on that is one of a page.
    pub(super) fn of_file(fd: BorrowedFd<'_>, offset: u64, length: usize) -> io::Result<Self> {
        Self::map(length, libc::PROT_READ, libc::MAP_SHARED, fd.as_raw_fd(), offset)
    }

    fn map(length: usize, rights: i32, flags: i32, fd: i32, offset: u64) -> io::Result<Self> {
        if length == 0 {
            return Ok(Self { start: ptr::dangling_mut(), length });
        }
        let offset = libc::off_t::try_from(offset).map_err(|_| io::Error::from_raw_os_error(libc::EOVERFLOW))?;
        // SAFETY: the system chooses where it is; nothing that is there is replaced.
        let start = unsafe { libc::mmap(ptr::null_mut(), length, rights, flags, fd, offset) };
        match start == libc::MAP_FAILED {
            true if io::Error::last_os_error().raw_os_error() == Some(libc::ENOMEM) => {
                Err(io::ErrorKind::OutOfMemory.into())
            }
            true => Err(io::Error::last_os_error()),
            false => Ok(Self { start: start.cast(), length }),
        }
    }

    pub(super) fn start(&self) -> *const u8 {
        self.start
    }

    /// Fresh memory, to be filled.
    pub(super) fn memory(&mut self) -> &mut [u8] {
        // SAFETY: so many bytes are mapped, and nobody else has them.
        unsafe { std::slice::from_raw_parts_mut(self.start, self.length) }
    }

    /// Has the system map pages before they are touched, without touching them. False where it can't.
    pub(super) fn populate(&self, from: usize, to: usize) -> bool {
        #[cfg(target_os = "linux")]
        {
            let page = page_size();
            let from = from / page * page;
            // SAFETY: the range lies within the region; pages that aren't there any more are an error of the call's, not a signal.
            unsafe { libc::madvise(self.start.add(from).cast(), to - from, libc::MADV_POPULATE_READ) == 0 }
        }
        #[cfg(not(target_os = "linux"))]
        {
            let _ = (from, to);
            false
        }
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        if self.length > 0 {
            // SAFETY: mapped by `map`, and nobody has a reference any more.
            unsafe { libc::munmap(self.start.cast(), self.length) };
        }
    }
}

pub(super) fn page_size() -> usize {
    rustix::param::page_size()
}
