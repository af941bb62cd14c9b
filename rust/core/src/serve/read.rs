//! Reading at an offset: several may read the same file.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};

use crate::error::{Result, Stop, retry};
use crate::file::{ATTEMPT, ONE_CALL};
use crate::now;
use crate::serve::Opened;

/// Reads all of the buffer if it is at hand, and not too much for one attempt.
pub fn read_now(file: &Opened, buffer: &mut [u8], offset: u64) -> Result<()> {
    let Some(answer) = file.answer.filter(|_| now::enabled() && buffer.len() <= ATTEMPT) else {
        return Err(Stop::WouldBlock);
    };
    match now::read(file.fd.as_fd(), answer, buffer, Some(offset))? {
        count if count == buffer.len() => Ok(()),
        // Shorter than it was a moment ago, or not all of it is in memory.
        _ => Err(Stop::WouldBlock),
    }
}

/// Reads until the buffer is full or the file ends.
pub fn read(fd: BorrowedFd<'_>, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut done = 0;
    while done < buffer.len() {
        let end = buffer.len().min(done + ONE_CALL);
        match retry(|| rustix::io::pread(fd, &mut buffer[done..end], offset + done as u64))? {
            0 => break,
            count => done += count,
        }
    }
    Ok(done)
}
