//! Strings that are filled before anybody sees them, and the memory of strings that a worker may read.

use pyo3::exceptions::PyMemoryError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyString;
use pyo3::types::string::PyStringData;
use rapfiles_core::file::{Charset, Shape, Target, Width, transcode};

use super::bytes::HUGE;

/// A string under construction. A worker may write to it: nobody else knows it yet.
pub struct NewStr {
    object: Py<PyAny>,
    memory: *mut u8,
    shape: Shape,
}

// SAFETY: the memory belongs to an object that only this value refers to, and is reached through `&mut` alone.
unsafe impl Send for NewStr {}
// SAFETY: as above.
unsafe impl Sync for NewStr {}

impl NewStr {
    /// A string of this shape. The shape must be exact: a string is never wider than its widest character.
    pub fn new(py: Python<'_>, shape: Shape) -> PyResult<Self> {
        let length = ffi::Py_ssize_t::try_from(shape.characters).map_err(|_| PyMemoryError::new_err(()))?;
        let widest = match shape.width {
            Width::Ascii => 0x7F,
            Width::One => 0xFF,
            Width::Two => 0xFFFF,
            Width::Four => 0x10_FFFF,
        };
        // SAFETY: the object is made and left uninitialised; its memory lasts as long as it.
        unsafe {
            let object = Bound::from_owned_ptr_or_err(py, ffi::PyUnicode_New(length, widest))?;
            let memory = ffi::PyUnicode_DATA(object.as_ptr()).cast::<u8>();
            let size = shape.characters * size(shape.width);
            if size >= HUGE {
                rapfiles_core::whole::prefer_huge_pages(memory, size);
            }
            Ok(Self { object: object.unbind(), memory, shape })
        }
    }

    /// Its memory, for so many characters from one of them on.
    fn target(&mut self, from: usize) -> Target<'_> {
        let count = self.shape.characters - from;
        // SAFETY: within an object that is ours alone, and aligned as strings are; written before it is read.
        unsafe {
            let memory = self.memory.add(from * size(self.shape.width));
            match self.shape.width {
                Width::Ascii | Width::One => Target::One(std::slice::from_raw_parts_mut(memory, count)),
                Width::Two => Target::Two(std::slice::from_raw_parts_mut(memory.cast(), count)),
                Width::Four => Target::Four(std::slice::from_raw_parts_mut(memory.cast(), count)),
            }
        }
    }

    /// Fills it with valid bytes of its shape.
    pub fn decode(&mut self, charset: Charset, bytes: &[u8], translate: bool) {
        transcode(charset, bytes, translate, self.target(0));
    }

    /// Fills it with strings that are as long as it together, none wider.
    pub fn join(&mut self, parts: &[StrView]) {
        let mut at = 0;
        for part in parts {
            match (self.target(at), part.characters()) {
                (Target::One(to), Characters::One(from)) => to[..from.len()].copy_from_slice(from),
                (Target::Two(to), Characters::One(from)) => widen(to, from),
                (Target::Two(to), Characters::Two(from)) => to[..from.len()].copy_from_slice(from),
                (Target::Four(to), Characters::One(from)) => widen(to, from),
                (Target::Four(to), Characters::Two(from)) => widen(to, from),
                (Target::Four(to), Characters::Four(from)) => to[..from.len()].copy_from_slice(from),
                _ => unreachable!("a part is wider than the whole"),
            }
            at += part.shape.characters;
        }
    }

    /// The string.
    pub fn finish(self) -> Py<PyAny> {
        self.object
    }
}

fn size(width: Width) -> usize {
    match width {
        Width::Ascii | Width::One => 1,
        Width::Two => 2,
        Width::Four => 4,
    }
}

fn widen<T: From<F>, F: Copy>(to: &mut [T], from: &[F]) {
    for (to, &from) in to.iter_mut().zip(from) {
        *to = T::from(from);
    }
}

/// The characters of a string, as wide as its widest.
#[derive(Clone, Copy)]
pub enum Characters<'a> {
    One(&'a [u8]),
    Two(&'a [u16]),
    Four(&'a [u32]),
}

/// The characters of a string.
#[inline]
pub fn characters<'a>(text: &'a Bound<'_, PyString>) -> PyResult<Characters<'a>> {
    // SAFETY: strings don't change, and this one lives as long as the reference to it.
    Ok(match unsafe { text.data()? } {
        PyStringData::Ucs1(all) => Characters::One(all),
        PyStringData::Ucs2(all) => Characters::Two(all),
        PyStringData::Ucs4(all) => Characters::Four(all),
    })
}

/// A string whose characters a worker may read.
pub struct StrView {
    owner: Py<PyString>,
    memory: *const u8,
    shape: Shape,
}

// SAFETY: strings don't change, and this one lives as long as the reference to it.
unsafe impl Send for StrView {}
// SAFETY: as above; it is only read.
unsafe impl Sync for StrView {}

impl StrView {
    pub fn new(text: &Bound<'_, PyString>) -> PyResult<Self> {
        let (memory, characters, width) = match characters(text)? {
            // SAFETY: a string that is complete.
            Characters::One(all) if unsafe { ffi::PyUnicode_IS_ASCII(text.as_ptr()) } != 0 => {
                (all.as_ptr(), all.len(), Width::Ascii)
            }
            Characters::One(all) => (all.as_ptr(), all.len(), Width::One),
            Characters::Two(all) => (all.as_ptr().cast(), all.len(), Width::Two),
            Characters::Four(all) => (all.as_ptr().cast(), all.len(), Width::Four),
        };
        Ok(Self { owner: text.clone().unbind(), memory, shape: Shape { characters, width } })
    }

    /// The string itself.
    pub fn text<'py>(&self, py: Python<'py>) -> &Bound<'py, PyString> {
        self.owner.bind(py)
    }

    pub fn shape(&self) -> Shape {
        self.shape
    }

    pub fn characters(&self) -> Characters<'_> {
        let count = self.shape.characters;
        // SAFETY: see the owner.
        unsafe {
            match self.shape.width {
                Width::Ascii | Width::One => Characters::One(std::slice::from_raw_parts(self.memory, count)),
                Width::Two => Characters::Two(std::slice::from_raw_parts(self.memory.cast(), count)),
                Width::Four => Characters::Four(std::slice::from_raw_parts(self.memory.cast(), count)),
            }
        }
    }
}

/// A part of a string.
pub fn slice<'py>(text: &Bound<'py, PyString>, from: usize, to: usize) -> PyResult<Bound<'py, PyString>> {
    let index = |at: usize| ffi::Py_ssize_t::try_from(at).unwrap_or(ffi::Py_ssize_t::MAX);
    // SAFETY: a string comes of a string, whatever the bounds.
    unsafe {
        let part = ffi::PyUnicode_Substring(text.as_ptr(), index(from), index(to));
        Ok(Bound::from_owned_ptr_or_err(text.py(), part)?.cast_into_unchecked())
    }
}
