//! What the kernel can be asked without blocking, and where.
//!
//! [`open`] opens a path if every step of the way is in the kernel's caches; [`learn`] notes which
//! filesystems keep that promise. A FUSE server or a network mount may take its time even for a cached path, so
//! nothing is opened there before its filesystem is known to be local.

mod local;
mod lookup;
mod resident;
mod trust;

pub use local::{Answer, known, learn};
pub use lookup::{open, open_beneath, status, status_beneath, status_of};
pub use resident::read;
pub(crate) use trust::unwatch;
#[cfg(target_os = "linux")]
pub(crate) use trust::{follow, mount_table};

use std::sync::atomic::{AtomicBool, Ordering};

static ENABLED: AtomicBool = AtomicBool::new(cfg!(target_os = "linux"));

/// Whether operations attempt themselves at all.
pub fn enabled() -> bool {
    ENABLED.load(Ordering::Relaxed)
}

/// Turns attempts on or off, for tests and benchmarks.
pub fn set_enabled(on: bool) {
    ENABLED.store(on && cfg!(target_os = "linux"), Ordering::Relaxed);
}
