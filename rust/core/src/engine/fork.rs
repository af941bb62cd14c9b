//! After a fork the child has none of the parent's threads: it starts an engine of its own.

use std::sync::Once;
use std::sync::atomic::{AtomicU64, Ordering};

static GENERATION: AtomicU64 = AtomicU64::new(0);
static HOOKED: Once = Once::new();

/// Counts the forks that lie between this process and the one that loaded the library.
pub fn generation() -> u64 {
    GENERATION.load(Ordering::Relaxed)
}

/// Makes sure that a child notices. Called when the library is loaded, and when an engine starts.
pub fn notice_forks() {
    #[cfg(unix)]
    HOOKED.call_once(|| {
        // SAFETY: the handler only stores to atomics, which is async-signal-safe.
        unsafe { libc::pthread_atfork(None, None, Some(in_child)) };
    });
}

#[cfg(unix)]
extern "C" fn in_child() {
    GENERATION.fetch_add(1, Ordering::Relaxed);
    super::pool::abandon();
    crate::now::unwatch();
}
