//! Whether a directory looks as a structure says.

use std::collections::HashMap;

use super::level::{Level, open};
use super::structure::Structure;
use crate::find::Pattern;
use crate::fs::{Failure, join};

/// A directory that looks as a structure says. What each of the structure's parts stands for comes in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// Which of the structures it is.
    pub structure: usize,
    /// The directory.
    pub path: Vec<u8>,
    /// For each glob, the files it matches.
    pub required_files: Vec<Vec<Vec<u8>>>,
    /// As above; there may be none.
    pub optional_files: Vec<Vec<Vec<u8>>>,
    /// For each structure within, the directories that match it.
    pub required_directories: Vec<Vec<Match>>,
    /// As above; there may be none.
    pub optional_directories: Vec<Vec<Match>>,
}

/// How directories are looked at.
pub(super) struct Look<'a> {
    /// Whether links to directories are directories.
    pub(super) follow: bool,
    /// Whether somebody waits for the answer.
    pub(super) wanted: &'a dyn Fn() -> bool,
    /// Is told of a directory that can't be read, which then matches nothing.
    pub(super) report: &'a dyn Fn(Failure),
}

/// Whether a directory matches, whatever else is around it. The name is that of the path, looked up if it ends with "." or "..".
///
/// # Errors
/// The directory, or one in it that is asked for, can't be read.
pub fn matching(path: &[u8], structure: &Structure, follow: bool) -> Result<Option<Match>, Failure> {
    let first = std::cell::RefCell::new(None);
    let report = |failure| {
        first.borrow_mut().get_or_insert(failure);
    };
    let look = Look { follow, wanted: &|| true, report: &report };
    let level = Level::read(&open(path, true, look.wanted)?, path, follow)?;
    let name = name_of(path)?;
    let found = if structure.is_named(&name) { look.fit(structure, 0, path, &level) } else { None };
    first.take().map_or(Ok(found), Err)
}

/// What a directory is called. The root of everything is called nothing.
pub(super) fn name_of(path: &[u8]) -> Result<Vec<u8>, Failure> {
    use std::os::unix::ffi::OsStrExt;
    let last = |path: &[u8]| {
        let end = path.iter().rposition(|&byte| byte != b'/').map_or(0, |last| last + 1);
        let start = memchr::memrchr(b'/', &path[..end]).map_or(0, |slash| slash + 1);
        path[start..end].to_vec()
    };
    let name = last(path);
    if !matches!(&name[..], b"" | b"." | b"..") {
        return Ok(name);
    }
    let real = crate::fs::real::real(std::path::Path::new(std::ffi::OsStr::from_bytes(path)))
        .map_err(|error| Failure::on(path, error))?;
    Ok(last(real.as_os_str().as_bytes()))
}

impl Look<'_> {
    /// Whether what is in a directory is what a structure asks for. Its name is not looked at.
    pub(super) fn fit(&self, structure: &Structure, number: usize, path: &[u8], level: &Level) -> Option<Match> {
        let required_files = named(&structure.required_files, path, level);
        if required_files.iter().any(Vec::is_empty) {
            return None;
        }
        let mut levels = HashMap::new();
        let mut required_directories = Vec::new();
        for inner in &structure.required_directories {
            let found = self.within(inner, path, level, &mut levels);
            if found.is_empty() {
                return None;
            }
            required_directories.push(found);
        }
        let optional = structure.optional_directories.iter();
        Some(Match {
            structure: number,
            path: path.to_vec(),
            required_files,
            optional_files: named(&structure.optional_files, path, level),
            required_directories,
            optional_directories: optional.map(|inner| self.within(inner, path, level, &mut levels)).collect(),
        })
    }

    /// The directories in a directory that match.
    fn within<'l>(
        &self,
        inner: &Structure,
        path: &[u8],
        level: &'l Level,
        levels: &mut HashMap<&'l [u8], Option<Level>>,
    ) -> Vec<Match> {
        let mut found = Vec::new();
        for name in level.directories.iter().filter(|name| inner.is_named(name)) {
            let below = join(path, name);
            let read = levels.entry(name).or_insert_with(|| self.read(&below));
            found.extend(read.as_ref().and_then(|level| self.fit(inner, 0, &below, level)));
        }
        found
    }

    fn read(&self, path: &[u8]) -> Option<Level> {
        if !(self.wanted)() {
            return None;
        }
        let level = open(path, self.follow, self.wanted).and_then(|open| Level::read(&open, path, self.follow));
        level.map_err(|failure| (self.report)(failure)).ok()
    }
}

fn named(globs: &[Pattern], path: &[u8], level: &Level) -> Vec<Vec<Vec<u8>>> {
    let matching = |glob: &Pattern| {
        let names = level.files.iter().filter(|name| glob.matches(name, 0, false));
        names.map(|name| join(path, name)).collect()
    };
    globs.iter().map(matching).collect()
}
