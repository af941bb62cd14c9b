//! A file to be sent: looked at, opened and, if it is small, read, in one go.

mod open;
mod read;

pub use open::{Opened, Place, look, look_now, open, open_now};
pub use read::{read, read_now};
