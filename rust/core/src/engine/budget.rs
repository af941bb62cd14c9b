//! The fairness budget: how long finished awaitables may go on before the loop gets a turn.
//!
//! What is counted is the time attempts take, per thread and so per running loop. It isn't reset by turns the
//! engine doesn't see, which only makes it stricter: one extra turn per 200 µs of attempts costs about 1 %.

use std::cell::Cell;

/// Nanoseconds of attempts between two turns of the loop.
const BUDGET: u64 = 200_000;

thread_local! {
    static USED: Cell<u64> = const { Cell::new(0) };
}

/// Takes the cost of an attempt from the budget.
#[inline]
pub fn spend(nanoseconds: u64) {
    USED.set(USED.get().saturating_add(nanoseconds));
}

/// Whether the loop is due a turn.
#[inline]
pub fn spent() -> bool {
    USED.get() >= BUDGET
}

/// The loop had its turn.
pub fn refill() {
    USED.set(0);
}
