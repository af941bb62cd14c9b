//! Searching what is in files: which lines match a regular expression, and where.
//!
//! A [`Pattern`] is compiled once; a [`Search`] walks a tree and sends [`Lines`], batches of matching lines with
//! their spans and context, through a channel of the engine. Files are searched by several threads; the lines of one
//! file arrive together and in order.

mod ahead;
mod chars;
mod crawl;
mod file;
mod floor;
mod lines;
mod options;
mod outbox;
mod pattern;
mod queue;
mod sink;
mod start;
mod worker;

pub use chars::char_spans;
pub use lines::{Line, Lines};
pub use options::{Binary, Case, Options, TextEncoding};
pub use pattern::Pattern;
pub use start::Search;
