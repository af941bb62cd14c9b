//! A file that is written in many parts, or not at all.

use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{AtFlags, CWD, FileType, OFlags, fstat, statat, unlinkat};
use rustix::io::Errno;

use super::create;
use crate::engine;
use crate::error::retry;
use crate::file::{close, write_all};

/// A file that is being written. Nothing happens to it before the first part has come.
#[derive(Debug)]
pub struct Pour {
    path: CString,
    fd: Option<OwnedFd>,
    /// Device and inode of the file, if it was made here.
    made: Option<(u64, u64)>,
    written: u64,
}

impl Pour {
    /// Of a file at a path.
    pub fn new(path: &CStr) -> Self {
        Self { path: path.to_owned(), fd: None, made: None, written: 0 }
    }

    /// Bytes that were written.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Writes some more. May be asked again if the file couldn't be opened.
    pub fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        let (count, result) = write_all(self.open()?.as_fd(), bytes);
        self.written += count as u64;
        result
    }

    /// Closes the file. It is there even if nothing was written.
    pub fn finish(&mut self) -> io::Result<()> {
        self.open()?;
        let closed = self.fd.take().map_or(Ok(()), close);
        engine::fd_freed();
        closed?;
        self.made = None;
        Ok(())
    }

    /// Writes no more. A file that was made here goes; one that was there stays as it is by now.
    pub fn give_up(&mut self) {
        let Some((device, inode)) = self.made.take() else { return self.let_go() };
        let same = retry(|| statat(CWD, &self.path, AtFlags::SYMLINK_NOFOLLOW))
            .is_ok_and(|found| identity(&found) == (device, inode));
        if same {
            // Who can't remove it has the reason in the error that is on its way.
            let _left = retry(|| unlinkat(CWD, &self.path, AtFlags::empty()));
        }
        self.let_go();
    }

    fn let_go(&mut self) {
        if self.fd.take().is_some() {
            engine::fd_freed();
        }
    }

    fn open(&mut self) -> io::Result<&OwnedFd> {
        let fd = match self.fd.take() {
            Some(fd) => fd,
            None => match create(&self.path, OFlags::EXCL) {
                Ok(fd) => {
                    let status = retry(|| fstat(&fd))?;
                    let regular = FileType::from_raw_mode(status.st_mode) == FileType::RegularFile;
                    self.made = regular.then(|| identity(&status));
                    fd
                }
                Err(error) if error.raw_os_error() == Some(Errno::EXIST.raw_os_error()) => {
                    create(&self.path, OFlags::TRUNC)?
                }
                Err(error) => return Err(error),
            },
        };
        Ok(self.fd.insert(fd))
    }
}

impl Drop for Pour {
    fn drop(&mut self) {
        self.give_up();
    }
}

#[allow(clippy::useless_conversion, clippy::unnecessary_cast)] // the types differ between platforms
fn identity(status: &rustix::fs::Stat) -> (u64, u64) {
    (status.st_dev as u64, status.st_ino.into())
}
