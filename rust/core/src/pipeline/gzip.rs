//! gzip.

use std::io;

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

use super::codec::{Codec, Pace, corrupt, pace};
use super::format::Format;

/// The window of every gzip file.
const WINDOW: u8 = 15;

pub(super) struct Encode(Compress);

impl Encode {
    pub(super) fn new(level: i32) -> Self {
        let level = Compression::new(u32::try_from(level).unwrap_or(6));
        Self(Compress::new_gzip(level, WINDOW))
    }
}

impl Codec for Encode {
    fn step(&mut self, input: &[u8], output: &mut [u8], last: bool) -> io::Result<Pace> {
        let (taken, given) = (self.0.total_in(), self.0.total_out());
        let flush = if last { FlushCompress::Finish } else { FlushCompress::None };
        let status = self.0.compress(input, output, flush).map_err(io::Error::other)?;
        Ok(pace(self.0.total_in() - taken, self.0.total_out() - given, status == Status::StreamEnd))
    }
}

pub(super) struct Decode(Decompress);

impl Decode {
    pub(super) fn new() -> Self {
        Self(Decompress::new_gzip(WINDOW))
    }
}

impl Codec for Decode {
    fn step(&mut self, input: &[u8], output: &mut [u8], _last: bool) -> io::Result<Pace> {
        let (taken, given) = (self.0.total_in(), self.0.total_out());
        let status = self.0.decompress(input, output, FlushDecompress::None).map_err(|_| corrupt(Format::Gzip))?;
        Ok(pace(self.0.total_in() - taken, self.0.total_out() - given, status == Status::StreamEnd))
    }
}
