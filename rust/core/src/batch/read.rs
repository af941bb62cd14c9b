//! Files are read whole.

use std::ffi::CStr;
use std::io;
use std::marker::PhantomData;
use std::time::Instant;

use super::{Errand, Went};
use crate::engine;
use crate::fs::Failure;
use crate::whole::{self, Source};

/// Up to here a worker's own memory is used and copied once; beyond, the final object is made first.
const COPIED: usize = 256 * 1024;
/// What is read in one slice is held twice for a moment: not more than this.
const HELD: u64 = 32 << 20;

/// Memory that a file is read into.
pub trait Memory: Send + 'static {
    /// All of it.
    fn memory(&mut self) -> &mut [u8];
}

/// What has come of a file.
#[derive(Debug)]
pub enum Read<M> {
    /// Its contents.
    Bytes(Vec<u8>),
    /// So much memory is needed for them.
    Large(usize),
    /// The memory has so many bytes of them, and these came after.
    Filled(M, usize, Vec<u8>),
}

/// Files that are read.
#[derive(Debug)]
pub struct Reads<P, M> {
    paths: Vec<P>,
    memory: PhantomData<fn(M)>,
}

impl<P, M> Reads<P, M> {
    /// Of these paths.
    pub fn new(paths: Vec<P>) -> Self {
        Self { paths, memory: PhantomData }
    }
}

impl<P: AsRef<CStr> + Send + Sync + 'static, M: Memory> Errand for Reads<P, M> {
    type Done = Read<M>;
    type Begun = M;

    fn total(&self) -> usize {
        self.paths.len()
    }

    fn path(&self, index: usize) -> &CStr {
        self.paths[index].as_ref()
    }

    fn go_on(&self, index: usize, begun: Option<M>, _: Instant) -> Result<Went<Read<M>, M>, Failure> {
        let source = whole::open(self.paths[index].as_ref())?;
        let went = read(source, begun);
        engine::fd_freed();
        Ok(went?)
    }

    fn held(&self) -> u64 {
        HELD
    }
}

fn read<M: Memory>(source: Source, begun: Option<M>) -> io::Result<Went<Read<M>, M>> {
    let Some(mut memory) = begun else {
        if source.size > COPIED {
            return Ok(Went::Asks(Read::Large(source.size)));
        }
        let bytes = whole::read_small(source)?;
        let size = bytes.len() as u64;
        return Ok(Went::Done(Read::Bytes(bytes), size));
    };
    let count = whole::read_into(&source, memory.memory())?;
    let mut more = Vec::new();
    if count == memory.memory().len() {
        whole::read_rest(source, &mut more)?;
    }
    let size = (count + more.len()) as u64;
    Ok(Went::Done(Read::Filled(memory, count, more), size))
}
