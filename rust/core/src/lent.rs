//! Memory that is lent: workers fill it, the loop's thread empties it, and neither gets it from the allocator each time.
//!
//! An allocator has locks. A worker that is preempted while it holds one keeps the loop waiting, for milliseconds, when that frees what
//! the worker allocated.

use std::ops::Deref;
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

/// How much is lent at once.
const EACH: usize = 64 * 1024;
/// How many are kept for the next.
const KEPT: usize = 64;

static STOCK: Mutex<Vec<Vec<u8>>> = Mutex::new(Vec::new());

/// Bytes in memory that goes back when they are dropped.
#[derive(Debug, Default)]
pub struct Lent {
    memory: Vec<u8>,
    length: usize,
}

impl Lent {
    /// Memory for so many bytes, with anything in it.
    pub fn new(length: usize) -> Self {
        let kept = if length <= EACH { stock().and_then(|mut stock| stock.pop()) } else { None };
        Self { memory: kept.unwrap_or_else(|| vec![0; length.max(EACH)]), length }
    }

    /// All of the memory.
    pub fn memory(&mut self) -> &mut [u8] {
        &mut self.memory[..self.length]
    }

    /// Only the first so many bytes.
    pub fn truncate(&mut self, length: usize) {
        self.length = self.length.min(length);
    }
}

impl From<Vec<u8>> for Lent {
    fn from(memory: Vec<u8>) -> Self {
        Self { length: memory.len(), memory }
    }
}

impl Deref for Lent {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.memory[..self.length]
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if self.memory.len() != EACH {
            return;
        }
        if let Some(mut stock) = stock().filter(|stock| stock.len() < KEPT) {
            stock.push(std::mem::take(&mut self.memory));
        }
    }
}

/// The stock, if nobody else is at it: it isn't worth waiting for. After a fork it may be nobody's for ever.
fn stock() -> Option<MutexGuard<'static, Vec<Vec<u8>>>> {
    match STOCK.try_lock() {
        Ok(stock) => Some(stock),
        Err(TryLockError::Poisoned(poisoned)) => Some(PoisonError::into_inner(poisoned)),
        Err(TryLockError::WouldBlock) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_as_long_as_was_said() {
        for length in [0, 1, EACH, EACH + 1] {
            let mut lent = Lent::new(length);
            assert_eq!(lent.memory().len(), length);
            lent.memory().fill(7);
            lent.truncate(1);
            assert_eq!(&lent[..], &[7][..length.min(1)]);
        }
    }

    #[test]
    fn keeps_a_few() {
        drop((0..2 * KEPT).map(|_| Lent::new(1)).collect::<Vec<_>>());
        assert!(stock().is_none_or(|stock| stock.len() <= KEPT));
    }
}
