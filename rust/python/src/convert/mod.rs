//! Python objects to plain values and back.

pub mod bytes;
pub mod path;
pub mod stat;
pub mod string;
pub mod target;
pub mod tree;
