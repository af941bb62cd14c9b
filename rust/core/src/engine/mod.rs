//! Threads, completions, limits and counters: everything an operation gets without asking.
//!
//! The engine knows neither what it runs nor who waits: a [`Job`] is run by a thread of the pool and pushed on the
//! [`Port`] it belongs to, whose owner is woken once for all that has completed since. What comes in many parts comes through
//! a [`channel`].

mod budget;
pub mod channel;
mod fork;
mod limits;
pub mod metrics;
mod pool;
mod port;
mod wake;

pub use budget::{refill, spend, spent};
pub use fork::{generation, notice_forks};
pub use limits::{Limits, configure, fd_freed, limits};
pub use pool::{Job, Lane, produce, queued, settle, spawn, spawn_waiting, submit};
pub use port::Port;
