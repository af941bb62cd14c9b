//! Where a file stands, how long it is, and its end.

use pyo3::prelude::*;
use rapfiles_core::engine::metrics::Meter;
use rapfiles_core::file::{File, From};
use rapfiles_core::{Stop, Way};

use super::cookie::Cookie;
use super::handle::Open;
use super::state::TextState;
use super::turn::{Outcome, Trouble, Work};

pub static SEEK: Meter = Meter::new("seek");
pub static TELL: Meter = Meter::new("tell");
pub static TRUNCATE: Meter = Meter::new("truncate");
pub static CLOSE: Meter = Meter::new("close");
pub static ASK: Meter = Meter::new("ask");

/// `seek(offset, whence)` of a binary file.
pub struct Seek {
    to: From,
    position: u64,
}

impl Seek {
    pub fn new(to: From) -> Self {
        Self { to, position: 0 }
    }
}

impl Work for Seek {
    fn meter(&self) -> &'static Meter {
        &SEEK
    }

    fn attempt(&mut self, py: Python<'_>, open: &mut Open, way: Way) -> Outcome {
        if way == Way::Now {
            self.position = open.file.seek(way, self.to)?;
        }
        Ok(self.position.into_pyobject(py).map_err(PyErr::from)?.into_any().unbind())
    }

    fn prepare(&mut self, open: &mut Open) -> Result<(), Stop> {
        self.position = open.file.seek(Way::Soon, self.to)?;
        Ok(())
    }

    fn effect(&self) -> bool {
        true
    }
}

/// Where a text file can be sent.
#[derive(Clone, Copy)]
enum Destination {
    /// Where `tell` said it was.
    Cookie(Cookie),
    /// Where it is: what is buffered is dropped.
    Here,
    End,
}

/// `seek(cookie, whence)` of a text file.
pub struct SeekText {
    to: Destination,
    /// What it returns, as it was given.
    given: Option<Py<PyAny>>,
    /// Where the file was moved; the decoder follows.
    moved: Option<u64>,
}

impl SeekText {
    /// To a number that `tell` gave, or to any offset.
    pub fn to(cookie: &Bound<'_, PyAny>) -> PyResult<Self> {
        let to = Destination::Cookie(Cookie::unpack(cookie)?);
        Ok(Self { to, given: Some(cookie.clone().unbind()), moved: None })
    }

    pub fn here() -> Self {
        Self { to: Destination::Here, given: None, moved: None }
    }

    pub fn end() -> Self {
        Self { to: Destination::End, given: None, moved: None }
    }

    fn go(&mut self, file: &mut File, way: Way) -> Result<(), Stop> {
        let (to, feed) = match self.to {
            Destination::Cookie(to) => {
                (u64::try_from(to.start).map_or(From::Kernel(0, to.start), From::Start), to.feed)
            }
            Destination::Here => (From::Current(0), 0),
            Destination::End => (From::End(0), 0),
        };
        self.moved = Some(file.seek(way, to)?);
        file.ensure(way, usize::try_from(feed).unwrap_or(0))
    }

    /// The decoder follows the file; the answer.
    fn follow<'py>(&mut self, py: Python<'py>, open: &mut Open) -> PyResult<Bound<'py, PyAny>> {
        let Open { file, text } = open;
        let (Some(end), Some(text)) = (self.moved.take(), text) else { return Ok(py.None().into_bound(py)) };
        match self.to {
            Destination::Cookie(to) => {
                text.go(py, file, to)?;
                self.given.take().map_or_else(|| to.pack(py), |given| Ok(given.into_bound(py)))
            }
            Destination::Here | Destination::End => {
                text.go_to_end(py, end)?;
                Ok(end.into_pyobject(py)?.into_any())
            }
        }
    }
}

impl Work for SeekText {
    fn meter(&self) -> &'static Meter {
        &SEEK
    }

    fn attempt(&mut self, py: Python<'_>, open: &mut Open, way: Way) -> Outcome {
        if let (Destination::Here, Some(text)) = (self.to, &open.text) {
            self.to = Destination::Cookie(text.tell(py, &open.file)?);
        }
        if way == Way::Now {
            self.go(&mut open.file, way)?;
        }
        Ok(self.follow(py, open)?.unbind())
    }

    fn prepare(&mut self, open: &mut Open) -> Result<(), Stop> {
        self.go(&mut open.file, Way::Soon)
    }

    /// A file that was moved has been sought in.
    fn give_up(&mut self, py: Python<'_>, open: &mut Open) {
        let _nobody_asks = self.follow(py, open);
    }

    fn effect(&self) -> bool {
        true
    }
}

/// `tell()`. Text writes what is pending first, as the standard library does.
pub struct Tell;

impl Work for Tell {
    fn meter(&self) -> &'static Meter {
        &TELL
    }

    fn attempt(&mut self, py: Python<'_>, open: &mut Open, way: Way) -> Outcome {
        let Some(text) = &open.text else {
            if open.file.strayed() {
                open.file.flush(way)?;
            }
            let position = open.file.tell()?;
            return Ok(position.into_pyobject(py).map_err(PyErr::from)?.into_any().unbind());
        };
        open.file.flush(way)?;
        Ok(text.tell(py, &open.file)?.pack(py)?.unbind())
    }

    fn prepare(&mut self, open: &mut Open) -> Result<(), Stop> {
        open.file.flush(Way::Soon)
    }
}

/// `truncate(size)`; without a size, where the file stands.
pub struct Truncate {
    pub size: Option<u64>,
}

impl Work for Truncate {
    fn meter(&self) -> &'static Meter {
        &TRUNCATE
    }

    fn attempt(&mut self, py: Python<'_>, _open: &mut Open, way: Way) -> Outcome {
        if way == Way::Now {
            return Err(Trouble::NotNow);
        }
        Ok(self.size.into_pyobject(py).map_err(PyErr::from)?.into_any().unbind())
    }

    fn prepare(&mut self, open: &mut Open) -> Result<(), Stop> {
        // The decoder of a text file stands ahead of its reader: that is where it is cut, and what the decoder has
        // taken can still be read.
        let taken = open.text.as_ref().map_or(0, TextState::taken);
        // What is pending may land elsewhere than where the file stands: at the end, when appending.
        open.file.flush(Way::Soon)?;
        let size = match self.size {
            Some(size) => size,
            None => open.file.tell()? + taken as u64,
        };
        self.size = Some(size);
        open.file.truncate(size, taken)
    }

    fn effect(&self) -> bool {
        true
    }
}

/// `close()`. The file is closed also when its last write fails.
pub struct Close;

impl Work for Close {
    fn meter(&self) -> &'static Meter {
        &CLOSE
    }

    fn attempt(&mut self, py: Python<'_>, open: &mut Open, way: Way) -> Outcome {
        open.file.close(way)?;
        open.file.free();
        Ok(py.None())
    }

    fn prepare(&mut self, open: &mut Open) -> Result<(), Stop> {
        open.file.close(Way::Soon)
    }

    fn effect(&self) -> bool {
        true
    }
}

/// A question about the file that needs no disk: `isatty`, `seekable`.
pub struct Ask(pub fn(&Open) -> bool);

impl Work for Ask {
    fn meter(&self) -> &'static Meter {
        &ASK
    }

    fn attempt(&mut self, py: Python<'_>, open: &mut Open, _way: Way) -> Outcome {
        Ok((self.0)(open).into_pyobject(py).map_err(PyErr::from)?.to_owned().into_any().unbind())
    }

    fn prepare(&mut self, _open: &mut Open) -> Result<(), Stop> {
        Ok(())
    }
}
