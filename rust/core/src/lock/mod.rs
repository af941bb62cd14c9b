//! Locks on files: between processes, and between whoever asks within one.
//!
//! The lock is the system's `flock`. It belongs to the open file, not to the process, so two tasks that open the same file exclude
//! each other as two processes do, and it ends with its holder, however that ends. Nobody waits *in* the kernel: a [`Wish`] that
//! can't be had at once stands in line, without a thread and without an open file. One thread, the clerk, tries for whoever is
//! first in each line.

mod clerk;
mod file;
mod held;
mod line;
mod wish;

pub use held::Held;
pub use wish::{Outcome, Stage, Wish};
