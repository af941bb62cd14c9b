//! Every file below a directory.

use rustix::fs::FileType;

use super::entries::inside;
use crate::fs::Failure;

/// Everything below a directory that is no directory, at any depth, sorted. Links are not followed: they are files here.
///
/// # Errors
/// A directory can't be read: then it can't be said which files there are.
pub fn all_files(path: &[u8]) -> Result<Vec<Vec<u8>>, Failure> {
    let mut files = Vec::new();
    let mut directories = inside(path, true)?;
    while let Some(entry) = directories.pop() {
        match entry.kind {
            FileType::Directory => directories.extend(inside(&entry.path, false)?),
            _ => files.push(entry.path),
        }
    }
    files.sort_unstable();
    Ok(files)
}
