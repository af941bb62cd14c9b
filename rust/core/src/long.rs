//! Long work: done a slice at a time, so that whoever asked for it hears how far it is and can end it in between.

use std::time::Duration;

use crate::fs::Failure;

/// How far work is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Items that are done.
    pub done: u64,
    /// Items that there are, as far as is known by now.
    pub total: u64,
    /// Bytes that were read, written or copied.
    pub bytes: u64,
}

/// Work of many steps. Whether several threads do it is its own affair ([`crate::engine::together`]).
pub trait Long: Send {
    /// Does some more, for about so long; one step of it at least. True when everything is done.
    ///
    /// # Errors
    /// What ends the work. It is not asked to go on after that, only to [`Long::give_up`]. One exception: where there are
    /// too many open files (`EMFILE`, `ENFILE`) it must be able to go on, for it is asked again when one was closed.
    fn advance(&mut self, slice: Duration) -> Result<bool, Failure>;

    /// How far it is. Between slices.
    fn progress(&self) -> Progress;

    /// Ends before everything is done: nothing half-done is left, no file open.
    fn give_up(&mut self) {}
}
