//! Memory for bytes that were read and that nobody has asked for yet.

use crate::error::{Result, Stop};

/// From here on fresh memory is had cleared from the system, page by page as it is touched.
const LARGE: usize = 1 << 20;

/// A stretch of bytes, filled at its end and consumed at its start. Memory is cleared once, when it is first had.
#[derive(Debug, Default)]
pub(super) struct Ahead {
    memory: Vec<u8>,
    at: usize,
    end: usize,
}

impl Ahead {
    #[inline]
    pub(super) fn bytes(&self) -> &[u8] {
        &self.memory[self.at..self.end]
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.at == self.end
    }

    /// Marks bytes as read.
    #[inline]
    pub(super) fn consume(&mut self, count: usize) {
        self.at = (self.at + count).min(self.end);
        if self.at == self.end {
            self.clear();
        }
    }

    pub(super) fn clear(&mut self) {
        self.at = 0;
        self.end = 0;
    }

    /// Forgets the last so many bytes.
    pub(super) fn shorten(&mut self, count: usize) {
        self.end = self.end.saturating_sub(count).max(self.at);
    }

    /// How many more bytes there is memory for.
    pub(super) fn spare(&self) -> usize {
        self.memory.len() - (self.end - self.at)
    }

    /// Memory for so many more bytes behind what is there. Huge wishes fail as errors, not as aborts.
    pub(super) fn room(&mut self, more: usize) -> Result<&mut [u8]> {
        if more > self.memory.len() - self.end {
            self.make_room(more)?;
        }
        Ok(&mut self.memory[self.end..self.end + more])
    }

    /// So many bytes of the room were filled.
    pub(super) fn filled(&mut self, count: usize) {
        self.end += count;
    }

    /// Puts bytes behind what is there.
    pub(super) fn append(&mut self, bytes: &[u8]) -> Result<()> {
        self.room(bytes.len())?.copy_from_slice(bytes);
        self.filled(bytes.len());
        Ok(())
    }

    /// Puts bytes before what is there.
    pub(super) fn prepend(&mut self, bytes: &[u8]) -> Result<()> {
        if bytes.len() > self.at {
            let there = self.bytes().len();
            self.room(bytes.len())?;
            self.memory.copy_within(self.at..self.end, self.at + bytes.len());
            self.end = self.at + bytes.len() + there;
        } else {
            self.at -= bytes.len();
        }
        self.memory[self.at..self.at + bytes.len()].copy_from_slice(bytes);
        Ok(())
    }

    /// Large memory that holds nothing any more: freeing it takes its time, wherever that is done.
    pub(super) fn shed(&mut self) -> Option<Vec<u8>> {
        (self.is_empty() && self.memory.len() > LARGE).then(|| std::mem::take(&mut self.memory))
    }

    /// Moves what is unread to the front, and to more memory if it has to be.
    fn make_room(&mut self, more: usize) -> Result<()> {
        let there = self.end - self.at;
        let size = there.checked_add(more).ok_or_else(out_of_memory)?;
        if size <= self.memory.len() {
            self.memory.copy_within(self.at..self.end, 0);
        } else if size < LARGE {
            self.memory.copy_within(self.at..self.end, 0);
            self.memory.try_reserve(size - self.memory.len()).map_err(|_| out_of_memory())?;
            self.memory.resize(size, 0);
        } else {
            // Twice as much as before, lest growing step by step copies everything at each step.
            let mut memory = cleared(size.max(self.memory.len().saturating_mul(2)))?;
            memory[..there].copy_from_slice(self.bytes());
            self.memory = memory;
        }
        self.at = 0;
        self.end = there;
        Ok(())
    }
}

/// Zeroes that cost nothing before they are touched.
fn cleared(size: usize) -> Result<Vec<u8>> {
    let layout = std::alloc::Layout::array::<u8>(size).map_err(|_| out_of_memory())?;
    // SAFETY: the size isn't zero (it is `LARGE` at least).
    let memory = unsafe { std::alloc::alloc_zeroed(layout) };
    if memory.is_null() {
        return Err(out_of_memory());
    }
    crate::whole::prefer_huge_pages(memory, size);
    // SAFETY: so many bytes, allocated with a slice's own layout, and every one is set.
    Ok(unsafe { Box::from_raw(std::ptr::slice_from_raw_parts_mut(memory, size)) }.into_vec())
}

pub(super) fn out_of_memory() -> Stop {
    Stop::Failed(std::io::Error::from(std::io::ErrorKind::OutOfMemory))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_at_the_end_and_gives_at_the_start() {
        let mut ahead = Ahead::default();
        ahead.append(b"hello world").unwrap();
        ahead.consume(6);
        assert_eq!(ahead.bytes(), b"world");
        ahead.append(b"!").unwrap();
        ahead.shorten(2);
        assert_eq!(ahead.bytes(), b"worl");
        ahead.consume(9);
        assert!(ahead.is_empty());
    }

    #[test]
    fn takes_bytes_back() {
        for consumed in 0..=6 {
            let mut ahead = Ahead::default();
            ahead.append(b"abcdef").unwrap();
            ahead.consume(consumed);
            ahead.prepend(b"0123").unwrap();
            assert_eq!(ahead.bytes(), [b"0123", &b"abcdef"[consumed..]].concat());
        }
    }

    /// Random steps beside a plain vector that does the same.
    #[test]
    fn behaves_as_a_plain_vector() {
        let (mut ahead, mut model) = (Ahead::default(), Vec::new());
        let mut random = 7u64;
        for step in 0..20_000 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let (what, size) = (random >> 60, usize::try_from(random >> 33).unwrap() % 3000);
            let bytes: Vec<u8> = (0..size).map(|n| u8::try_from((n + step) % 251).unwrap()).collect();
            match what {
                0..6 => {
                    ahead.append(&bytes).unwrap();
                    model.extend_from_slice(&bytes);
                }
                6..12 => {
                    ahead.consume(size);
                    model.drain(..size.min(model.len()));
                }
                12..14 => {
                    ahead.prepend(&bytes).unwrap();
                    model.splice(0..0, bytes);
                }
                14 => {
                    ahead.shorten(size);
                    model.truncate(model.len().saturating_sub(size));
                }
                _ => {
                    ahead.clear();
                    model.clear();
                }
            }
            assert_eq!(ahead.bytes(), model);
        }
    }

    #[test]
    fn refuses_what_nobody_has() {
        assert!(Ahead::default().room(usize::MAX / 2).is_err());
        let mut ahead = Ahead::default();
        ahead.append(b"x").unwrap();
        assert!(ahead.room(usize::MAX).is_err());
        assert_eq!(ahead.bytes(), b"x");
    }

    #[test]
    fn lets_go_of_large_memory_only() {
        let mut ahead = Ahead::default();
        ahead.append(&[1; 100]).unwrap();
        ahead.consume(100);
        assert!(ahead.shed().is_none());
        ahead.append(&vec![2; 3 << 20]).unwrap();
        assert!(ahead.shed().is_none());
        ahead.consume(3 << 20);
        assert!(ahead.shed().is_some_and(|memory| memory.len() >= 3 << 20));
        ahead.append(b"again").unwrap();
        assert_eq!(ahead.bytes(), b"again");
    }
}
