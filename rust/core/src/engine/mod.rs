//! Threads, completions, limits and counters: everything an operation gets without asking.
//!
//! The engine knows neither what it runs nor who waits: a [`Job`] is run by a thread of the pool and pushed on the
//! [`Port`] it belongs to, whose owner is woken once for all that has completed since. What comes in many parts comes through
//! a [`channel`].

mod budget;
pub mod channel;
mod counts;
mod fork;
mod jobs;
mod limits;
pub mod metrics;
mod patience;
mod pool;
mod port;
mod together;
mod wake;

pub use budget::{refill, spend, spent};
pub use counts::{queued, settle};
pub(crate) use fork::PerProcess;
pub use fork::{generation, notice_forks};
pub use jobs::{Job, produce, spawn, spawn_waiting, submit};
pub use limits::{Limits, configure, limits};
pub use patience::fd_freed;
pub use pool::Lane;
pub use port::{Parcel, Port};
pub use together::together;
