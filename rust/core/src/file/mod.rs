//! Open files: a descriptor, bytes read ahead, bytes not yet written.
//!
//! Reading is in two steps. `ensure…` brings bytes into the buffer — now or soon, on whatever thread — and
//! consumes nothing; the owner then looks at [`File::buffered`] and calls [`File::consume`]. So a read that is
//! cancelled between the two has lost nothing.

mod ahead;
mod handle;
mod lines;
mod mode;
mod open;
mod position;
mod read;
mod text;
mod transcode;
mod write;

pub use handle::File;
pub(crate) use handle::close;
pub use lines::Newline;
pub use mode::{BadMode, Mode, OpenOptions};
pub use open::{Opened, open, open_now};
pub use position::From;
pub use read::{ATTEMPT, ONE_CALL};
pub use text::{CHUNK, Found, Search, Text, Want};
pub use transcode::{Charset, Shape, Target, Width, shape, transcode, translate};
pub(crate) use write::write_all;
