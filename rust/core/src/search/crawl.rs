//! Finding the files that are searched.

use std::cell::RefCell;
use std::mem;
use std::time::{Duration, Instant};

use super::queue::{Paths, Queue};
use super::worker::Worker;
use crate::engine::channel::Closed;
use crate::find::{Entry, Sink};
use crate::fs::Failure;

/// Files that go to another thread together at most.
const TOGETHER: usize = 64;
/// They don't wait for others to be found for longer than this.
const LINGER: Duration = Duration::from_millis(2);

/// Gathers files that are found, for whoever has time to search them.
pub(super) struct Crawl<'a> {
    worker: &'a mut Worker,
    queue: &'a Queue,
    gathered: RefCell<Gathered>,
}

struct Gathered {
    paths: Paths,
    count: usize,
    /// How many go together: one at first.
    goal: usize,
    since: Instant,
}

impl<'a> Crawl<'a> {
    pub fn new(worker: &'a mut Worker, queue: &'a Queue) -> Self {
        let gathered = Gathered { paths: Paths::new(), count: 0, goal: 1, since: Instant::now() };
        Self { worker, queue, gathered: RefCell::new(gathered) }
    }

    /// Hands over what was gathered, or searches it if everybody has enough to do.
    fn pass_on(&mut self) -> Result<(), Closed> {
        let paths = self.gathered.get_mut().take();
        self.queue.offer(paths).or_else(|paths| self.search(&paths))
    }

    fn search(&mut self, paths: &[u8]) -> Result<(), Closed> {
        self.worker.search_all(paths).inspect_err(|Closed| self.queue.close())
    }
}

impl Gathered {
    fn take(&mut self) -> Paths {
        self.goal = (self.goal * 2).min(TOGETHER);
        self.count = 0;
        self.since = Instant::now();
        mem::take(&mut self.paths)
    }
}

impl Sink for Crawl<'_> {
    fn found(&mut self, entry: &Entry<'_>) -> Result<(), Closed> {
        let gathered = self.gathered.get_mut();
        gathered.paths.extend_from_slice(entry.path);
        gathered.paths.push(0);
        gathered.count += 1;
        if gathered.count >= gathered.goal { self.pass_on() } else { Ok(()) }
    }

    fn report(&mut self, failure: Failure) -> Result<(), Closed> {
        self.worker.note(failure).inspect_err(|Closed| self.queue.close())
    }

    fn fail(&mut self, failure: Failure) {
        self.worker.producer().fail(failure);
        self.queue.close();
    }

    fn wanted(&self) -> bool {
        let mut gathered = self.gathered.borrow_mut();
        if gathered.count > 0 && gathered.since.elapsed() > LINGER {
            let paths = gathered.take();
            if let Err(paths) = self.queue.offer(paths) {
                gathered.count = memchr::memchr_iter(0, &paths).count();
                gathered.paths = paths;
            }
        }
        let wanted = !self.worker.producer().is_closed();
        if !wanted {
            self.queue.close();
        }
        wanted
    }

    fn idle(&mut self) -> Result<(), Closed> {
        self.pass_on()?;
        while let Some(paths) = self.queue.try_take() {
            self.search(&paths)?;
        }
        self.worker.send_rest()
    }

    fn finish(&mut self) -> Result<(), Closed> {
        self.pass_on()
    }
}

impl Drop for Crawl<'_> {
    fn drop(&mut self) {
        self.queue.found_all();
    }
}
