//! Pipelines: bytes of a source, what they pass, and where they go.
//!
//! Bytes are pulled from the far end, a chunk at a time: each stage asks the one before it for more when it needs more. So no stage has more
//! than a chunk in store, however much its bytes become, and a pipeline can stop anywhere and go on later.

mod bad;
#[cfg(feature = "bz2")]
mod bz2;
mod chain;
mod codec;
mod decode;
mod format;
#[cfg(feature = "gzip")]
mod gzip;
mod sink;
mod source;
mod stage;
#[cfg(feature = "xz")]
mod xz;
#[cfg(feature = "zstd")]
mod zstd;

pub use bad::{BadData, Defect};
pub use chain::{Chain, Out};
pub use format::Format;
pub use sink::Sink;
pub use source::{Chunk, Source};
pub use stage::{CHUNK, Step};
