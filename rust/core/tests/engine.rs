//! The engine: jobs come back through their port, lanes don't wait for one another, a panic harms nobody else.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use rapfiles_core::engine::{self, Job, Lane, Port};

struct Counted(u64);

impl Job for Counted {
    fn run(&mut self) {
        self.0 *= 2;
    }
}

fn all<J>(port: &Port<J>, count: usize) -> Vec<J> {
    let mut done = Vec::new();
    while done.len() < count {
        port.wait();
        done.extend(port.drain());
    }
    done
}

#[test]
fn every_job_comes_back_once() {
    let port = Arc::new(Port::new().unwrap());
    for number in 0..1000 {
        engine::submit(Lane::Disk, false, &port, Counted(number));
    }
    let mut sum: Vec<u64> = all(&port, 1000).into_iter().map(|job| job.0).collect();
    sum.sort_unstable();
    assert_eq!(sum, (0..1000).map(|number| number * 2).collect::<Vec<_>>());
    assert!(port.drain().is_empty());
}

struct Waiting(Receiver<()>);

impl Job for Waiting {
    fn run(&mut self) {
        let _disconnected = self.0.recv();
    }
}

#[test]
fn what_waits_for_somebody_else_keeps_no_disk_waiting() {
    let stuck = Arc::new(Port::new().unwrap());
    let (release, senders): (Vec<_>, Vec<_>) = (0..200).map(|_| channel::<()>()).unzip();
    for receiver in senders {
        engine::submit(Lane::Stream, false, &stuck, Waiting(receiver));
    }
    let port = Arc::new(Port::new().unwrap());
    engine::submit(Lane::Disk, false, &port, Counted(21));
    assert_eq!(all(&port, 1)[0].0, 42);
    drop(release);
    assert_eq!(all(&stuck, 200).len(), 200);
}

#[test]
fn jobs_that_block_are_met_by_more_threads() {
    // Each waits for the others: they end only if all run at once.
    const TOGETHER: usize = 16;
    static ARRIVED: AtomicUsize = AtomicUsize::new(0);
    struct Meeting;
    impl Job for Meeting {
        fn run(&mut self) {
            ARRIVED.fetch_add(1, Ordering::SeqCst);
            while ARRIVED.load(Ordering::SeqCst) < TOGETHER {
                std::thread::yield_now();
            }
        }
    }
    let port = Arc::new(Port::new().unwrap());
    for _ in 0..TOGETHER {
        engine::submit(Lane::Disk, false, &port, Meeting);
    }
    assert_eq!(all(&port, TOGETHER).len(), TOGETHER);
}

#[test]
fn the_process_can_wait_for_effects() {
    static DONE: AtomicUsize = AtomicUsize::new(0);
    for _ in 0..50 {
        engine::spawn(true, || {
            std::thread::sleep(Duration::from_millis(1));
            DONE.fetch_add(1, Ordering::SeqCst);
        });
    }
    engine::settle(Duration::from_secs(30));
    assert_eq!(DONE.load(Ordering::SeqCst), 50);
}

#[test]
fn a_panic_leaves_the_threads_in_place() {
    for _ in 0..200 {
        engine::spawn(false, || std::panic::panic_any("on purpose"));
    }
    let port = Arc::new(Port::new().unwrap());
    engine::submit(Lane::Disk, false, &port, Counted(1));
    assert_eq!(all(&port, 1)[0].0, 2);
}

#[test]
fn the_budget_is_spent_and_refilled() {
    engine::refill();
    assert!(!engine::spent());
    for _ in 0..2000 {
        engine::spend(100);
    }
    assert!(engine::spent());
    engine::refill();
    assert!(!engine::spent());
}

#[test]
fn a_meter_counts_and_sorts_latencies() {
    let meter = engine::metrics::Meter::new("test");
    meter.now(10);
    meter.soon(Duration::from_micros(3), 5);
    meter.soon(Duration::from_secs(1 << 40), 0);
    let reading = meter.read();
    assert_eq!((reading.now, reading.soon, reading.bytes), (1, 2, 15));
    assert_eq!(reading.buckets[2], 1, "3 µs is below 4 and not below 2");
    assert_eq!(reading.buckets[engine::metrics::BUCKETS - 1], 1);
}
