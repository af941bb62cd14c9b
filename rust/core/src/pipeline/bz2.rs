//! bzip2.

use std::io;

use bzip2::{Action, Compress, Compression, Decompress, Error, Status};

use super::codec::{Codec, Pace, corrupt, pace};
use super::format::Format;

pub(super) struct Encode(Compress);

impl Encode {
    pub(super) fn new(level: i32) -> Self {
        let level = Compression::new(u32::try_from(level).unwrap_or(9));
        // How long repetitive data may take before another way is tried: the library's own figure.
        Self(Compress::new(level, 30))
    }
}

impl Codec for Encode {
    fn step(&mut self, input: &[u8], output: &mut [u8], last: bool) -> io::Result<Pace> {
        let (taken, given) = (self.0.total_in(), self.0.total_out());
        let status = match self.0.compress(input, output, if last { Action::Finish } else { Action::Run }) {
            // That is what it says when there is nothing to do.
            Err(Error::Param) if input.is_empty() && !last => return Ok(Pace::default()),
            status => status.map_err(io::Error::other)?,
        };
        Ok(pace(self.0.total_in() - taken, self.0.total_out() - given, status == Status::StreamEnd))
    }
}

pub(super) struct Decode(Decompress);

impl Decode {
    pub(super) fn new() -> Self {
        Self(Decompress::new(false))
    }
}

impl Codec for Decode {
    fn step(&mut self, input: &[u8], output: &mut [u8], _last: bool) -> io::Result<Pace> {
        let (taken, given) = (self.0.total_in(), self.0.total_out());
        let status = self.0.decompress(input, output).map_err(|_| corrupt(Format::Bz2))?;
        if status == Status::MemNeeded {
            return Err(io::ErrorKind::OutOfMemory.into());
        }
        Ok(pace(self.0.total_in() - taken, self.0.total_out() - given, status == Status::StreamEnd))
    }
}
