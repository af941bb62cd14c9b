//! xz.

use std::io;

use liblzma::stream::{Action, Check, Error, Status, Stream};

use super::codec::{Codec, Pace, corrupt, pace};
use super::format::Format;

/// Files may ask for so much memory when they are decompressed; the highest level needs 65 MiB.
const MEMORY: u64 = 512 << 20;

pub(super) struct Encode(Stream);

impl Encode {
    pub(super) fn new(level: i32) -> io::Result<Self> {
        let level = u32::try_from(level).unwrap_or(6);
        Stream::new_easy_encoder(level, Check::Crc64).map(Self).map_err(failed)
    }
}

impl Codec for Encode {
    fn step(&mut self, input: &[u8], output: &mut [u8], last: bool) -> io::Result<Pace> {
        process(&mut self.0, input, output, if last { Action::Finish } else { Action::Run })
    }
}

pub(super) struct Decode(Stream);

impl Decode {
    pub(super) fn new() -> io::Result<Self> {
        Stream::new_stream_decoder(MEMORY, 0).map(Self).map_err(failed)
    }
}

impl Codec for Decode {
    fn step(&mut self, input: &[u8], output: &mut [u8], _last: bool) -> io::Result<Pace> {
        process(&mut self.0, input, output, Action::Run)
    }
}

fn process(stream: &mut Stream, input: &[u8], output: &mut [u8], action: Action) -> io::Result<Pace> {
    let (taken, given) = (stream.total_in(), stream.total_out());
    let status = stream.process(input, output, action).map_err(failed)?;
    Ok(pace(stream.total_in() - taken, stream.total_out() - given, status == Status::StreamEnd))
}

fn failed(error: Error) -> io::Error {
    match error {
        Error::Mem | Error::MemLimit => io::ErrorKind::OutOfMemory.into(),
        _ => corrupt(Format::Xz),
    }
}
