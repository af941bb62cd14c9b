//! Locks on a real disk, by several threads.

use std::ffi::CString;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use rapfiles_core::lock::{Held, Outcome, Stage, Wish};
use tempfile::TempDir;

fn file() -> (TempDir, CString) {
    let dir = TempDir::new().unwrap();
    let path = CString::new(dir.path().join("lock").to_str().unwrap()).unwrap();
    (dir, path)
}

/// Asks, and waits for what comes of it.
fn outcome(path: &CString, exclusive: bool, timeout: Option<Duration>) -> Outcome {
    let wish = Wish::new(path, exclusive, timeout);
    loop {
        match wish.stage() {
            Stage::Ask => wish.ask(),
            Stage::Decided => return wish.take().unwrap(),
            Stage::Waits => {
                let (send, receive) = mpsc::channel();
                wish.when_decided(Box::new(move || send.send(()).unwrap()));
                receive.recv().unwrap();
            }
        }
    }
}

fn lock(path: &CString, exclusive: bool) -> Held {
    match outcome(path, exclusive, Some(Duration::from_secs(20))) {
        Outcome::Held(held) => held,
        other => panic!("{other:?}"),
    }
}

#[test]
fn one_at_a_time() {
    let (_dir, path) = file();
    let inside = Arc::new(AtomicUsize::new(0));
    let threads = (0..8).map(|_| {
        let (path, inside) = (path.clone(), Arc::clone(&inside));
        std::thread::spawn(move || {
            for _ in 0..20 {
                let held = lock(&path, true);
                assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                inside.fetch_sub(1, Ordering::SeqCst);
                held.release();
            }
        })
    });
    for thread in threads.collect::<Vec<_>>() {
        thread.join().unwrap();
    }
}

#[test]
fn shared_and_exclusive() {
    let (_dir, path) = file();
    let (one, other) = (lock(&path, false), lock(&path, false));
    assert!(matches!(outcome(&path, true, Some(Duration::ZERO)), Outcome::TimedOut));
    one.release();
    assert!(matches!(outcome(&path, true, Some(Duration::from_millis(5))), Outcome::TimedOut));
    drop(other);
    drop(lock(&path, true));
}

#[test]
fn whoever_gives_up_holds_nothing() {
    let (_dir, path) = file();
    let held = lock(&path, true);
    let wishes: Vec<_> = (0..50).map(|_| Wish::new(&path, true, None)).collect();
    for wish in &wishes {
        wish.ask();
        assert_eq!(wish.stage(), Stage::Waits);
    }
    held.release();
    for wish in &wishes {
        wish.give_up();
    }
    drop(lock(&path, true));
}

#[test]
fn says_what_is_wrong() {
    let path = CString::new("/nowhere/at/all").unwrap();
    let Outcome::Failed(error) = outcome(&path, true, None) else { panic!("locked") };
    assert_eq!(error.raw_os_error(), Some(libc::ENOENT));
}
