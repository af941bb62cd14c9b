//! A whole search: which files, by how many threads.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rustix::fs::FileType;

use super::crawl::Crawl;
use super::floor::Floor;
use super::lines::Lines;
use super::options::Options;
use super::pattern::Pattern;
use super::queue::{Paths, Queue};
use super::worker::Worker;
use crate::engine::channel::{Closed, Producer};
use crate::find::{self, Finder, Sorted, Types};
use crate::fs::{Failure, retry};

/// Batches of files for each thread that wait at most.
const WAITING: usize = 4;
/// Threads of which one looks for files.
const PER_FINDER: usize = 4;

/// A search that several threads work on.
#[derive(Debug)]
pub struct Search {
    finder: Option<Finder>,
    /// Threads that look for files. They search too, when enough are found.
    finders: AtomicUsize,
    threads: usize,
    queue: Queue,
    pattern: Pattern,
    options: Arc<Options>,
    floor: Arc<Floor>,
}

impl Search {
    /// For the files below the roots that pass, and for the roots that are files themselves. This compiles all patterns and looks
    /// at the roots.
    pub fn new(
        roots: Vec<Vec<u8>>,
        files: find::Options,
        regex: &str,
        options: Options,
        threads: usize,
    ) -> Result<Self, Failure> {
        let pattern = Pattern::new(regex, &options)?;
        files.compile()?;
        let (mut directories, mut given) = (Vec::new(), Vec::new());
        for root in roots {
            match root_kind(&root).map_err(|error| Failure::on(&root, error))? {
                Root::Directory => directories.push(root),
                Root::File => given.push([&root[..], b"\0"].concat()),
            }
        }
        let threads = if files.sort.is_some() { 1 } else { threads.max(1) };
        let files = find::Options { types: Types::FILE, ..files };
        let finder = (!directories.is_empty()).then(|| Finder::new(directories, files));
        let threads = if finder.is_some() { threads } else { threads.min(given.len()) };
        let finders = if finder.is_some() { threads.div_ceil(PER_FINDER) } else { 0 };
        let queue = Queue::new(given, finders, (threads - finders) * WAITING);
        let (options, floor) = (Arc::new(options), Arc::default());
        Ok(Self { finder, finders: finders.into(), threads, queue, pattern, options, floor })
    }

    /// How many threads have something to do.
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// Does one thread's part, until all is searched or nobody wants more. Each of the threads must.
    pub fn work(&self, producer: &Producer<Lines, Failure>) {
        let mut worker = Worker::new(&self.pattern, &self.options, producer, &self.floor);
        let outcome = catch_unwind(AssertUnwindSafe(|| self.search(&mut worker)));
        if !matches!(outcome, Ok(Ok(()))) {
            self.queue.close();
        }
        if outcome.is_err() {
            producer.fail(Failure::of_nobody(io::Error::other("internal error")));
        }
    }

    fn search(&self, worker: &mut Worker) -> Result<(), Closed> {
        while let Some(paths) = self.queue.try_take() {
            worker.search_all(&paths)?;
        }
        let left = |finders: usize| finders.checked_sub(1);
        if let Some(finder) = &self.finder
            && self.finders.fetch_update(Ordering::Relaxed, Ordering::Relaxed, left).is_ok()
        {
            let crawl = Crawl::new(worker, &self.queue);
            match finder.options().sort {
                None => finder.work(&mut { crawl }),
                Some(order) => Sorted::new(vec![crawl], order).iter_mut().for_each(|sorted| finder.work(sorted)),
            }
        }
        while let Some(paths) = self.take(worker)? {
            worker.search_all(&paths)?;
        }
        worker.send_rest()
    }

    /// The next files; what was found so far is sent before others are waited for.
    fn take(&self, worker: &mut Worker) -> Result<Option<Paths>, Closed> {
        if let Some(paths) = self.queue.try_take() {
            return Ok(Some(paths));
        }
        worker.send_rest()?;
        Ok(self.queue.take())
    }
}

enum Root {
    File,
    Directory,
}

fn root_kind(root: &[u8]) -> io::Result<Root> {
    let status = retry(|| rustix::fs::stat(root))?;
    match FileType::from_raw_mode(status.st_mode) {
        FileType::Directory => Ok(Root::Directory),
        FileType::RegularFile => Ok(Root::File),
        // It might keep the search waiting for ever.
        _ => Err(io::Error::from_raw_os_error(libc::EINVAL)),
    }
}
