//! Reading a directory: what is in it, with a buffer that is used again.

use std::ffi::CStr;
use std::ops::ControlFlow;
use std::os::fd::BorrowedFd;

use rustix::fs::FileType;
use rustix::io::{Errno, Result};

/// A system call per thousand names.
#[cfg(target_os = "linux")]
const SIZE: usize = 32 * 1024;

/// Reads directories, one after the other.
#[derive(Debug, Default)]
pub(crate) struct Lister {
    #[cfg(target_os = "linux")]
    buffer: Vec<u8>,
}

impl Lister {
    /// Calls `each` with every name but "." and "..", until it breaks.
    #[cfg(target_os = "linux")]
    pub(crate) fn read(
        &mut self,
        directory: BorrowedFd<'_>,
        mut each: impl FnMut(&CStr, FileType) -> ControlFlow<()>,
    ) -> Result<()> {
        self.buffer.reserve(SIZE);
        let mut reader = rustix::fs::RawDir::new(directory, self.buffer.spare_capacity_mut());
        while let Some(entry) = reader.next() {
            match entry {
                Ok(entry) if is_dots(entry.file_name()) => {}
                Ok(entry) if each(entry.file_name(), entry.file_type()).is_break() => break,
                Ok(_) | Err(Errno::INTR) => {}
                Err(errno) => return Err(errno),
            }
        }
        Ok(())
    }

    /// Calls `each` with every name but "." and "..", until it breaks.
    #[cfg(not(target_os = "linux"))]
    #[allow(clippy::unused_self)]
    pub(crate) fn read(
        &mut self,
        directory: BorrowedFd<'_>,
        mut each: impl FnMut(&CStr, FileType) -> ControlFlow<()>,
    ) -> Result<()> {
        let mut reader = rustix::fs::Dir::read_from(directory)?;
        while let Some(entry) = reader.read() {
            match entry {
                Ok(entry) if is_dots(entry.file_name()) => {}
                Ok(entry) if each(entry.file_name(), entry.file_type()).is_break() => break,
                Ok(_) | Err(Errno::INTR) => {}
                Err(errno) => return Err(errno),
            }
        }
        Ok(())
    }
}

fn is_dots(name: &CStr) -> bool {
    matches!(name.to_bytes(), b"." | b"..")
}
