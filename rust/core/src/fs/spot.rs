//! Where a path is, whether it is there or not.

use std::io;

use rustix::fs::{AtFlags, CWD, Stat, statat};
use rustix::io::Errno;

use super::{Failure, join, retry};

/// Which directory: its device, and its number there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Identity(u64, u64);

impl From<&Stat> for Identity {
    #[allow(clippy::useless_conversion, clippy::unnecessary_cast)] // the types differ between platforms
    fn from(status: &Stat) -> Self {
        Self(status.st_dev as u64, status.st_ino.into())
    }
}

/// Where a path is: what is there of it, and what would have to be made.
#[derive(Debug)]
pub(crate) struct Spot {
    /// The nearest directory that is there, and those above it.
    chain: Vec<Identity>,
    /// The names that are missing below it.
    missing: Vec<Vec<u8>>,
}

impl Spot {
    pub(crate) fn of(path: &[u8]) -> Result<Self, Failure> {
        let (mut there, mut missing) = (path, Vec::new());
        let nearest = loop {
            let here: &[u8] = if there.is_empty() { b"." } else { there };
            match retry(|| statat(CWD, here, AtFlags::empty())) {
                Ok(status) => break (here, Identity::from(&status)),
                Err(Errno::NOENT) if !matches!(here, b"." | b"/") => {
                    let end = there.iter().rposition(|&byte| byte != b'/').map_or(0, |last| last + 1);
                    let start = memchr::memrchr(b'/', &there[..end]).map_or(0, |slash| slash + 1);
                    missing.push(there[start..end].to_vec());
                    let above = there[..start].iter().rposition(|&byte| byte != b'/').map_or(start, |last| last + 1);
                    there = &there[..above.min(start)];
                }
                Err(errno) => return Err(Failure::on(path, errno)),
            }
        };
        missing.retain(|name| name != b"." && !name.is_empty());
        missing.reverse();
        if missing.iter().any(|name| name == b"..") {
            return Err(Failure::on(path, io::Error::from_raw_os_error(libc::ENOENT)));
        }
        Ok(Self { chain: chain(nearest.0.to_vec(), nearest.1)?, missing })
    }

    /// The directories it is in, itself included, as far as they are there.
    pub(crate) fn chain(&self) -> impl Iterator<Item = &Identity> {
        self.chain.iter()
    }

    /// Whether it is in a directory, or is that directory.
    fn is_in(&self, directory: Identity) -> bool {
        self.chain.contains(&directory)
    }

    /// Whether one is in the other, or both are the same.
    pub(crate) fn overlaps(&self, other: &Spot) -> bool {
        let within = |a: &Spot, b: &Spot| b.missing.is_empty() && b.chain.first().is_some_and(|&b| a.is_in(b));
        let shorter = self.missing.len().min(other.missing.len());
        let same = self.chain.first() == other.chain.first() && self.missing[..shorter] == other.missing[..shorter];
        same || within(self, other) || within(other, self)
    }

    /// The device it is on, or would be.
    pub(crate) fn device(&self) -> Option<u64> {
        self.chain.first().map(|identity| identity.0)
    }

    /// How many directories are missing, itself included.
    pub(crate) fn missing(&self) -> usize {
        self.missing.len()
    }
}

/// A directory and all above it, whatever links led there.
fn chain(mut path: Vec<u8>, mut identity: Identity) -> Result<Vec<Identity>, Failure> {
    let mut chain = vec![identity];
    loop {
        path = join(&path, b"..");
        let above = match retry(|| statat(CWD, &path[..], AtFlags::empty())) {
            Ok(status) => Identity::from(&status),
            // Not a directory: those above it are found from the directory it is in.
            Err(Errno::NOTDIR) if chain.len() == 1 => {
                path.truncate(path.len() - 3);
                let start = memchr::memrchr(b'/', &path).map_or(0, |slash| slash + 1);
                path.truncate(start);
                path.extend_from_slice(b".");
                let status = retry(|| statat(CWD, &path[..], AtFlags::empty()));
                Identity::from(&status.map_err(|errno| Failure::on(&path, errno))?)
            }
            // Nobody may look further up from here.
            Err(Errno::ACCESS) => return Ok(chain),
            Err(errno) => return Err(Failure::on(&path, errno)),
        };
        if above == identity {
            return Ok(chain);
        }
        chain.push(above);
        identity = above;
    }
}

/// The identity of what a path leads to, if it leads somewhere.
pub(crate) fn identity(path: &[u8]) -> Option<Identity> {
    retry(|| statat(CWD, path, AtFlags::empty())).ok().map(|status| Identity::from(&status))
}
