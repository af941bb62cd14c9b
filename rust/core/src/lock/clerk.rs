//! The thread that tries for all who wait. There is one, while anybody waits.

use std::sync::{Arc, PoisonError};
use std::time::Instant;

use super::file::Key;
use super::line::{Lines, attend, office};
use super::wish::Wish;
use crate::engine;

/// Tells the clerk that something has changed; has one come if there is none.
pub(super) fn tell() {
    let office = office();
    let mut lines = office.lock();
    if lines.attended {
        drop(lines);
        office.news.notify_one();
    } else if lines.by_file.values().any(|line| !line.waiting.is_empty()) {
        lines.attended = true;
        drop(lines);
        engine::spawn_waiting(work);
    }
}

/// What there is to do.
#[derive(Default)]
struct Round {
    /// Lines whose first one tries, and whether a try takes no other's time.
    due: Vec<(Key, bool)>,
    late: Vec<Arc<Wish>>,
    next: Option<Instant>,
    anybody: bool,
}

fn look(lines: &Lines) -> Round {
    let (now, mut round) = (Instant::now(), Round::default());
    for (key, line) in &lines.by_file {
        round.anybody |= !line.waiting.is_empty();
        let deadlines = line.waiting.iter().filter_map(|wish| wish.deadline);
        for time in deadlines.chain(line.due(now)).filter(|time| *time > now) {
            round.next = Some(round.next.map_or(time, |next| next.min(time)));
        }
        round.late.extend(line.waiting.iter().filter(|wish| wish.is_late(now)).cloned());
        if line.due(now).is_some_and(|due| due <= now) {
            round.due.push((*key, line.local));
        }
    }
    round
}

fn work() {
    let office = office();
    let mut lines = office.lock();
    loop {
        let round = look(&lines);
        if !round.anybody {
            lines.attended = false;
            return;
        }
        if round.due.is_empty() && round.late.is_empty() {
            lines = match round.next {
                None => office.news.wait(lines).unwrap_or_else(PoisonError::into_inner),
                Some(next) => {
                    let time = next.saturating_duration_since(Instant::now());
                    office.news.wait_timeout(lines, time).unwrap_or_else(PoisonError::into_inner).0
                }
            };
            continue;
        }
        drop(lines);
        for wish in round.late {
            wish.expire();
        }
        for (key, local) in round.due {
            if local {
                attend(key);
            } else {
                // A server may take its time, and the others don't wait for it.
                engine::spawn(false, move || attend(key));
            }
        }
        lines = office.lock();
    }
}
