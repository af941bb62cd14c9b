//! A whole search for entries: started once, worked on by any number of threads.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

use rustix::fs::{AtFlags, CWD, FileType, statat};

use super::crawl::{Directory, Worker};
use super::entry::Sink;
use super::options::{Options, Sort};
use super::pending::Pending;
use crate::fs::{Failure, retry};

/// What is looked for, and how far it has got.
#[derive(Debug)]
pub struct Finder {
    pub(super) options: Options,
    pub(super) roots: Vec<Vec<u8>>,
    pub(super) pending: Pending<Directory>,
    /// Whether the roots are still to be checked.
    fresh: Mutex<bool>,
}

impl Finder {
    /// For what is below these directories, which must exist.
    pub fn new(roots: Vec<Vec<u8>>, mut options: Options) -> Self {
        let directory = |(root, path): (usize, &Vec<u8>)| Directory {
            path: path.clone(),
            root,
            depth: 0,
            rules: None,
            above: None,
        };
        let mut pending: Vec<_> = roots.iter().enumerate().map(directory).rev().collect();
        options.metadata |= matches!(options.sort, Some(Sort::Size | Sort::Modified));
        if options.depth.max == 0 {
            pending.clear();
        }
        Self { options, roots, pending: Pending::new(pending), fresh: Mutex::new(true) }
    }

    /// What is looked for.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Does this thread's part, until everything is found or nobody wants more.
    pub fn work<S: Sink>(&self, sink: &mut S) {
        let worked = catch_unwind(AssertUnwindSafe(|| {
            if self.begin(sink) && Worker::new(self, sink).run().is_err() {
                self.pending.stop();
            }
        }));
        if worked.is_err() {
            self.pending.stop();
            sink.fail(Failure::of_nobody(io::Error::other("internal error")));
        }
    }

    /// Whether the roots are there. The first thread looks, others wait for it.
    fn begin<S: Sink>(&self, sink: &mut S) -> bool {
        let mut fresh = self.fresh.lock().unwrap_or_else(PoisonError::into_inner);
        if std::mem::take(&mut *fresh) {
            for root in &self.roots {
                if let Err(error) = check(root) {
                    sink.fail(Failure::on(root, error));
                    self.pending.stop();
                    return false;
                }
            }
        }
        true
    }

    /// How much of a path is its root.
    pub(super) fn start(&self, root: usize) -> usize {
        let path = &self.roots[root];
        path.len() + usize::from(!path.ends_with(b"/"))
    }
}

fn check(root: &[u8]) -> io::Result<()> {
    let status = retry(|| statat(CWD, root, AtFlags::empty()))?;
    match FileType::from_raw_mode(status.st_mode) {
        FileType::Directory => Ok(()),
        _ => Err(io::Error::from_raw_os_error(libc::ENOTDIR)),
    }
}
