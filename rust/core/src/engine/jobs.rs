//! Jobs: from the loop that asks to a thread that may block, and back through the loop's port.

use std::sync::Arc;

use super::pool::{self, Lane};
use super::port::Port;
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
    let port = Arc::clone(port);
    counts::job_begins();
    if effect {
        counts::effect_begins();
    }
    pool::push(lane, Box::new(move || attempt(port, job, effect)));
}

fn attempt<J: Job>(port: Arc<Port<J>>, mut job: J, effect: bool) {
    job.run();
    if !job.wants_fd() {
        return arrive(&port, job, effect);
    }
    // It is run again when a file was closed, or given back as it is when patience ends.
    patience::wait_for_fd(Box::new(
        move |again| {
            if again { attempt(port, job, effect) } else { arrive(&port, job, effect) }
        },
    ));
}

fn arrive<J: Job>(port: &Port<J>, job: J, effect: bool) {
    counts::job_ends();
    port.push(job);
    if effect {
        counts::effect_ends();
    }
}

/// Runs something nobody waits for. `effect`: it must end before the process does; at once if that is ending.
pub fn spawn(effect: bool, work: impl FnOnce() + Send + 'static) {
    if !effect {
        return pool::push(Lane::Disk, Box::new(work));
    }
    if counts::settled() {
        return work();
    }
    counts::effect_begins();
    pool::push(
        Lane::Disk,
        Box::new(move || {
            work();
            counts::effect_ends();
        }),
    );
}

/// Runs something that may wait for ever for somebody else.
pub fn spawn_waiting(work: impl FnOnce() + Send + 'static) {
    pool::push(Lane::Stream, Box::new(work));
}

/// Runs what puts items into a [`super::channel`], for as long as anybody wants them.
pub fn produce(work: impl FnOnce() + Send + 'static) {
    pool::push(Lane::Produce, Box::new(work));
}
