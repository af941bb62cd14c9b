//! The directories of a tree that are known by now.

use std::collections::VecDeque;
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

use rustix::fs::{Mode, OFlags, fstat, openat};
use rustix::io::Errno;

use crate::engine::limits;
use crate::fs::spot::Identity;
use crate::fs::{Fd, join, retry};

/// A directory of a tree, or of two: the one that is gone through, and the one beside it that is made. It knows the way to it, and is
/// opened again when that is needed.
pub(crate) struct Node<X> {
    above: Option<Arc<Node<X>>>,
    name: Vec<u8>,
    /// Whether its name may be that of a link.
    follow: bool,
    sides: [Side; 2],
    /// What is still to be done in it: listings, and directories in it.
    pub(super) left: AtomicUsize,
    /// Whether something in it couldn't be done.
    pub(super) broken: AtomicBool,
    /// What else there is to know.
    pub(crate) extra: X,
}

#[derive(Default)]
struct Side {
    fd: Mutex<Option<Arc<Fd>>>,
    identity: OnceLock<Identity>,
}

impl Side {
    fn lock(&self) -> MutexGuard<'_, Option<Arc<Fd>>> {
        self.fd.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fd(&self) -> Option<Arc<Fd>> {
        self.lock().clone()
    }
}

impl<X: Default> Node<X> {
    /// The root, which stays open.
    pub(crate) fn root() -> Self {
        Self::new(None, Vec::new(), false)
    }

    /// A directory in another one.
    pub(crate) fn below(above: &Arc<Self>, name: &[u8], follow: bool) -> Self {
        Self::new(Some(Arc::clone(above)), name.to_vec(), follow)
    }

    fn new(above: Option<Arc<Self>>, name: Vec<u8>, follow: bool) -> Self {
        let (left, broken) = (AtomicUsize::new(1), AtomicBool::new(false));
        Self { above, name, follow, sides: <[Side; 2]>::default(), left, broken, extra: X::default() }
    }
}

impl<X> Node<X> {
    pub(crate) fn above(&self) -> Option<&Arc<Self>> {
        self.above.as_ref()
    }

    pub(crate) fn name(&self) -> &[u8] {
        &self.name
    }

    /// Gives the root its descriptor.
    pub(crate) fn set_root(&self, side: usize, fd: Arc<Fd>) -> Result<(), Errno> {
        let _first = self.sides[side].identity.set(Identity::from(&retry(|| fstat(&*fd))?));
        *self.sides[side].lock() = Some(fd);
        Ok(())
    }

    /// Its path, from what the root is called.
    pub(crate) fn path(&self, root: &[u8]) -> Vec<u8> {
        let mut names = Vec::new();
        let mut here = self;
        while let Some(above) = &here.above {
            names.push(&here.name);
            here = above;
        }
        let mut path = root.to_vec();
        names.iter().rev().for_each(|name| path = join(&path, name));
        path
    }

    /// Whether it is the same directory as one of those it is in.
    pub(crate) fn is_in_itself(&self, side: usize) -> bool {
        let identity = self.sides[side].identity.get();
        let mut above = std::iter::successors(self.above.as_deref(), |here| here.above.as_deref());
        identity.is_some() && above.any(|here| here.sides[side].identity.get() == identity)
    }

    /// Its descriptor. If it has been closed it is opened again, from the nearest directory above that is open.
    ///
    /// # Errors
    /// `ENOENT` if another directory has its name by now.
    pub(crate) fn fd(self: &Arc<Self>, side: usize, fds: &Shelf<X>) -> Result<Arc<Fd>, Errno> {
        if let Some(fd) = self.sides[side].fd() {
            return Ok(fd);
        }
        let mut way = vec![self];
        let mut fd = loop {
            let above = way[way.len() - 1].above.as_ref().ok_or(Errno::NOENT)?;
            match above.sides[side].fd() {
                Some(fd) => break fd,
                None => way.push(above),
            }
        };
        while let Some(node) = way.pop() {
            fd = node.open(side, &fd)?;
            fds.keep(node, side);
        }
        Ok(fd)
    }

    fn open(&self, side: usize, above: &Fd) -> Result<Arc<Fd>, Errno> {
        let mut flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        flags.set(OFlags::NOFOLLOW, !(self.follow && side == 0));
        let fd = Fd::from(retry(|| openat(above.as_fd(), &self.name[..], flags, Mode::empty()))?);
        let identity = Identity::from(&retry(|| fstat(&fd))?);
        let side = &self.sides[side];
        if *side.identity.get_or_init(|| identity) != identity {
            return Err(Errno::NOENT);
        }
        let fd = Arc::new(fd);
        *side.lock() = Some(Arc::clone(&fd));
        Ok(fd)
    }
}

impl<X> Drop for Node<X> {
    fn drop(&mut self) {
        // One after the other: the stack of a thread is not for trees.
        let mut above = self.above.take();
        while let Some(mut node) = above.and_then(Arc::into_inner) {
            above = node.above.take();
        }
    }
}

/// Which directories are open: the latest so many.
pub(crate) struct Shelf<X> {
    room: usize,
    open: Mutex<VecDeque<(Weak<Node<X>>, usize)>>,
}

impl<X> Default for Shelf<X> {
    fn default() -> Self {
        Self { room: (limits().fds / 8).clamp(8, 128), open: Mutex::default() }
    }
}

impl<X> Shelf<X> {
    fn keep(&self, node: &Arc<Node<X>>, side: usize) {
        let mut closing = Vec::new();
        let mut open = self.lock();
        open.push_back((Arc::downgrade(node), side));
        while open.len() > self.room {
            closing.extend(open.pop_front());
        }
        drop(open);
        Self::close(closing);
    }

    /// Closes all that nobody works with.
    pub(super) fn clear(&self) {
        let all = std::mem::take(&mut *self.lock());
        Self::close(all);
    }

    fn close(some: impl IntoIterator<Item = (Weak<Node<X>>, usize)>) {
        for (node, side) in some {
            if let Some(node) = node.upgrade() {
                let closed = node.sides[side].lock().take();
                drop(closed);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<(Weak<Node<X>>, usize)>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
