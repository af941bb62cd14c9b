//! Looking through a tree, with several threads.

use std::collections::HashSet;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::fs::fstat;

use super::level::{Level, Open, open};
use super::matching::{Look, Match, name_of};
use super::options::Options;
use super::structure::Structure;
use crate::engine;
use crate::engine::channel::{Batcher, Closed, Producer};
use crate::find::pending::Pending;
use crate::fs::spot::{Identity, identity};
use crate::fs::{Failure, join, retry};

/// A directory to be looked at.
#[derive(Debug)]
struct Place {
    path: Vec<u8>,
    name: Vec<u8>,
    depth: usize,
    above: Option<Arc<Above>>,
}

/// A directory on the way there, if links are followed.
#[derive(Debug)]
struct Above {
    identity: Identity,
    above: Option<Arc<Above>>,
}

/// How far a scan is.
#[derive(Debug, Default)]
pub struct Counts {
    looked_at: AtomicU64,
    known: AtomicU64,
}

impl Counts {
    /// Directories that were looked at, and all that are known by now.
    pub fn get(&self) -> (u64, u64) {
        let looked_at = self.looked_at.load(Ordering::Acquire);
        (looked_at, self.known.load(Ordering::Acquire))
    }
}

/// Who wants to know how far a scan is looks up so often.
const NUDGE: Duration = Duration::from_millis(50);

struct Scan {
    structures: Vec<Structure>,
    options: Options,
    except: Option<Identity>,
    pending: Pending<Place>,
    /// What can't be read is met by the scan and by structures that look into it: it is said once.
    said: Mutex<HashSet<Vec<u8>>>,
    counts: Option<Arc<Counts>>,
}

/// Looks through a tree on threads of the engine, and sends each directory that matches, once for each structure. With `counts`
/// the consumer is nudged now and then.
pub fn start(
    root: Vec<u8>,
    structures: Vec<Structure>,
    options: Options,
    counts: Option<Arc<Counts>>,
    producer: Producer<Vec<Match>, Failure>,
) {
    engine::produce(move || {
        let name = match open(&root, true, &|| !producer.is_closed()).and_then(|_| name_of(&root)) {
            Ok(name) => name,
            Err(failure) => return producer.fail(failure),
        };
        let threads = options.threads.max(1);
        let root = Place { path: root, name, depth: 0, above: None };
        let except = options.except.as_deref().and_then(identity);
        count(counts.as_deref(), |counts| &counts.known, 1);
        let (pending, said) = (Pending::new(vec![root]), Mutex::default());
        let scan = Arc::new(Scan { structures, options, except, pending, said, counts });
        for _ in 1..threads {
            let (scan, producer) = (Arc::clone(&scan), producer.clone());
            engine::produce(move || scan.work(producer));
        }
        scan.work(producer);
    });
}

fn count(counts: Option<&Counts>, which: fn(&Counts) -> &AtomicU64, more: usize) {
    if let Some(counts) = counts {
        which(counts).fetch_add(more as u64, Ordering::Release);
    }
}

impl Scan {
    fn work(&self, producer: Producer<Vec<Match>, Failure>) {
        let mut batcher = Batcher::new(producer);
        let worked = catch_unwind(AssertUnwindSafe(|| self.run(&mut batcher)));
        if !matches!(worked, Ok(Ok(()))) {
            self.pending.stop();
        }
        if worked.is_err() {
            batcher.producer().fail(Failure::of_nobody(io::Error::other("internal error")));
        }
    }

    fn run(&self, batcher: &mut Batcher<Vec<Match>, Failure>) -> Result<(), Closed> {
        let (mut found, mut nudged) = (Vec::new(), Instant::now());
        loop {
            let mut flushed = Ok(());
            let Some(place) = self.pending.take(|| flushed = batcher.flush()) else { return batcher.flush() };
            flushed?;
            if batcher.producer().is_closed() {
                return Err(Closed);
            }
            self.look(&place, batcher, &mut found)?;
            batcher.breathe()?;
            count(self.counts.as_deref(), |counts| &counts.known, found.len());
            count(self.counts.as_deref(), |counts| &counts.looked_at, 1);
            if self.counts.is_some() && nudged.elapsed() > NUDGE {
                batcher.producer().nudge();
                nudged = Instant::now();
            }
            self.pending.give(&mut found, true);
        }
    }

    fn look(
        &self,
        place: &Place,
        batcher: &mut Batcher<Vec<Match>, Failure>,
        found: &mut Vec<Place>,
    ) -> Result<(), Closed> {
        let producer = batcher.producer().clone();
        let report = |failure| self.report(&producer, failure);
        let wanted = || !producer.is_closed();
        let follow = self.options.follow_symlinks;
        let look = Look { follow, wanted: &wanted, report: &report };
        let level = open(&place.path, follow || place.depth == 0, &wanted).and_then(|open| {
            let Some(above) = self.enter(&open, place)? else { return Ok(None) };
            Level::read(&open, &place.path, follow).map(|level| Some((level, above)))
        });
        let (level, above) = match level {
            Ok(Some(read)) => read,
            Ok(None) => return Ok(()),
            Err(failure) => {
                report(failure);
                return if wanted() { Ok(()) } else { Err(Closed) };
            }
        };
        for (number, structure) in self.structures.iter().enumerate() {
            if structure.is_named(&place.name)
                && let Some(found) = look.fit(structure, number, &place.path, &level)
            {
                batcher.push(|batch| batch.push(found))?;
            }
        }
        if !wanted() {
            return Err(Closed);
        }
        if place.depth < self.options.max_depth {
            let shown = level.directories.into_iter().filter(|name| self.options.hidden || !name.starts_with(b"."));
            found.extend(shown.map(|name| Place {
                path: join(&place.path, &name),
                name,
                depth: place.depth + 1,
                above: above.clone(),
            }));
        }
        Ok(())
    }

    /// Notes where it is, if that matters; None where there is nothing to be looked at.
    #[allow(clippy::option_option)] // nothing to be noted is one thing, nothing to be looked at another
    fn enter(&self, open: &Open, place: &Place) -> Result<Option<Option<Arc<Above>>>, Failure> {
        let Some(fd) = open.fd() else { return Ok(None) };
        if !self.options.follow_symlinks && self.except.is_none() {
            return Ok(Some(None));
        }
        let status = retry(|| fstat(fd)).map_err(|errno| Failure::on(&place.path, errno))?;
        let identity = Identity::from(&status);
        if self.except == Some(identity) && place.depth > 0 {
            return Ok(None);
        }
        if !self.options.follow_symlinks {
            return Ok(Some(None));
        }
        let mut way = std::iter::successors(place.above.as_deref(), |here| here.above.as_deref());
        if way.any(|here| here.identity == identity) {
            return Err(Failure::on(&place.path, io::Error::from_raw_os_error(libc::ELOOP)));
        }
        Ok(Some(Some(Arc::new(Above { identity, above: place.above.clone() }))))
    }

    fn report(&self, producer: &Producer<Vec<Match>, Failure>, failure: Failure) {
        if let crate::fs::Blame::Path(path) = &failure.on
            && !self.said.lock().unwrap_or_else(PoisonError::into_inner).insert(path.clone())
        {
            return;
        }
        if self.options.strict { producer.fail(failure) } else { producer.report(failure) }
    }
}
