//! What bytes pass on their way.

use std::io;
use std::time::Instant;

use super::codec::{Codec, encoder};
use super::decode::Decode;
use super::format::Format;
use super::source::{Flow, Inlet};
use crate::hash::{Algorithm, Hasher};

/// How many bytes are on their way from one stage to the next, at most.
pub const CHUNK: usize = 128 * 1024;

/// Something that bytes pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Makes them fewer.
    Compress {
        /// To this.
        format: Format,
        /// One of the format's levels.
        level: i32,
    },
    /// Makes of compressed bytes what they were.
    Decompress {
        /// From this; None: from what they turn out to be.
        format: Option<Format>,
        /// It is an error if they become more than so many.
        limit: Option<u64>,
    },
    /// Looks at them.
    Hash(Algorithm),
}

pub(super) enum Stage {
    Through { codec: Box<dyn Codec>, input: Vec<u8>, at: usize, end: usize, last: bool, dry: bool, ended: bool },
    Look(Hasher),
}

impl Stage {
    pub(super) fn new(step: &Step) -> io::Result<Self> {
        let codec: Box<dyn Codec> = match step {
            Step::Compress { format, level } => encoder(*format, *level)?,
            Step::Decompress { format, limit } => Box::new(Decode::new(*format, *limit)),
            Step::Hash(algorithm) => return Ok(Stage::Look(Hasher::new(*algorithm))),
        };
        Ok(Stage::Through { codec, input: vec![0; CHUNK], at: 0, end: 0, last: false, dry: true, ended: false })
    }
}

/// Brings what comes out of the last of some stages.
pub(super) fn pull(
    stages: &mut [Stage],
    inlet: &mut Inlet,
    read: &mut u64,
    until: Instant,
    output: &mut [u8],
) -> io::Result<Flow> {
    let Some((stage, before)) = stages.split_last_mut() else {
        let flow = inlet.read(output)?;
        if let Flow::Bytes(count) = flow {
            *read += count as u64;
        }
        return Ok(flow);
    };
    let Stage::Through { codec, input, at, end, last, dry, ended } = stage else {
        let flow = pull(before, inlet, read, until, output)?;
        if let (Stage::Look(hasher), Flow::Bytes(count)) = (stage, flow) {
            hasher.update(&output[..count]);
        }
        return Ok(flow);
    };
    loop {
        if *ended {
            return Ok(Flow::End);
        }
        if *dry && !*last {
            if Instant::now() >= until {
                return Ok(Flow::Late);
            }
            match pull(before, inlet, read, until, input)? {
                Flow::Bytes(count) => (*at, *end) = (0, count),
                Flow::End => *last = true,
                wait => return Ok(wait),
            }
        }
        let step = codec.step(&input[*at..*end], output, *last)?;
        *at += step.taken;
        *ended = step.ended;
        // What is left is left because there was no room for what it becomes.
        *dry = step.given == 0 && *at == *end;
        if step.given > 0 {
            return Ok(Flow::Bytes(step.given));
        }
        if !step.ended && step.taken == 0 && (*last || *at < *end) {
            return Err(io::Error::other("a codec came to a halt"));
        }
    }
}
