//! A whole search for entries: started once, worked on by any number of threads.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;

use rustix::fs::{AtFlags, CWD, FileType, statat};

use super::crawl::{Directory, Worker};
use super::entry::Sink;
use super::options::{Options, Sort};
use super::pending::Pending;
use crate::fs::{Failure, retry};

/// What had to be looked up before.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ready {
    pub(super) owner: Option<u32>,
}

/// What is looked for, and how far it has got.
#[derive(Debug)]
pub struct Finder {
    pub(super) options: Options,
    pub(super) roots: Vec<Vec<u8>>,
    pub(super) pending: Pending<Directory>,
    /// What the first thread finds before any goes on.
    begun: OnceLock<Option<Ready>>,
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
        Self { options, roots, pending: Pending::new(pending), begun: OnceLock::new() }
    }

    /// What is looked for.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Does this thread's part, until everything is found or nobody wants more.
    pub fn work<S: Sink>(&self, sink: &mut S) {
        let worked = catch_unwind(AssertUnwindSafe(|| {
            // The first thread looks, others wait for it.
            let begun = self.begun.get_or_init(|| self.begin().map_err(|failure| sink.fail(failure)).ok());
            let done = begun.as_ref().is_some_and(|ready| Worker::new(self, *ready, sink).run().is_ok());
            if !done {
                self.pending.stop();
            }
        }));
        if worked.is_err() {
            self.pending.stop();
            sink.fail(Failure::of_nobody(io::Error::other("internal error")));
        }
    }

    /// Whether the patterns can be used and the roots are there, and who the owner is.
    fn begin(&self) -> Result<Ready, Failure> {
        self.options.compile()?;
        for root in &self.roots {
            check(root).map_err(|error| Failure::on(root, error))?;
        }
        let owner = self.options.owner.as_ref().map(|owner| owner.user("owner")).transpose();
        Ok(Ready { owner: owner.map_err(Failure::of_nobody)? })
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
