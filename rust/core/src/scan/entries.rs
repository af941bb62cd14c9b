//! What is in a directory, to be copied: nothing is followed.

use rustix::fs::{AtFlags, CWD, FileType, Stat, statat};

use super::level::open;
use crate::fs::{Failure, join, retry};

/// Something in a directory.
pub(super) struct Inside {
    pub(super) path: Vec<u8>,
    pub(super) name: Vec<u8>,
    pub(super) kind: FileType,
}

/// Everything in a directory, sorted by name. `follow`: whether the directory itself may be a link to one.
pub(super) fn inside(path: &[u8], follow: bool) -> Result<Vec<Inside>, Failure> {
    use crate::fs::list::Kind;
    let mut found = Vec::new();
    open(path, follow, &|| true)?.list(path, |name, entry| {
        let kind = match entry.kind {
            Kind::File => FileType::RegularFile,
            Kind::Directory => FileType::Directory,
            Kind::Symlink => FileType::Symlink,
            Kind::Other => FileType::Unknown,
        };
        found.push(Inside { path: join(path, name), name: name.to_vec(), kind });
    })?;
    found.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

/// What a path is, without following it at its end.
pub(super) fn status(path: &[u8]) -> Result<Stat, Failure> {
    retry(|| statat(CWD, path, AtFlags::SYMLINK_NOFOLLOW)).map_err(|errno| Failure::on(path, errno))
}
