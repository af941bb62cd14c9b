//! Parts of a file.

use std::io;
use std::os::fd::AsFd;

use rustix::io::pread;

use super::{Destination, LARGE, Source, populate};
use crate::error::{Result, Stop, retry};
use crate::file::{ATTEMPT, ONE_CALL};
use crate::now::{self, Answer};

/// What lies between two ranges is read with them if it isn't more than this: a system call costs as much.
const GAP: u64 = 16 * 1024;
/// Ranges are read together up to so many bytes.
const TOGETHER: u64 = 256 * 1024;
/// Where nothing says how much there is, memory grows from so much on.
const FIRST: usize = 64 * 1024;

/// Some bytes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// How many bytes of the file come before.
    pub offset: u64,
    /// How many bytes are wanted.
    pub length: usize,
}

impl Range {
    /// How many of its bytes a file of so many bytes has.
    pub fn within(self, size: usize) -> usize {
        let left = (size as u64).saturating_sub(self.offset);
        usize::try_from(left).unwrap_or(usize::MAX).min(self.length)
    }

    fn end(self) -> u64 {
        self.offset.saturating_add(self.length as u64)
    }
}

/// A range, and the memory for as much of it as there is.
#[derive(Debug)]
pub struct Part<'a> {
    /// Where it begins.
    pub offset: u64,
    /// Where its bytes go.
    pub memory: &'a mut [u8],
    /// How many bytes were read: fewer than there is memory for if the file has become shorter.
    pub count: usize,
}

impl Part<'_> {
    fn range(&self) -> Range {
        Range { offset: self.offset, length: self.memory.len() }
    }
}

/// Reads a range of a file that says how long it is, if all of it is at hand and it isn't too much for one attempt. Returns its length.
pub fn read_range_now(source: &Source, answer: Answer, range: Range, to: &mut impl Destination) -> Result<usize> {
    let length = range.within(source.size);
    if length > ATTEMPT || source.size == 0 {
        return Err(Stop::WouldBlock);
    }
    let Some(buffer) = to.reserve(length) else { return Err(Stop::WouldBlock) };
    if length > 0 && now::read(source.fd.as_fd(), answer, buffer, Some(range.offset))? != length {
        return Err(Stop::WouldBlock);
    }
    Ok(length)
}

/// Reads parts, those that are near each other in one go.
pub fn fill(source: &Source, parts: &mut [Part<'_>]) -> io::Result<()> {
    let mut order: Vec<usize> = (0..parts.len()).filter(|&at| !parts[at].memory.is_empty()).collect();
    order.sort_unstable_by_key(|&at| parts[at].offset);
    let (mut rest, mut scratch) = (&order[..], Vec::new());
    while let Some(&first) = rest.first() {
        let (count, end) = near(parts, rest);
        if count == 1 {
            let part = &mut parts[first];
            part.count = read_at(source, part.offset, part.memory)?;
        } else {
            let start = parts[first].offset;
            scratch.resize(usize::try_from(end - start).unwrap_or(0), 0);
            let read = read_at(source, start, &mut scratch)?;
            for &at in &rest[..count] {
                parts[at].count = copy(&scratch[..read], start, &mut parts[at]);
            }
        }
        rest = &rest[count..];
    }
    Ok(())
}

/// How many of these, in the order of their offsets, are read together, and where the last of them ends.
fn near(parts: &[Part<'_>], order: &[usize]) -> (usize, u64) {
    let start = parts[order[0]].offset;
    let mut end = parts[order[0]].range().end();
    for (count, &at) in order.iter().enumerate().skip(1) {
        let range = parts[at].range();
        let further = end.max(range.end());
        if range.offset > end.saturating_add(GAP) || further - start > TOGETHER {
            return (count, end);
        }
        end = further;
    }
    (order.len(), end)
}

/// Copies what a part has of bytes that begin at `start`.
fn copy(bytes: &[u8], start: u64, part: &mut Part<'_>) -> usize {
    let skipped = usize::try_from(part.offset - start).unwrap_or(usize::MAX).min(bytes.len());
    let found = &bytes[skipped..];
    let count = found.len().min(part.memory.len());
    part.memory[..count].copy_from_slice(&found[..count]);
    count
}

/// Reads until the memory is full or the file ends.
fn read_at(source: &Source, offset: u64, memory: &mut [u8]) -> io::Result<usize> {
    let mut done = 0;
    while done < memory.len() {
        let end = memory.len().min(done + ONE_CALL);
        if memory.len() >= LARGE {
            populate(&mut memory[done..end]);
        }
        match retry(|| pread(&source.fd, &mut memory[done..end], offset + done as u64))? {
            0 => break,
            count => done += count,
        }
    }
    Ok(done)
}

/// Reads a range of a file that doesn't say how long it is, as in /proc.
pub fn read_unsized(source: &Source, range: Range) -> io::Result<Vec<u8>> {
    let (mut bytes, mut done) = (Vec::new(), 0);
    while done < range.length {
        bytes.resize(range.length.min(FIRST.max(2 * done)), 0);
        let asked = bytes.len() - done;
        let count = read_at(source, range.offset.saturating_add(done as u64), &mut bytes[done..])?;
        done += count;
        if count < asked {
            break;
        }
    }
    bytes.truncate(done);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(memories: &mut [(u64, Vec<u8>)]) -> Vec<Part<'_>> {
        memories.iter_mut().map(|(offset, memory)| Part { offset: *offset, memory, count: 0 }).collect()
    }

    #[test]
    fn what_is_near_goes_together() {
        let mut memories = vec![(0, vec![0; 10]), (20, vec![0; 10]), (30 + GAP, vec![0; 1]), (100_000, vec![0; 1])];
        let parts = parts(&mut memories);
        assert_eq!(near(&parts, &[0, 1, 2, 3]), (3, 31 + GAP));
        assert_eq!(near(&parts, &[3]), (1, 100_001));
    }

    #[test]
    fn never_too_much_together() {
        let half = usize::try_from(TOGETHER / 2).unwrap();
        let mut memories = vec![(0, vec![0; half]), (TOGETHER / 2, vec![0; half]), (TOGETHER, vec![0; 1])];
        assert_eq!(near(&parts(&mut memories), &[0, 1, 2]), (2, TOGETHER));
    }
}
