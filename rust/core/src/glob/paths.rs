//! Paths on their way to whoever asked.

use crate::engine::channel::Batch;

/// Paths, one after the other in one piece of memory.
#[derive(Debug, Default)]
pub struct Paths {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Paths {
    /// One more, whose parts are these.
    pub(super) fn push(&mut self, parts: [&[u8]; 2]) {
        self.bytes.extend_from_slice(parts[0]);
        self.bytes.extend_from_slice(parts[1]);
        self.ends.push(self.bytes.len());
    }

    /// One of them, by its place.
    pub fn get(&self, at: usize) -> Option<&[u8]> {
        let end = *self.ends.get(at)?;
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.bytes.get(start..end)
    }
}

impl Batch for Paths {
    fn len(&self) -> usize {
        self.ends.len()
    }
}
