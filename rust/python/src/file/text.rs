//! Reading text.

use pyo3::prelude::*;
use rapfiles_core::engine::metrics::Meter;
use rapfiles_core::file::Want;
use rapfiles_core::{Stop, Way, engine};

use super::build::Build;
use super::handle::Open;
use super::state::{Made, Search};
use super::turn::{Outcome, Trouble, Work};

pub static READ_TEXT: Meter = Meter::new("read_text");

/// Text on its way to become a string, in as many goes as it takes. It stays unread until it is consumed.
pub struct Reading {
    search: Search,
    build: Option<Build>,
}

impl Reading {
    pub fn new(want: Want) -> Self {
        Self { search: Search::new(want), build: None }
    }

    /// More, behind what was found; that had so many characters.
    pub fn go_on(&mut self, want: Want, characters: usize) {
        self.search = self.search.after(want, characters);
    }

    /// The string.
    pub fn attempt(&mut self, py: Python<'_>, open: &mut Open, way: Way) -> Outcome {
        let Open { file, text } = open;
        let Some(text) = text else { return Err(Trouble::NotNow) };
        if self.build.is_none() {
            text.find(py, file, way, &mut self.search)?;
            match text.take(py, file, &self.search)? {
                Made::String(string) => return Ok(string),
                Made::Later(build) => self.build = Some(build),
            }
        }
        let built = self.build.as_mut().map(|build| build.poll(py)).transpose()?.flatten();
        let string = built.ok_or(Trouble::NotNow)?;
        self.build = None;
        Ok(string)
    }

    /// Makes ready, on a worker.
    pub fn prepare(&mut self, open: &mut Open) -> Result<(), Stop> {
        let Open { file, text } = open;
        match (&mut self.build, text) {
            (Some(build), _) => build.work(file),
            (None, Some(text)) => text.prepare(file, &mut self.search)?,
            (None, None) => {}
        }
        Ok(())
    }

    /// Gives what was found to the reader.
    pub fn consume(&self, open: &mut Open) {
        let Open { file, text } = open;
        if let Some(text) = text {
            text.consume(file, &self.search);
        }
        if let Some(memory) = file.shed() {
            engine::spawn(false, move || drop(memory));
        }
    }
}

/// `read(n)` of a text file, in characters. `size` None: all of it.
pub struct ReadText {
    reading: Reading,
    characters: usize,
}

impl ReadText {
    pub fn new(size: Option<usize>) -> Self {
        Self { reading: Reading::new(size.map_or(Want::All, Want::Characters)), characters: 0 }
    }
}

impl Work for ReadText {
    fn meter(&self) -> &'static Meter {
        &READ_TEXT
    }

    fn attempt(&mut self, py: Python<'_>, open: &mut Open, way: Way) -> Outcome {
        let string = self.reading.attempt(py, open, way)?;
        self.reading.consume(open);
        self.characters = string.bind(py).len()?;
        Ok(string)
    }

    fn prepare(&mut self, open: &mut Open) -> Result<(), Stop> {
        self.reading.prepare(open)
    }

    fn bytes(&self) -> usize {
        self.characters
    }
}

/// `peek(n)` of a text file: characters that are decoded or that one step more decodes, without reading them.
pub struct PeekText {
    size: Option<usize>,
    reading: Reading,
}

impl PeekText {
    pub fn new(size: Option<usize>) -> Self {
        Self { size, reading: Reading::new(Want::Characters(1)) }
    }
}

impl Work for PeekText {
    fn meter(&self) -> &'static Meter {
        &READ_TEXT
    }

    fn attempt(&mut self, py: Python<'_>, open: &mut Open, way: Way) -> Outcome {
        self.reading.attempt(py, open, way)?;
        let Some(text) = &open.text else { return Err(Trouble::NotNow) };
        Ok(text.peek(py, &open.file, self.size.unwrap_or(usize::MAX))?)
    }

    fn prepare(&mut self, open: &mut Open) -> Result<(), Stop> {
        self.reading.prepare(open)
    }
}
