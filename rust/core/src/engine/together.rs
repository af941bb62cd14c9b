//! One piece of work, done by several threads.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::pool::{self, Lane, Once};

#[derive(Default)]
struct Muster {
    at_work: usize,
    /// Who comes now comes too late.
    over: bool,
    panicked: bool,
}

#[derive(Default)]
struct Crew {
    muster: Mutex<Muster>,
    left: Condvar,
}

impl Crew {
    fn muster(&self) -> MutexGuard<'_, Muster> {
        self.muster.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn help(&self, work: &impl Fn()) {
        let mut muster = self.muster();
        if muster.over {
            return;
        }
        muster.at_work += 1;
        drop(muster);
        let panicked = catch_unwind(AssertUnwindSafe(work)).is_err();
        let mut muster = self.muster();
        muster.at_work -= 1;
        muster.panicked |= panicked;
        drop(muster);
        self.left.notify_all();
    }

    /// Returns when everybody has left; whether one of them did so in a panic.
    fn dismiss(&self) -> bool {
        let mut muster = self.muster();
        muster.over = true;
        while muster.at_work > 0 {
            muster = self.left.wait(muster).unwrap_or_else(PoisonError::into_inner);
        }
        muster.panicked
    }
}

/// Runs `work` on this thread, and on as many as `helpers` others if they are free while it runs. Returns when it has
/// ended on all of them.
///
/// Work takes what is left to do from a place they share, and ends when nothing is left there, or when it is time to
/// let somebody know. It doesn't wait for helpers to begin: it may be that none is free.
///
/// # Panics
/// If the work does.
pub fn together(helpers: usize, work: &Arc<impl Fn() + Send + Sync + 'static>) {
    let crew = Arc::new(Crew::default());
    for _ in 0..helpers {
        let (crew, work) = (Arc::clone(&crew), Arc::clone(work));
        pool::push(Lane::Disk, Once::boxed(move || crew.help(&*work)));
    }
    let own = catch_unwind(AssertUnwindSafe(|| work()));
    let panicked = crew.dismiss();
    if let Err(panic) = own {
        resume_unwind(panic);
    }
    assert!(!panicked, "a helper panicked");
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn everything_is_done_once_and_nobody_is_left_behind() {
        let next = Arc::new(AtomicUsize::new(0));
        let done = Arc::new(AtomicUsize::new(0));
        let work = {
            let (next, done) = (Arc::clone(&next), Arc::clone(&done));
            Arc::new(move || {
                while next.fetch_add(1, Ordering::Relaxed) < 10_000 {
                    done.fetch_add(1, Ordering::Relaxed);
                }
            })
        };
        together(3, &work);
        assert_eq!(done.load(Ordering::Relaxed), 10_000);
    }

    #[test]
    fn a_panic_reaches_the_caller() {
        let work = Arc::new(|| panic!("as it should"));
        assert!(catch_unwind(AssertUnwindSafe(|| together(2, &work))).is_err());
    }
}
