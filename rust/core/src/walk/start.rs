//! Setting threads to work.

use std::sync::Arc;

use super::batch::Entries;
use super::outlet::Outlet;
use crate::engine;
use crate::engine::channel::Producer;
use crate::find::{Finder, InOrder, Sink, Sorted};
use crate::fs::Failure;

/// Sets threads to work, which stop when they are done, or when nobody wants more. `strict`: an error of a single entry
/// ends everything.
pub fn start(finder: &Arc<Finder>, threads: usize, strict: bool, producer: Producer<Entries, Failure>) {
    let options = finder.options();
    let threads = if options.in_order { 1 } else { threads.max(1) };
    let outlets: Vec<_> = (0..threads).map(|_| Outlet::new(producer.clone(), options.metadata, strict)).collect();
    drop(producer);
    match options.sort {
        Some(order) => Sorted::new(outlets, order).into_iter().for_each(|sink| produce(finder, sink)),
        None if options.in_order => outlets.into_iter().for_each(|sink| produce(finder, InOrder::new(sink))),
        None => outlets.into_iter().for_each(|sink| produce(finder, sink)),
    }
}

fn produce(finder: &Arc<Finder>, mut sink: impl Sink + Send + 'static) {
    let finder = Arc::clone(finder);
    engine::produce(move || finder.work(&mut sink));
}
