//! Zstandard.

use std::io;

use zstd_safe::zstd_sys::ZSTD_EndDirective;
use zstd_safe::{CCtx, CParameter, DCtx, InBuffer, OutBuffer};

use super::codec::{Codec, Pace, corrupt};
use super::format::Format;

pub(super) struct Encode(CCtx<'static>);

impl Encode {
    pub(super) fn new(level: i32) -> io::Result<Self> {
        let mut context = CCtx::try_create().ok_or(io::ErrorKind::OutOfMemory)?;
        for parameter in [CParameter::CompressionLevel(level), CParameter::ChecksumFlag(true)] {
            context.set_parameter(parameter).map_err(failed)?;
        }
        Ok(Self(context))
    }
}

impl Codec for Encode {
    fn step(&mut self, input: &[u8], output: &mut [u8], last: bool) -> io::Result<Pace> {
        let directive = if last { ZSTD_EndDirective::ZSTD_e_end } else { ZSTD_EndDirective::ZSTD_e_continue };
        let (mut from, mut to) = (InBuffer::around(input), OutBuffer::around(output));
        let left = self.0.compress_stream2(&mut to, &mut from, directive).map_err(failed)?;
        Ok(Pace { taken: from.pos(), given: to.pos(), ended: last && left == 0 })
    }
}

pub(super) struct Decode(DCtx<'static>);

impl Decode {
    pub(super) fn new() -> io::Result<Self> {
        DCtx::try_create().map(Self).ok_or_else(|| io::ErrorKind::OutOfMemory.into())
    }
}

impl Codec for Decode {
    fn step(&mut self, input: &[u8], output: &mut [u8], _last: bool) -> io::Result<Pace> {
        let (mut from, mut to) = (InBuffer::around(input), OutBuffer::around(output));
        let left = self.0.decompress_stream(&mut to, &mut from).map_err(|_| corrupt(Format::Zstd))?;
        Ok(Pace { taken: from.pos(), given: to.pos(), ended: left == 0 })
    }
}

fn failed(code: usize) -> io::Error {
    io::Error::other(zstd_safe::get_error_name(code))
}
