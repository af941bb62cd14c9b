//! A stream of what blocking Python code finds, list by list.

use std::sync::{Arc, Mutex};
use std::time::Duration;
use std::vec;

use pyo3::prelude::*;
use pyo3::types::PyCFunction;
use rapfiles_core::engine::channel::Waiter;
use rapfiles_core::engine::metrics::Meter;

use super::stream::{Feed, Ready, Signal, Stream};

/// Items that come in lists, the next of which is asked for when there is none left.
struct Pulled {
    meter: &'static Meter,
    /// Returns a `concurrent.futures.Future` of the next list, which is empty at the end. None after it.
    more: Option<Py<PyAny>>,
    future: Option<Py<PyAny>>,
    items: vec::IntoIter<Py<PyAny>>,
}

impl Feed for Pulled {
    fn meter(&self) -> &'static Meter {
        self.meter
    }

    fn ready(&mut self, py: Python<'_>) -> PyResult<Ready> {
        loop {
            if let Some(item) = self.items.next() {
                return Ok(Ready::Item(item));
            }
            let Some(more) = &self.more else { return Ok(Ready::End) };
            let future = match self.future.take() {
                Some(future) => future,
                None => more.call0(py)?,
            };
            if !future.call_method0(py, "done")?.is_truthy(py)? {
                self.future = Some(future);
                return Ok(Ready::Nothing);
            }
            let list: Vec<Py<PyAny>> = future.call_method0(py, "result")?.extract(py)?;
            if list.is_empty() {
                self.more = None;
            }
            self.items = list.into_iter();
        }
    }

    fn signal(&self) -> Option<Arc<dyn Signal>> {
        let future = Python::attach(|py| self.future.as_ref().map(|future| future.clone_ref(py)))?;
        Some(Arc::new(Done(future)))
    }

    fn close(&mut self, py: Python<'_>) {
        (self.more, self.items) = (None, Vec::new().into_iter());
        if let Some(future) = self.future.take()
            && let Err(error) = future.call_method0(py, "cancel")
        {
            error.write_unraisable(py, None);
        }
    }

    fn reports(&mut self, _py: Python<'_>) -> (Vec<PyErr>, usize) {
        (Vec::new(), 0)
    }
}

/// Tells when a future is done.
struct Done(Py<PyAny>);

impl Signal for Done {
    fn when_ready(&self, waiter: Waiter) {
        let waiter = Mutex::new(Some(waiter));
        let added = Python::attach(|py| {
            let tell = PyCFunction::new_closure(py, None, None, move |_, _| {
                if let Some(waiter) = waiter.lock().ok().and_then(|mut waiter| waiter.take()) {
                    waiter();
                }
            })?;
            self.0.call_method1(py, "add_done_callback", (tell,))
        });
        if let Err(error) = added {
            Python::attach(|py| error.write_unraisable(py, None));
        }
    }

    fn wait(&self, at_most: Duration) {
        Python::attach(|py| {
            // What it comes to is asked for afterwards.
            let _outcome = self.0.call_method1(py, "exception", (at_most.as_secs_f64(),));
        });
    }
}

/// A stream of the items in lists: `more()` returns a `concurrent.futures.Future` of the next one.
pub fn pulled(py: Python<'_>, meter: &'static Meter, more: Py<PyAny>) -> PyResult<Py<Stream>> {
    Stream::of(py, meter.name, Pulled { meter, more: Some(more), future: None, items: Vec::new().into_iter() })
}
