//! A whole search: which files, by how many threads.

use std::io;
use std::os::unix::ffi::OsStrExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use ignore::{DirEntry, WalkState};

use super::files::Files;
use super::lines::Lines;
use super::options::Options;
use super::pattern::Pattern;
use super::worker::Worker;
use crate::engine::channel::{Closed, Producer};
use crate::fs::Failure;

/// Searches the files under a root, or one file, and sends what is found until all is searched or nobody wants more.
pub fn start(root: &Path, pattern: &Pattern, files: &Files, options: &Options, producer: &Producer<Lines, Failure>) {
    let options = Arc::new(options.clone());
    let floor = Arc::default();
    let worker = || Worker::new(pattern, &options, producer, &floor);
    match root_kind(root) {
        Err(failure) => producer.fail(failure),
        Ok(Root::File) => {
            let mut worker = worker();
            let _closed = worker.search(root).and_then(|()| worker.finish());
        }
        Ok(Root::Directory) => {
            let walk = || walk(root, files, worker);
            if catch_unwind(AssertUnwindSafe(walk)).is_err() {
                producer.fail(Failure::of_nobody(io::Error::other("internal error")));
            }
        }
    }
}

enum Root {
    File,
    Directory,
}

fn root_kind(root: &Path) -> Result<Root, Failure> {
    let kind = std::fs::metadata(root)?.file_type();
    match kind {
        kind if kind.is_dir() => Ok(Root::Directory),
        kind if kind.is_file() => Ok(Root::File),
        // It might keep the search waiting for ever.
        _ => Err(io::Error::from_raw_os_error(libc::EINVAL).into()),
    }
}

fn walk(root: &Path, files: &Files, worker: impl Fn() -> Worker) {
    let builder = files.walk(root);
    if files.sort {
        let mut worker = worker();
        let mut entries = builder.build();
        let _closed = entries.try_for_each(|entry| visit(&mut worker, files, entry)).and_then(|()| worker.finish());
        return;
    }
    builder.build_parallel().run(|| {
        let mut worker = Finishing(worker());
        Box::new(move |entry| match visit(&mut worker.0, files, entry) {
            Ok(()) => WalkState::Continue,
            Err(Closed) => WalkState::Quit,
        })
    });
}

/// Sends what is left when a thread's part of the walk is over.
struct Finishing(Worker);

impl Drop for Finishing {
    fn drop(&mut self) {
        let _closed = self.0.finish();
    }
}

fn visit(worker: &mut Worker, files: &Files, entry: Result<DirEntry, ignore::Error>) -> Result<(), Closed> {
    match entry {
        Ok(entry) if files.wants(&entry) => worker.search(entry.path()),
        Ok(_) => worker.rest(),
        Err(error) => worker.note(failure(error)),
    }
}

/// What a walk's error is about.
fn failure(error: ignore::Error) -> Failure {
    let mut path = None;
    let mut inner = &error;
    loop {
        match inner {
            ignore::Error::WithPath { path: here, err } => (path, inner) = (Some(here.clone()), err),
            ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => inner = err,
            ignore::Error::Loop { child, .. } => {
                return Failure::on(child.as_os_str().as_bytes(), io::Error::from_raw_os_error(libc::ELOOP));
            }
            _ => break,
        }
    }
    let error = error.into_io_error().unwrap_or_else(|| io::Error::from_raw_os_error(libc::EIO));
    match path {
        Some(path) => Failure::on(path.as_os_str().as_bytes(), error),
        None => Failure::of_nobody(error),
    }
}
