//! Some of the names in a directory: as many as the system tells at once.

use rustix::fs::FileType;
use rustix::io::Errno;

use crate::fs::Fd;

/// The C library's size too: a system call per thousand names.
const SIZE: usize = 32 * 1024;
/// So many are worth another thread's while.
const MANY: usize = 64;

/// Names, with what the directory says of their kinds, and which of them are done.
#[derive(Default)]
pub(super) struct Batch {
    names: Vec<u8>,
    /// Where each name ends.
    entries: Vec<(usize, FileType)>,
    at: usize,
}

impl Batch {
    /// The next one, not taken yet.
    pub(super) fn next(&self) -> Option<(&[u8], FileType)> {
        let (end, kind) = *self.entries.get(self.at)?;
        let start = self.at.checked_sub(1).map_or(0, |before| self.entries[before].0);
        Some((&self.names[start..end], kind))
    }

    pub(super) fn take(&mut self) {
        self.at += 1;
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn is_large(&self) -> bool {
        self.entries.len() >= MANY
    }

    fn push(&mut self, name: &[u8], kind: FileType) {
        if !matches!(name, b"." | b"..") {
            self.names.extend_from_slice(name);
            self.entries.push((self.names.len(), kind));
        }
    }

    fn clear(&mut self) {
        self.names.clear();
        self.entries.clear();
        self.at = 0;
    }

    /// Reads the next names; false if there are none any more.
    #[cfg(target_os = "linux")]
    pub(super) fn read(&mut self, directory: &Fd, memory: &mut Vec<u8>) -> Result<bool, Errno> {
        use rustix::fs::RawDir;
        self.clear();
        memory.reserve(SIZE);
        loop {
            let mut reader = RawDir::new(directory, memory.spare_capacity_mut());
            loop {
                match reader.next() {
                    None => return Ok(self.len() > 0),
                    Some(Ok(entry)) => self.push(entry.file_name().to_bytes(), entry.file_type()),
                    Some(Err(Errno::INTR)) => {}
                    Some(Err(errno)) => return Err(errno),
                }
                if reader.is_buffer_empty() {
                    break;
                }
            }
            if self.len() > 0 {
                return Ok(true);
            }
        }
    }

    /// Reads the next names; false if there are none any more.
    #[cfg(not(target_os = "linux"))]
    pub(super) fn read(&mut self, directory: &Fd, _memory: &mut Vec<u8>) -> Result<bool, Errno> {
        use rustix::io::fcntl_dupfd_cloexec;
        self.clear();
        let mut reader = rustix::fs::Dir::new(fcntl_dupfd_cloexec(directory, 0)?)?;
        while let Some(entry) = reader.read() {
            match entry {
                Ok(entry) => self.push(entry.file_name().to_bytes(), entry.file_type()),
                Err(Errno::INTR) => {}
                Err(errno) => return Err(errno),
            }
        }
        Ok(self.len() > 0)
    }
}
