//! Reading a long file on a second thread, while the first one searches what was read.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::engine;

/// Bytes that are read at once. All blocks together fit a processor's cache.
const BLOCK: usize = 128 * 1024;
/// Blocks on their way, at most.
const BLOCKS: usize = 4;

struct State {
    full: VecDeque<Vec<u8>>,
    empty: Vec<Vec<u8>>,
    /// Whether the second thread has begun.
    begun: bool,
    /// How it ended.
    ended: Option<io::Result<()>>,
    /// Whether nobody wants more.
    closed: bool,
}

struct Shared {
    file: File,
    state: Mutex<State>,
    changed: Condvar,
}

/// The rest of a file, read ahead.
pub(super) struct Ahead {
    shared: Arc<Shared>,
    block: Vec<u8>,
    at: usize,
}

impl Ahead {
    /// From where the file is; nobody else may read it meanwhile.
    pub fn new(file: File) -> Self {
        let empty = (0..BLOCKS).map(|_| Vec::with_capacity(BLOCK)).collect();
        let state = State { full: VecDeque::new(), empty, begun: false, ended: None, closed: false };
        let shared = Arc::new(Shared { file, state: Mutex::new(state), changed: Condvar::new() });
        let its = Arc::clone(&shared);
        engine::spawn_waiting(move || its.fill());
        Self { shared, block: Vec::new(), at: 0 }
    }

    /// Waits for the next block. `false`: there is none.
    fn next(&mut self) -> io::Result<bool> {
        let mut state = self.shared.lock();
        if self.block.capacity() > 0 {
            state.empty.push(std::mem::take(&mut self.block));
            self.shared.changed.notify_one();
        }
        let idle = |state: &mut State| state.full.is_empty() && state.ended.is_none();
        let mut state = self.shared.changed.wait_while(state, idle).unwrap_or_else(PoisonError::into_inner);
        match state.full.pop_front() {
            Some(block) => {
                self.block = block;
                self.at = 0;
                Ok(true)
            }
            None => state.ended.replace(Ok(())).unwrap_or(Ok(())).map(|()| false),
        }
    }
}

impl Read for Ahead {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.block.len() {
            // A thread that is late is not waited for.
            let state = self.shared.lock();
            if !state.begun {
                return (&self.shared.file).read(buffer);
            }
            drop(state);
            if !self.next()? {
                return Ok(0);
            }
        }
        let count = buffer.len().min(self.block.len() - self.at);
        buffer[..count].copy_from_slice(&self.block[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

impl Drop for Ahead {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.changed.notify_one();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The second thread's part.
    fn fill(&self) {
        let mut state = self.lock();
        state.begun = true;
        while !state.closed {
            let Some(mut block) = state.empty.pop() else {
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            drop(state);
            block.resize(BLOCK, 0);
            let count = loop {
                match (&self.file).read(&mut block) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    result => break result,
                }
            };
            state = self.lock();
            match count {
                Ok(0) => state.ended = Some(Ok(())),
                Err(error) => state.ended = Some(Err(error)),
                Ok(count) => {
                    block.truncate(count);
                    state.full.push_back(block);
                }
            }
            self.changed.notify_one();
            if state.ended.is_some() {
                return;
            }
        }
    }
}
