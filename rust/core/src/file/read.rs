//! Bringing bytes into memory.

use std::io;

use super::ahead::out_of_memory;
use super::handle::File;
use crate::error::{Result, Stop, Way};
use crate::now;
use crate::whole::{LARGE, populate};

/// The most one attempt copies on the loop's thread.
pub const ATTEMPT: usize = 128 * 1024;
/// What a first read ahead asks for.
const FIRST: usize = 16 * 1024;
/// What reading ahead grows to; beyond it nothing was gained.
const FURTHEST: usize = 128 * 1024;
/// The most one system call of a worker reads. In the middle of one, recent kernels don't give the processor to another thread before
/// the clock's next tick or two, and that may be the loop's: 24 ms beside a read of 64 MiB.
pub const ONE_CALL: usize = 256 * 1024;

/// How far a file is read ahead: further and further while it is read in one direction.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Reach {
    /// What the last fill asked for or might have, 0 if there was none.
    bytes: usize,
    /// Whether it got less: the end is near.
    short: bool,
}

impl Reach {
    /// What the next fill asks for; there is memory for so much more.
    fn next(self, spare: usize) -> usize {
        match self.bytes {
            0 => FIRST,
            bytes if self.short => bytes.min(spare.max(1)),
            bytes => (bytes * 2).min(FURTHEST),
        }
    }
}

impl File {
    /// Reads until `count` bytes are buffered or the file ends. Now, not if that is much.
    pub fn ensure(&mut self, way: Way, count: usize) -> Result<()> {
        let goal = self.believable(way, count)?;
        while self.buffered().len() < count {
            // Behind what the file's size promised there may be more, or its end.
            let missing = goal.saturating_sub(self.buffered().len()).max(1);
            if self.fill(way, missing)? == 0 {
                break;
            }
        }
        Ok(())
    }

    /// How many bytes there are past the first `beyond` that are buffered, read if need be: `size` of a regular file
    /// that is long enough, of any other what comes first. 0 is the end.
    pub fn step(&mut self, way: Way, beyond: usize, size: usize) -> Result<usize> {
        let there = self.buffered().len().saturating_sub(beyond);
        if there >= size || (there > 0 && !self.regular) {
            return Ok(there.min(size));
        }
        if self.regular {
            self.ensure(way, beyond.saturating_add(size))?;
        } else {
            self.fill(way, size)?;
        }
        Ok(self.buffered().len().saturating_sub(beyond).min(size))
    }

    /// Reads once, ahead of what is asked for. `Ok(0)` is the end of the file.
    pub fn fill(&mut self, way: Way, wanted: usize) -> Result<usize> {
        if way == Way::Held {
            return Ok(0);
        }
        self.flush(way)?;
        let reach = self.reach.next(self.ahead.spare());
        let goal = if self.options.read_ahead { wanted.max(reach) } else { wanted };
        let goal = goal.min(if way == Way::Now { ATTEMPT } else { ONE_CALL });
        let mut ahead = std::mem::take(&mut self.ahead);
        let read = ahead.room(goal).and_then(|room| self.read_once(way, room));
        self.ahead = ahead;
        let count = read?;
        // Not before: an attempt that would block leaves a worker the memory it needs, which has none to get then.
        self.reach = Reach { bytes: reach.max(FIRST), short: count < goal };
        self.ahead.filled(count);
        self.ended = count == 0;
        Ok(count)
    }

    /// How many bytes will be there if `count` are asked for, as far as a file's size can be believed. Much isn't
    /// read on the loop's thread at all; a worker has the memory at once.
    fn believable(&mut self, way: Way, count: usize) -> Result<usize> {
        if !self.regular || way == Way::Held || count.saturating_sub(self.buffered().len()) <= ATTEMPT {
            return Ok(count);
        }
        if way == Way::Now && !self.is_local() {
            return Err(Stop::WouldBlock);
        }
        let goal = self.rest()?.min(count);
        let more = goal.saturating_sub(self.buffered().len());
        if way == Way::Now && more > ATTEMPT {
            return Err(Stop::WouldBlock);
        }
        if more > ONE_CALL {
            self.ahead.room(more + FURTHEST)?;
        }
        Ok(goal)
    }

    /// Fills `buffer` past what is read ahead, until it is full or the file ends. Returns the bytes read; what was
    /// read ahead is copied in front and consumed only when all went well.
    ///
    /// Now, nothing is moved unless all of it is at hand.
    pub fn read_into(&mut self, way: Way, buffer: &mut [u8]) -> Result<usize> {
        let ready = self.buffered().len().min(buffer.len());
        buffer[..ready].copy_from_slice(&self.buffered()[..ready]);
        let mut done = ready;
        if done < buffer.len() {
            self.flush(way)?;
        }
        while done < buffer.len() {
            let end = buffer.len().min(done + ONE_CALL);
            if way == Way::Soon && buffer.len() >= LARGE {
                populate(&mut buffer[done..end]);
            }
            match self.read_once(way, &mut buffer[done..end]) {
                Ok(0) => {
                    self.ended = true;
                    break;
                }
                Ok(count) => done += count,
                Err(stop) => {
                    self.ahead.append(&buffer[ready..done])?;
                    return Err(stop);
                }
            }
        }
        self.consume(ready);
        Ok(done)
    }

    /// Reads past what is buffered until `limit` bytes are there or the file ends, appending to `into`.
    pub fn read_rest(&mut self, limit: usize, into: &mut Vec<u8>) -> Result<()> {
        self.flush(Way::Soon)?;
        let mut step = vec![0; limit.min(FIRST)];
        let mut done = 0;
        while done < limit {
            let wanted = step.len().min(limit - done);
            let count = self.read_once(Way::Soon, &mut step[..wanted])?;
            if count == 0 {
                self.ended = true;
                break;
            }
            into.try_reserve(count).map_err(|_| out_of_memory())?;
            into.extend_from_slice(&step[..count]);
            done += count;
            if count == step.len() && step.len() < ONE_CALL {
                step.resize(step.len() * 2, 0);
            }
        }
        Ok(())
    }

    /// Whether questions about the file's size and position are answered without waiting.
    pub fn is_local(&self) -> bool {
        self.regular && self.answer != now::Answer::Never
    }

    /// One system call into the caller's memory, past anything buffered.
    pub fn read_raw(&mut self, way: Way, buffer: &mut [u8]) -> Result<usize> {
        self.flush(way)?;
        let count = self.read_once(way, buffer)?;
        self.ended = count == 0 && !buffer.is_empty();
        Ok(count)
    }

    /// Gives back bytes that were read last and never reached anybody: they are the next to be read.
    ///
    /// Many are read again rather than copied: this happens on the loop's thread.
    pub fn unread(&mut self, bytes: &[u8]) -> Result<()> {
        let all = bytes.len() + self.buffered().len();
        if bytes.len() > ATTEMPT && self.regular && self.back(all).is_ok() {
            self.forget_ahead();
            return Ok(());
        }
        self.ended = false;
        self.ahead.prepend(bytes)
    }

    /// How many bytes lie between here and the end, as far as the file's size can be believed.
    pub fn rest(&self) -> io::Result<usize> {
        let fd = self.fd()?;
        let size = crate::error::retry(|| rustix::fs::fstat(fd))?.st_size;
        let position = if self.regular { rustix::fs::tell(fd)? } else { 0 };
        let beyond = u64::try_from(size).unwrap_or(0).saturating_sub(position);
        Ok(usize::try_from(beyond).unwrap_or(usize::MAX).saturating_add(self.buffered().len()))
    }

    fn read_once(&self, way: Way, buffer: &mut [u8]) -> Result<usize> {
        let fd = self.fd()?;
        if way != Way::Soon {
            return if self.regular && now::enabled() {
                now::read(fd, self.answer, buffer, None)
            } else {
                Err(Stop::WouldBlock)
            };
        }
        crate::error::retry(|| rustix::io::read(fd, &mut *buffer)).map_err(Stop::from)
    }
}
