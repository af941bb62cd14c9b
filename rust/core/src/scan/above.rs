//! From a file upwards.

use rustix::fs::{AtFlags, CWD, statat};

use super::level::{Level, open};
use super::matching::{Look, Match, name_of};
use super::structure::Structure;
use crate::fs::{Failure, retry};

/// The directories above a file that match, the nearest first. The path is an absolute one. A directory that can't be read matches
/// nothing.
///
/// # Errors
/// There is no such file.
pub fn above(file: &[u8], structures: &[Structure], follow: bool) -> Result<Vec<Match>, Failure> {
    retry(|| statat(CWD, file, AtFlags::SYMLINK_NOFOLLOW)).map_err(|errno| Failure::on(file, errno))?;
    let look = Look { follow, wanted: &|| true, report: &|_| () };
    let mut found = Vec::new();
    let mut path = file;
    while let Some(directory) = parent(path) {
        path = directory;
        let Ok(name) = name_of(path) else { continue };
        let mut named = structures.iter().enumerate().filter(|(_, structure)| structure.is_named(&name)).peekable();
        if named.peek().is_none() {
            continue;
        }
        let read = open(path, true, look.wanted).and_then(|open| Level::read(&open, path, follow));
        if let Ok(level) = read {
            found.extend(named.filter_map(|(number, structure)| look.fit(structure, number, path, &level)));
        }
    }
    Ok(found)
}

fn parent(path: &[u8]) -> Option<&[u8]> {
    let end = path.iter().rposition(|&byte| byte != b'/')? + 1;
    let slash = memchr::memrchr(b'/', &path[..end])?;
    let end = path[..slash].iter().rposition(|&byte| byte != b'/').map_or(1, |last| last + 1);
    Some(&path[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parents() {
        assert_eq!(parent(b"/a/b"), Some(&b"/a"[..]));
        assert_eq!(parent(b"/a//b/"), Some(&b"/a"[..]));
        assert_eq!(parent(b"/a"), Some(&b"/"[..]));
        assert_eq!(parent(b"/"), None);
    }
}
