//! After a fork the child has none of the parent's threads, and its locks may be held for ever: it starts anew.

use std::ptr;
use std::sync::Once;
use std::sync::atomic::{AtomicPtr, AtomicU64, Ordering};

use super::counts;

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
    counts::forget();
    crate::now::unwatch();
}

/// One value for each process, made when it is first asked for. What a fork or a new one has replaced stays where it is: threads
/// may use it until the process ends.
pub struct PerProcess<T: 'static>(AtomicPtr<Tagged<T>>);

struct Tagged<T> {
    generation: u64,
    value: T,
}

impl<T> PerProcess<T> {
    pub const fn new() -> Self {
        Self(AtomicPtr::new(ptr::null_mut()))
    }

    /// The value, or a new one where there is none or `keep` doesn't want it; and whether it is new.
    pub fn get(&self, keep: impl Fn(&T) -> bool, make: impl Fn() -> T) -> (&'static T, bool) {
        loop {
            let there = self.0.load(Ordering::Acquire);
            // SAFETY: whatever the pointer has ever been is leaked, never freed.
            let tagged = unsafe { there.as_ref() };
            if let Some(tagged) = tagged.filter(|tagged| tagged.generation == generation() && keep(&tagged.value)) {
                return (&tagged.value, false);
            }
            let mine = Box::into_raw(Box::new(Tagged { generation: generation(), value: make() }));
            if self.0.compare_exchange(there, mine, Ordering::AcqRel, Ordering::Acquire).is_ok() {
                // SAFETY: as above.
                return (unsafe { &(*mine).value }, true);
            }
            // SAFETY: nobody else has seen this one.
            drop(unsafe { Box::from_raw(mine) });
        }
    }
}
