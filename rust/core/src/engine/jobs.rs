//! Jobs: from the loop that asks to a thread that may block, and back through the loop's port.

use std::sync::Arc;

use super::pool::{self, Lane, Once, Task};
use super::port::{Errand, Parcel, Port};
use super::{counts, patience};

/// Something to run on a thread that may block.
pub trait Job: Send + Sized + 'static {
    /// Runs it. What comes of it stays within.
    fn run(&mut self);

    /// Whether it ran into the limit on open files and may be run again when one is closed.
    fn wants_fd(&self) -> bool {
        false
    }
}

/// Runs a job on a thread that may block and pushes it on its port. `effect`: it must end before the process does.
pub fn submit<J: Job>(lane: Lane, effect: bool, port: &Arc<Port<J>>, job: J) {
    counts::job_begins();
    if effect {
        counts::effect_begins();
    }
    let mut parcel = Parcel::new(job);
    parcel.errand = Some(Errand { port: Arc::clone(port), effect });
    pool::push(lane, parcel);
}

impl<J: Job> Task for Parcel<J> {
    fn run(mut self: Box<Self>) {
        let closed = patience::counting_closed(|| self.job.run());
        if !self.job.wants_fd() {
            (0..closed).for_each(|_| patience::fd_freed());
            return arrive(self);
        }
        // It is run again when a file was closed, or given back as it is when patience ends.
        patience::wait_for_fd(Box::new(move |again| if again { self.run() } else { arrive(self) }));
    }
}

fn arrive<J>(mut parcel: Box<Parcel<J>>) {
    counts::job_ends();
    if let Some(Errand { port, effect }) = parcel.errand.take() {
        port.push(parcel);
        if effect {
            counts::effect_ends();
        }
    }
}

/// Runs something nobody waits for. `effect`: it must end before the process does; at once if that is ending.
pub fn spawn(effect: bool, work: impl FnOnce() + Send + 'static) {
    if !effect {
        return pool::push(Lane::Disk, Once::boxed(work));
    }
    if counts::settled() {
        return work();
    }
    counts::effect_begins();
    pool::push(
        Lane::Disk,
        Once::boxed(move || {
            work();
            counts::effect_ends();
        }),
    );
}

/// Runs something that may wait for ever for somebody else.
pub fn spawn_waiting(work: impl FnOnce() + Send + 'static) {
    pool::push(Lane::Stream, Once::boxed(work));
}

/// Runs what puts items into a [`super::channel`], for as long as anybody wants them.
pub fn produce(work: impl FnOnce() + Send + 'static) {
    pool::push(Lane::Produce, Once::boxed(work));
}
