//! Digests of bytes: one object for every algorithm.

use blake3::Hasher as Blake3;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256};
use xxhash_rust::xxh3::Xxh3;

/// How a digest is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// BLAKE3, 256 bits.
    Blake3,
    /// MD5, for manifests that are there already: it keeps nobody out.
    Md5,
    /// SHA-1, as MD5.
    Sha1,
    /// SHA-256.
    Sha256,
    /// XXH3, 64 bits: no cryptography, for data that nobody forges.
    Xxh3,
}

/// All of them, by name.
pub const ALGORITHMS: [(&str, Algorithm); 5] = [
    ("blake3", Algorithm::Blake3),
    ("md5", Algorithm::Md5),
    ("sha1", Algorithm::Sha1),
    ("sha256", Algorithm::Sha256),
    ("xxh3", Algorithm::Xxh3),
];

impl Algorithm {
    /// The algorithm of a name.
    pub fn named(name: &str) -> Option<Self> {
        ALGORITHMS.iter().find(|known| known.0 == name).map(|known| known.1)
    }
}

/// A digest that is being made.
#[derive(Clone)]
pub struct Hasher(State);

#[derive(Clone)]
enum State {
    Blake3(Box<Blake3>),
    Md5(Md5),
    Sha1(Sha1),
    Sha256(Sha256),
    Xxh3(Box<Xxh3>),
}

impl Hasher {
    /// Of no bytes yet.
    pub fn new(algorithm: Algorithm) -> Self {
        Self(match algorithm {
            Algorithm::Blake3 => State::Blake3(Box::default()),
            Algorithm::Md5 => State::Md5(Md5::new()),
            Algorithm::Sha1 => State::Sha1(Sha1::new()),
            Algorithm::Sha256 => State::Sha256(Sha256::new()),
            Algorithm::Xxh3 => State::Xxh3(Box::default()),
        })
    }

    /// Takes the next bytes in.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            State::Blake3(state) => drop(state.update(bytes)),
            State::Md5(state) => state.update(bytes),
            State::Sha1(state) => state.update(bytes),
            State::Sha256(state) => state.update(bytes),
            State::Xxh3(state) => state.update(bytes),
        }
    }

    /// The digest of all bytes so far, in hexadecimal digits.
    pub fn hex(&self) -> String {
        match &self.0 {
            State::Blake3(state) => state.finalize().to_hex().to_string(),
            State::Md5(state) => hex(&state.clone().finalize()),
            State::Sha1(state) => hex(&state.clone().finalize()),
            State::Sha256(state) => hex(&state.clone().finalize()),
            State::Xxh3(state) => hex(&state.digest().to_be_bytes()),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a String doesn't fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, pieces: &[&[u8]]) -> Option<String> {
        let mut hasher = Hasher::new(Algorithm::named(name)?);
        for piece in pieces {
            hasher.update(piece);
        }
        Some(hasher.hex())
    }

    #[test]
    fn known_digests() {
        for (name, digest) in [
            ("blake3", "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85"),
            ("md5", "900150983cd24fb0d6963f7d28e17f72"),
            ("sha1", "a9993e364706816aba3e25717850c26c9cd0d89d"),
            ("sha256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            ("xxh3", "78af5f94892f3950"),
        ] {
            assert_eq!(of(name, &[b"a", b"", b"bc"]).as_deref(), Some(digest), "{name}");
        }
        assert_eq!(of("sha512", &[]), None);
    }
}
