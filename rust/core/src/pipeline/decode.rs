//! Decompressing: member after member, of a format that is told or found out.

use std::io;

use super::bad::{BadData, Defect};
use super::codec::{Codec, Pace, corrupt, decoder};
use super::format::{Format, MAGIC};

/// All members of compressed data, one after the other, as all of these formats allow.
pub(super) struct Decode {
    /// None until the data have told it.
    format: Option<Format>,
    /// The most that may come out.
    limit: Option<u64>,
    given: u64,
    /// The first bytes of a member.
    head: Vec<u8>,
    /// How many of them its decoder has got.
    passed: usize,
    member: Option<Box<dyn Codec>>,
    members: u64,
}

impl Decode {
    pub(super) fn new(format: Option<Format>, limit: Option<u64>) -> Self {
        Self { format, limit, given: 0, head: Vec::with_capacity(MAGIC), passed: 0, member: None, members: 0 }
    }

    fn bad(&self, defect: Defect) -> io::Error {
        BadData::error(self.format, defect)
    }

    /// Takes what is between members, and the beginning of one. True at the end of everything.
    fn begin(&mut self, input: &[u8], pace: &mut Pace, last: bool) -> io::Result<bool> {
        if self.members > 0 && self.head.is_empty() {
            // Archives are padded with zeros, to the length of a block of some medium.
            pace.taken += input[pace.taken..].iter().take_while(|&&byte| byte == 0).count();
        }
        let rest = &input[pace.taken..];
        let more = rest.len().min(MAGIC - self.head.len());
        self.head.extend_from_slice(&rest[..more]);
        pace.taken += more;
        if self.head.len() < MAGIC && !last {
            return Ok(false);
        }
        if self.head.is_empty() && self.members > 0 {
            return Ok(true);
        }
        self.recognize()
    }

    fn recognize(&mut self) -> io::Result<bool> {
        if self.head.is_empty() {
            return Err(self.bad(Defect::Truncated));
        }
        self.format = self.format.or_else(|| Format::of_data(&self.head));
        let fits = self.format.is_some_and(|format| format.begins(&self.head));
        match self.format {
            _ if !fits && self.members > 0 => Err(self.bad(Defect::Trailing)),
            None => Err(self.bad(Defect::Unknown)),
            Some(format) if !fits => Err(corrupt(format)),
            Some(_) if self.head.len() < MAGIC => Err(self.bad(Defect::Truncated)),
            Some(format) => {
                self.member = Some(decoder(format)?);
                Ok(false)
            }
        }
    }

    fn count(&mut self, given: usize) -> io::Result<()> {
        self.given += given as u64;
        if self.limit.is_some_and(|limit| self.given > limit) {
            return Err(self.bad(Defect::TooLarge));
        }
        Ok(())
    }

    /// What the decoder makes of the beginning it hasn't got yet, or of the input.
    fn pass(&mut self, input: &[u8], output: &mut [u8], pace: &mut Pace) -> io::Result<Pace> {
        let Some(member) = &mut self.member else { return Ok(Pace::default()) };
        if self.passed < self.head.len() {
            let step = member.step(&self.head[self.passed..], output, false)?;
            self.passed += step.taken;
            return Ok(step);
        }
        let step = member.step(&input[pace.taken..], output, false)?;
        pace.taken += step.taken;
        Ok(step)
    }
}

impl Codec for Decode {
    fn step(&mut self, input: &[u8], output: &mut [u8], last: bool) -> io::Result<Pace> {
        let mut pace = Pace::default();
        loop {
            if self.member.is_none() {
                pace.ended = self.begin(input, &mut pace, last)?;
                if self.member.is_none() {
                    return Ok(pace);
                }
            }
            let step = self.pass(input, output, &mut pace)?;
            self.count(step.given)?;
            pace.given = step.given;
            if step.ended {
                (self.member, self.passed) = (None, 0);
                self.head.clear();
                self.members += 1;
            }
            if step.given > 0 {
                return Ok(pace);
            }
            if !step.ended && step.taken == 0 {
                return match pace.taken < input.len() {
                    // There is input, and it does nothing with it.
                    true => Err(self.bad(Defect::Corrupt)),
                    false if last => Err(self.bad(Defect::Truncated)),
                    false => Ok(pace),
                };
            }
        }
    }
}
