//! Streams: batches of items on their way from producers to one consumer.
//!
//! Producers run on threads of the engine and wait while the consumer has enough; the consumer takes batch after
//! batch, from an event loop ([`Consumer::when_ready`]) or by waiting itself ([`Consumer::wait`]). When it goes away, every
//! producer's next [`Producer::send`] says so, and the producer stops.

use std::collections::VecDeque;
use std::mem;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::fork;

/// Items that wait for a slow consumer at most. One batch more may be on its way from each producer.
const ROOM: usize = 16 * 1024;
/// Errors of single entries that are kept; the rest is counted.
const REPORTS: usize = 10_000;
/// The most items that travel together.
const BATCH: usize = 1024;
/// Items are not kept from the consumer for longer than this while others are looked for.
const LINGER: Duration = Duration::from_millis(2);

/// Items that travel together.
pub trait Batch: Default + Send {
    /// How many there are.
    fn len(&self) -> usize;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How much of a channel's room they take: their number, or more if they are big.
    fn weight(&self) -> usize {
        self.len()
    }
}

impl<T: Send> Batch for Vec<T> {
    fn len(&self) -> usize {
        Vec::len(self)
    }
}

/// What a producer is told when nobody wants more: it should stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed;

/// What the consumer finds.
#[derive(Debug)]
pub enum Found<B, E> {
    /// Some items.
    Batch(B),
    /// Producers are at work.
    Nothing,
    /// All producers are done, and everything was taken. With an error, if one of them failed.
    End(Option<E>),
    /// A producer has panicked.
    Broken,
}

/// Called once, from any thread, when there is something to be found.
pub type Waiter = Box<dyn FnOnce() + Send>;

struct State<B, E> {
    batches: VecDeque<B>,
    /// The weight of all of them.
    items: usize,
    reports: Vec<E>,
    unreported: usize,
    failure: Option<E>,
    producers: usize,
    broken: bool,
    closed: bool,
    waiter: Option<Waiter>,
}

struct Shared<B, E> {
    state: Mutex<State<B, E>>,
    /// There is room again, or nobody wants more.
    room: Condvar,
    /// There is something to be found.
    ready: Condvar,
    generation: u64,
}

impl<B, E> Shared<B, E> {
    fn lock(&self) -> MutexGuard<'_, State<B, E>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells the consumer that there is something to be found.
    fn wake(&self, mut state: MutexGuard<'_, State<B, E>>) {
        let waiter = state.waiter.take();
        drop(state);
        self.ready.notify_all();
        if let Some(waiter) = waiter {
            waiter();
        }
    }
}

/// The end that items are put into. Each clone counts: the stream ends when all are gone.
pub struct Producer<B, E>(Arc<Shared<B, E>>);

/// The end that items are taken from.
pub struct Consumer<B: Batch, E: Send>(Arc<Shared<B, E>>);

/// A stream with one producer, which may be cloned, and its consumer.
pub fn channel<B: Batch, E: Send>() -> (Producer<B, E>, Consumer<B, E>) {
    let state = State {
        batches: VecDeque::new(),
        items: 0,
        reports: Vec::new(),
        unreported: 0,
        failure: None,
        producers: 1,
        broken: false,
        closed: false,
        waiter: None,
    };
    let shared = Arc::new(Shared {
        state: Mutex::new(state),
        room: Condvar::new(),
        ready: Condvar::new(),
        generation: fork::generation(),
    });
    (Producer(Arc::clone(&shared)), Consumer(shared))
}

impl<B: Batch, E: Send> Producer<B, E> {
    /// Hands items over, and waits while the consumer has enough.
    pub fn send(&self, batch: B) -> Result<(), Closed> {
        let mut state = self.0.lock();
        while state.items >= ROOM && !state.closed {
            state = self.0.room.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.closed {
            return Err(Closed);
        }
        if batch.is_empty() {
            return Ok(());
        }
        state.items += batch.weight();
        state.batches.push_back(batch);
        self.0.wake(state);
        Ok(())
    }

    /// Whether nobody wants more.
    pub fn is_closed(&self) -> bool {
        self.0.lock().closed
    }

    /// Lets a consumer that waits look up, though there is nothing to be found: it may want to tell how far everything is.
    pub fn nudge(&self) {
        self.0.wake(self.0.lock());
    }

    /// Notes an error of one entry; the stream goes on.
    pub fn report(&self, error: E) {
        let mut state = self.0.lock();
        if state.reports.len() < REPORTS {
            state.reports.push(error);
        } else {
            state.unreported += 1;
        }
    }

    /// Ends the stream with an error, behind what was sent. The first one counts; every producer is told to stop.
    pub fn fail(&self, error: E) {
        let mut state = self.0.lock();
        state.failure.get_or_insert(error);
        state.closed = true;
        self.0.room.notify_all();
        self.0.wake(state);
    }
}

impl<B, E> Clone for Producer<B, E> {
    fn clone(&self) -> Self {
        self.0.lock().producers += 1;
        Self(Arc::clone(&self.0))
    }
}

impl<B, E> Drop for Producer<B, E> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.producers -= 1;
        if std::thread::panicking() {
            state.broken = true;
            state.closed = true;
            self.0.room.notify_all();
        }
        if state.producers == 0 || state.broken {
            self.0.wake(state);
        }
    }
}

impl<B: Batch, E: Send> Consumer<B, E> {
    /// What there is, without waiting.
    pub fn take(&self) -> Found<B, E> {
        let mut state = self.0.lock();
        if let Some(batch) = state.batches.pop_front() {
            let before = state.items;
            state.items -= batch.weight();
            if before >= ROOM && state.items < ROOM {
                self.0.room.notify_all();
            }
            return Found::Batch(batch);
        }
        if state.broken {
            return Found::Broken;
        }
        if state.failure.is_some() || state.producers == 0 || state.closed {
            return Found::End(state.failure.take());
        }
        Found::Nothing
    }

    /// Calls `waiter` as soon as [`Consumer::take`] finds something: at once if it would already. There is one at a time;
    /// another one before it is called too.
    pub fn when_ready(&self, waiter: Waiter) {
        let mut state = self.0.lock();
        let ready = !state.batches.is_empty() || state.producers == 0 || state.closed;
        let before = if ready { Some(waiter) } else { state.waiter.replace(waiter) };
        drop(state);
        if let Some(call) = before {
            call();
        }
    }

    /// Waits until there is something to be found, or for so long.
    pub fn wait(&self, at_most: Duration) {
        let state = self.0.lock();
        let idle = |state: &mut State<B, E>| state.batches.is_empty() && state.producers > 0 && !state.closed;
        drop(self.0.ready.wait_timeout_while(state, at_most, idle).unwrap_or_else(PoisonError::into_inner));
    }

    /// Takes the errors noted so far, and how many more there were than are kept.
    pub fn reports(&self) -> (Vec<E>, usize) {
        let mut state = self.0.lock();
        (mem::take(&mut state.reports), mem::take(&mut state.unreported))
    }

    /// Wants no more: what lies ready is dropped, the producers stop.
    pub fn close(&self) {
        if !self.is_ours() {
            // In a forked child the lock may be held for ever by a thread that isn't there.
            return;
        }
        let mut state = self.0.lock();
        state.closed = true;
        state.items = 0;
        let dropped = mem::take(&mut state.batches);
        self.0.room.notify_all();
        self.0.wake(state);
        drop(dropped);
    }

    /// Whether the producers are of this process. In a forked child they are not, and nothing more will come.
    pub fn is_ours(&self) -> bool {
        self.0.generation == fork::generation()
    }
}

impl<B: Batch, E: Send> Drop for Consumer<B, E> {
    fn drop(&mut self) {
        self.close();
    }
}

/// Gathers a producer's items into batches: the first goes off at once, the next ones grow.
pub struct Batcher<B: Batch, E: Send> {
    producer: Producer<B, E>,
    batch: B,
    goal: usize,
    since: Instant,
}

impl<B: Batch, E: Send> Batcher<B, E> {
    /// For one producer.
    pub fn new(producer: Producer<B, E>) -> Self {
        Self { producer, batch: B::default(), goal: 1, since: Instant::now() }
    }

    /// Adds what `put` puts into the batch, and sends it if it is time.
    pub fn push(&mut self, put: impl FnOnce(&mut B)) -> Result<(), Closed> {
        put(&mut self.batch);
        // Time is asked for now and then only: it costs more than an item.
        let late = || self.batch.len().is_multiple_of(32) && self.since.elapsed() > LINGER;
        if self.batch.len() >= self.goal || late() { self.flush() } else { Ok(()) }
    }

    /// Sends what has lingered: to be called where the next item may be a while in coming.
    pub fn breathe(&mut self) -> Result<(), Closed> {
        if !self.batch.is_empty() && self.since.elapsed() > LINGER { self.flush() } else { Ok(()) }
    }

    /// Sends what there is.
    pub fn flush(&mut self) -> Result<(), Closed> {
        self.goal = (self.goal * 4).min(BATCH);
        let sent = self.producer.send(mem::take(&mut self.batch));
        self.since = Instant::now();
        sent
    }

    /// The producer, for its errors.
    pub fn producer(&self) -> &Producer<B, E> {
        &self.producer
    }
}

impl<B: Batch, E: Send> Drop for Batcher<B, E> {
    fn drop(&mut self) {
        // Nobody may be there any more; then nobody misses it.
        let _closed = self.flush();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;
    use std::thread;

    type Numbers = Vec<u32>;

    fn all(consumer: &Consumer<Numbers, &'static str>) -> (Numbers, Option<&'static str>) {
        let mut found = Vec::new();
        loop {
            match consumer.take() {
                Found::Batch(batch) => found.extend(batch),
                Found::Nothing => consumer.wait(Duration::from_secs(10)),
                Found::End(error) => return (found, error),
                Found::Broken => panic!("a producer panicked"),
            }
        }
    }

    #[test]
    fn everything_arrives_in_order() {
        let (producer, consumer) = channel::<Numbers, &str>();
        let at_work = thread::spawn(move || {
            let mut batcher = Batcher::new(producer);
            for n in 0..100_000 {
                batcher.push(|batch| batch.push(n)).unwrap();
            }
        });
        assert_eq!(all(&consumer), ((0..100_000).collect(), None));
        at_work.join().unwrap();
    }

    #[test]
    fn a_slow_consumer_keeps_the_producer_waiting() {
        let (producer, consumer) = channel::<Numbers, &str>();
        let (told, hear) = mpsc::channel();
        let at_work = thread::spawn(move || {
            for n in 0..100 {
                producer.send(vec![n; 1024]).unwrap();
                told.send(n).unwrap();
            }
        });
        while hear.recv_timeout(Duration::from_millis(200)).is_ok() {}
        assert_eq!(consumer.0.lock().items, ROOM);
        assert_eq!(all(&consumer).0.len(), 100 * 1024);
        at_work.join().unwrap();
    }

    #[test]
    fn who_has_enough_says_so() {
        let (producer, consumer) = channel::<Numbers, &str>();
        let waiting = thread::spawn(move || {
            let mut sent = 0;
            while producer.send(vec![1; 1024]).is_ok() {
                sent += 1;
            }
            (sent, producer.is_closed())
        });
        assert!(matches!(
            {
                consumer.wait(Duration::from_secs(10));
                consumer.take()
            },
            Found::Batch(_)
        ));
        drop(consumer);
        let (sent, closed) = waiting.join().unwrap();
        assert!(closed && sent <= 18, "{sent} batches were made for nobody");
    }

    #[test]
    fn errors_come_with_or_behind_the_items() {
        let (producer, consumer) = channel::<Numbers, &str>();
        let other = producer.clone();
        producer.report("one");
        producer.send(vec![1]).unwrap();
        producer.fail("two");
        assert_eq!(other.send(vec![2]), Err(Closed));
        assert_eq!(consumer.reports(), (vec!["one"], 0));
        assert_eq!(all(&consumer), (vec![1], Some("two")));
    }

    #[test]
    fn a_waiter_is_called_once_there_is_something() {
        let (producer, consumer) = channel::<Numbers, &str>();
        let (told, hear) = mpsc::channel();
        let waiter = |n: u8| {
            let told = told.clone();
            Box::new(move || told.send(n).unwrap())
        };
        consumer.when_ready(waiter(1));
        assert!(hear.try_recv().is_err());
        producer.send(vec![1]).unwrap();
        assert_eq!(hear.recv(), Ok(1));
        consumer.when_ready(waiter(2));
        assert_eq!(hear.recv(), Ok(2));
        assert!(matches!(consumer.take(), Found::Batch(_)));
        consumer.when_ready(waiter(3));
        drop(producer);
        assert_eq!(hear.recv(), Ok(3));
        consumer.when_ready(waiter(4));
        assert_eq!(hear.recv(), Ok(4));
    }

    #[test]
    fn a_waiter_may_be_called_for_nothing() {
        let (producer, consumer) = channel::<Numbers, &str>();
        let (told, hear) = mpsc::channel();
        producer.nudge();
        consumer.when_ready(Box::new(move || told.send(()).unwrap()));
        assert!(hear.try_recv().is_err());
        producer.nudge();
        assert_eq!(hear.recv(), Ok(()));
        assert!(matches!(consumer.take(), Found::Nothing));
    }
}
