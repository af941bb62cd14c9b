//! Those who go through a tree.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::batch::Batch;
use super::node::{Node, Shelf};
use super::work::{Found, Left, Tally, Tools, Tree};
use crate::engine;
use crate::fs::{Failure, Fd};

/// For so long one thread works alone: what is done by then isn't worth another one.
const ALONE: Duration = Duration::from_millis(1);
/// Directories that are open while others are gone through, half read.
const HALF_READ: usize = 16;

/// A directory that is read.
struct Listing<T: Tree> {
    node: Arc<Node<T::Extra>>,
    fd: Arc<Fd>,
    batch: Batch,
    step: Option<T::Step>,
    /// Whether somebody else reads the rest.
    shared: bool,
}

enum Task<T: Tree> {
    Enter(Arc<Node<T::Extra>>),
    Read(Listing<T>),
    Go(Listing<T>),
    Leave(Arc<Node<T::Extra>>),
}

/// What is still to do. The latest comes first: a tree is gone through in depth, so that what is known of it stays small.
struct State<T: Tree> {
    stack: Vec<Task<T>>,
    active: usize,
    half_read: usize,
    tally: Tally,
    troubles: Vec<Failure>,
    ended: Option<Failure>,
}

struct Shared<T: Tree> {
    tree: T,
    shelf: Shelf<T::Extra>,
    /// Whether errors are kept and the rest goes on.
    collect: bool,
    state: Mutex<State<T>>,
    more: Condvar,
    /// Whether everybody is to stop where they are.
    stop: AtomicBool,
}

/// Several threads that go through a tree.
pub(crate) struct Crew<T: Tree> {
    shared: Arc<Shared<T>>,
    helpers: usize,
}

impl<T: Tree> Crew<T> {
    /// `root` is open on the sides that the tree has.
    pub(crate) fn new(tree: T, root: Node<T::Extra>, collect: bool, threads: usize) -> Self {
        let stack = vec![Task::Enter(Arc::new(root))];
        let tally = Tally { found: 1, ..Tally::default() };
        let state = State { stack, active: 0, half_read: 0, tally, troubles: Vec::new(), ended: None };
        let (shelf, more) = (Shelf::default(), Condvar::new());
        let shared = Shared { tree, shelf, collect, state: Mutex::new(state), more, stop: AtomicBool::new(false) };
        Self { shared: Arc::new(shared), helpers: threads.max(1) - 1 }
    }

    /// Goes on for about so long; true when everything is done.
    pub(crate) fn advance(&self, slice: Duration) -> Result<bool, Failure> {
        let now = Instant::now();
        self.shared.stop.store(false, Ordering::Relaxed);
        if self.helpers == 0 {
            self.shared.work(now + slice);
        } else {
            self.shared.work(now + slice.min(ALONE));
            if !self.is_done() && !self.shared.stop.load(Ordering::Relaxed) {
                let (shared, until) = (Arc::clone(&self.shared), now + slice);
                engine::together(self.helpers, &Arc::new(move || shared.work(until)));
            }
        }
        let ended = self.shared.lock().ended.take();
        match ended {
            Some(failure) => {
                self.shared.shelf.clear();
                Err(failure)
            }
            None => Ok(self.is_done()),
        }
    }

    fn is_done(&self) -> bool {
        let state = self.shared.lock();
        state.stack.is_empty() && state.ended.is_none()
    }

    pub(crate) fn tally(&self) -> Tally {
        self.shared.lock().tally
    }

    /// Takes what went wrong.
    pub(crate) fn troubles(&self) -> Vec<Failure> {
        std::mem::take(&mut self.shared.lock().troubles)
    }

    /// Does nothing more. What takes many steps is undone.
    pub(crate) fn give_up(&self) {
        let stack = std::mem::take(&mut self.shared.lock().stack);
        drop(stack);
        self.shared.shelf.clear();
    }
}

impl<T: Tree> Shared<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, task: Task<T>) {
        self.lock().stack.push(task);
        self.more.notify_one();
    }

    fn work(&self, until: Instant) {
        let mut tools = Tools::default();
        while let Some(task) = self.take(until) {
            self.run(task, until, &mut tools);
            let mut state = self.lock();
            state.active -= 1;
            state.tally.bytes += std::mem::take(&mut tools.bytes);
            if state.active == 0 && state.stack.is_empty() {
                self.more.notify_all();
            }
        }
    }

    /// Something to do; None when there is nothing left, or no time.
    fn take(&self, until: Instant) -> Option<Task<T>> {
        let mut state = self.lock();
        loop {
            let now = Instant::now();
            if now >= until || self.stop.load(Ordering::Relaxed) {
                return None;
            }
            if let Some(task) = state.stack.pop() {
                state.active += 1;
                return Some(task);
            }
            if state.active == 0 {
                return None;
            }
            state = self.more.wait_timeout(state, until - now).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn run(&self, task: Task<T>, until: Instant, tools: &mut Tools) {
        match task {
            Task::Enter(node) => match self.tree.enter(&node, &self.shelf) {
                Ok(Some(fd)) => {
                    self.read_on(
                        Listing { node, fd, batch: Batch::default(), step: None, shared: false },
                        until,
                        tools,
                    );
                }
                Ok(None) => self.close(node),
                Err(failure) if lacks_fd(&failure) => self.postpone(failure, Task::Enter(node)),
                Err(failure) => {
                    self.fail(&node, failure);
                    // There is nothing in it that could be done, and nothing to be done with it.
                    self.ended_in(&node, true);
                }
            },
            Task::Read(listing) => {
                self.lock().half_read -= 1;
                self.read_on(listing, until, tools);
            }
            Task::Go(listing) => {
                if let Some(listing) = self.go(listing, until, tools) {
                    self.read_on(listing, until, tools);
                }
            }
            Task::Leave(node) => self.leave(node),
        }
    }

    /// Reads names and does what is to be done to what they name, until there are no more.
    fn read_on(&self, mut listing: Listing<T>, until: Instant, tools: &mut Tools) {
        loop {
            match listing.batch.read(&listing.fd, &mut tools.names) {
                Ok(true) => self.share(&mut listing),
                Ok(false) => return self.close(listing.node),
                Err(errno) => {
                    if let Some(failure) = self.tree.unreadable(&listing.node, errno) {
                        self.fail(&listing.node, failure);
                    }
                    return self.close(listing.node);
                }
            }
            match self.go(listing, until, tools) {
                Some(rest) => listing = rest,
                None => return,
            }
        }
    }

    /// Leaves the rest of a large directory to whoever has time.
    fn share(&self, listing: &mut Listing<T>) {
        let mut state = self.lock();
        state.tally.found += listing.batch.len() as u64;
        listing.shared = listing.batch.is_large() && state.half_read < HALF_READ;
        if listing.shared {
            let (node, fd) = (Arc::clone(&listing.node), Arc::clone(&listing.fd));
            node.left.fetch_add(1, Ordering::Relaxed);
            state.half_read += 1;
            state.stack.push(Task::Read(Listing { node, fd, batch: Batch::default(), step: None, shared: false }));
            drop(state);
            self.more.notify_one();
        }
    }

    /// Does what is to be done to some names. The listing, if the directory is to be read on here.
    fn go(&self, mut listing: Listing<T>, until: Instant, tools: &mut Tools) -> Option<Listing<T>> {
        let mut done = 0;
        while let Some((name, kind)) = listing.batch.next() {
            if self.stop.load(Ordering::Relaxed) || Instant::now() >= until {
                self.count(done);
                self.push(Task::Go(listing));
                return None;
            }
            let found = match listing.step.take() {
                None => self.tree.entry(&listing.node, &self.shelf, (name, kind), tools),
                Some(step) => {
                    let more = self.tree.step(&listing.node, name, step, tools);
                    more.map(|more| more.map_or(Found::Done, Found::More))
                }
            };
            match found {
                Ok(Found::Done) => done += 1,
                Ok(Found::Below { follow }) => {
                    let node = Arc::new(Node::below(&listing.node, name, follow));
                    listing.node.left.fetch_add(1, Ordering::Relaxed);
                    self.push(Task::Enter(node));
                }
                Ok(Found::More(step)) => {
                    listing.step = Some(step);
                    continue;
                }
                Err(failure) if lacks_fd(&failure) => {
                    self.count(done);
                    self.postpone(failure, Task::Go(listing));
                    return None;
                }
                Err(failure) => self.fail(&listing.node, failure),
            }
            listing.batch.take();
        }
        self.count(done);
        if listing.shared {
            self.close(listing.node);
            return None;
        }
        Some(listing)
    }

    /// Too many files are open: this is done again later.
    fn postpone(&self, failure: Failure, task: Task<T>) {
        let mut state = self.lock();
        state.stack.push(task);
        state.ended.get_or_insert(failure);
        drop(state);
        self.stop.store(true, Ordering::Relaxed);
        self.more.notify_all();
    }

    fn count(&self, done: u64) {
        if done > 0 {
            self.lock().tally.files += done;
        }
    }

    /// One of the things that were to be done in a directory is; if it was the last, so is the directory.
    fn close(&self, node: Arc<Node<T::Extra>>) {
        if node.left.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.push(Task::Leave(node));
        }
    }

    fn leave(&self, node: Arc<Node<T::Extra>>) {
        let whole = !node.broken.load(Ordering::Relaxed);
        match self.tree.leave(&node, &self.shelf, whole) {
            Ok(Left::Done) => {
                self.lock().tally.directories += 1;
                self.ended_in(&node, false);
            }
            Ok(Left::Stays) => self.ended_in(&node, true),
            Ok(Left::Again) => {
                node.left.store(1, Ordering::Release);
                self.push(Task::Enter(node));
            }
            Err(failure) if lacks_fd(&failure) => self.postpone(failure, Task::Leave(node)),
            Err(failure) => {
                self.fail(&node, failure);
                self.ended_in(&node, true);
            }
        }
    }

    /// A directory is done; the one it is in may be by that.
    fn ended_in(&self, node: &Arc<Node<T::Extra>>, broken: bool) {
        if let Some(above) = node.above() {
            if broken {
                above.broken.store(true, Ordering::Relaxed);
            }
            self.close(Arc::clone(above));
        }
    }

    fn fail(&self, node: &Arc<Node<T::Extra>>, failure: Failure) {
        node.broken.store(true, Ordering::Relaxed);
        let mut state = self.lock();
        if self.collect {
            state.troubles.push(failure);
        } else {
            state.ended.get_or_insert(failure);
            drop(state);
            self.stop.store(true, Ordering::Relaxed);
            self.more.notify_all();
        }
    }
}

fn lacks_fd(failure: &Failure) -> bool {
    matches!(failure.error.raw_os_error(), Some(libc::EMFILE | libc::ENFILE))
}
