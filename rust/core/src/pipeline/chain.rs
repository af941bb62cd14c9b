//! A pipeline, or the part of one that needs nobody else.

use std::io;
use std::time::{Duration, Instant};

use super::sink::{Outlet, Sink};
use super::source::{Chunk, Flow, Inlet, Source};
use super::stage::{CHUNK, Stage, Step, pull};
use crate::fs::{Blame, Failure};
use crate::long::{Long, Progress};

/// What has come out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Out {
    /// So many bytes.
    Bytes(usize),
    /// Everything has.
    End,
    /// Nothing, until it is fed.
    Hungry,
    /// Nothing yet.
    Later,
}

/// A source, what its bytes pass, and where they go.
pub struct Chain {
    inlet: Inlet,
    stages: Vec<Stage>,
    outlet: Outlet,
    buffer: Vec<u8>,
    read: u64,
    size: Option<u64>,
    written: u64,
    hungry: bool,
    ended: bool,
    /// Whose errors those of the sink are, if the source has a path as well.
    sink_path: Option<Vec<u8>>,
}

impl Chain {
    /// Nothing is opened yet.
    ///
    /// # Errors
    /// Memory, and formats that this build of the library doesn't know.
    pub fn new(source: Source, steps: &[Step], sink: Sink) -> io::Result<Self> {
        let stages = steps.iter().map(Stage::new).collect::<io::Result<_>>()?;
        let sink_path = match (&source, &sink) {
            (Source::Path(_), Sink::File { path, .. }) => Some(path.as_bytes().to_vec()),
            _ => None,
        };
        let (inlet, outlet) = (Inlet::new(source), Outlet::new(sink));
        let (buffer, read, size, written) = (Vec::new(), 0, None, 0);
        let (hungry, ended) = (false, false);
        Ok(Self { inlet, stages, outlet, buffer, read, size, written, hungry, ended, sink_path })
    }

    /// Gives it its next bytes, or None after the last.
    pub fn feed(&mut self, chunk: Option<Chunk>) {
        self.hungry = false;
        self.inlet.feed(chunk);
    }

    /// Whether it goes on when it is fed.
    pub fn is_hungry(&self) -> bool {
        self.hungry
    }

    /// Whether everything has come out.
    pub fn is_ended(&self) -> bool {
        self.ended
    }

    /// Bytes that went in, and bytes that came out.
    pub fn counts(&self) -> (u64, u64) {
        (self.read, self.written)
    }

    /// The digests, in the order of their steps.
    pub fn digests(&self) -> Vec<String> {
        let digests = self.stages.iter().filter_map(|stage| match stage {
            Stage::Look(hasher) => Some(hasher.hex()),
            Stage::Through { .. } => None,
        });
        digests.collect()
    }

    /// Brings what comes out, for about so long, until the memory is full or there is no more.
    ///
    /// # Errors
    /// Of the source, or of data that can't be decompressed.
    pub fn pull(&mut self, output: &mut [u8], slice: Duration) -> Result<Out, Failure> {
        self.open()?;
        let until = Instant::now() + slice;
        let mut given = 0;
        while given < output.len() {
            match self.flow(until, &mut output[given..])? {
                Flow::Bytes(count) => given += count,
                Flow::End if given == 0 => {
                    self.ended = true;
                    self.inlet.close();
                    return Ok(Out::End);
                }
                Flow::Hungry if given == 0 => {
                    self.hungry = true;
                    return Ok(Out::Hungry);
                }
                Flow::Late if given == 0 => return Ok(Out::Later),
                _ => break,
            }
            if Instant::now() >= until {
                break;
            }
        }
        self.written += given as u64;
        Ok(Out::Bytes(given))
    }

    fn open(&mut self) -> io::Result<()> {
        if let Some(size) = self.inlet.open()? {
            self.size = Some(size);
        }
        Ok(())
    }

    fn flow(&mut self, until: Instant, output: &mut [u8]) -> io::Result<Flow> {
        pull(&mut self.stages, &mut self.inlet, &mut self.read, until, output)
    }

    /// An error of the sink, where it isn't clear that it is one.
    fn blame<T>(&self, result: io::Result<T>) -> Result<T, Failure> {
        result.map_err(|error| {
            let on = self.sink_path.as_ref().map_or(Blame::Given, |path| Blame::Path(path.clone()));
            Failure { error, on }
        })
    }

    fn some(&mut self, until: Instant, buffer: &mut [u8]) -> Result<bool, Failure> {
        loop {
            match self.flow(until, buffer)? {
                Flow::Bytes(count) => {
                    let written = self.outlet.write(&buffer[..count]);
                    self.blame(written)?;
                    self.written += count as u64;
                }
                Flow::End => {
                    self.ended = true;
                    self.inlet.close();
                    let finished = self.outlet.finish();
                    return self.blame(finished).map(|()| true);
                }
                Flow::Hungry => {
                    self.hungry = true;
                    return Ok(true);
                }
                Flow::Late => return Ok(false),
            }
            if Instant::now() >= until {
                return Ok(false);
            }
        }
    }
}

impl Long for Chain {
    /// True also when it is hungry: see [`Chain::is_hungry`].
    fn advance(&mut self, slice: Duration) -> Result<bool, Failure> {
        self.open()?;
        let opened = self.outlet.open();
        self.blame(opened)?;
        let until = Instant::now() + slice;
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.resize(CHUNK, 0);
        let advanced = self.some(until, &mut buffer);
        self.buffer = buffer;
        advanced
    }

    /// Done are the bytes that were read of those that the source has.
    fn progress(&self) -> Progress {
        Progress { done: self.read, total: self.size.unwrap_or(0).max(self.read), bytes: self.written }
    }

    fn give_up(&mut self) {
        self.inlet.close();
        self.outlet.give_up();
    }
}
