//! Copying symbolic links.

use std::io;

use rustix::fs::{AtFlags, readlinkat, symlinkat, utimensat};

use super::copying::remove;
use super::kept::Kept;
use super::name::{beside, rename};
use super::place::Place;
use crate::fs::retry;

/// Makes a link that says what another one says, with its times. `fresh`: nobody else knows its directory, so that it has its name
/// from the beginning.
pub(crate) fn copy_link(source: &Place, target: &Place, replaces: bool, fresh: bool) -> io::Result<()> {
    if fresh {
        return make(source, target, |says, target| link(says, target).map(|()| target.clone())).map(drop);
    }
    let named = copy_link_beside(source, target)?;
    let renamed = rename(&named, target, replaces);
    if renamed.is_err() {
        let _left = remove(&named);
    }
    renamed
}

/// As [`copy_link`], under a name that nothing has yet.
pub(super) fn copy_link_beside(source: &Place, target: &Place) -> io::Result<Place> {
    make(source, target, |says, target| beside(target, |place| link(says, place)).map(|(place, ())| place))
}

fn link(says: &[u8], place: &Place) -> rustix::io::Result<()> {
    retry(|| symlinkat(says, place.dir(), place.name()))
}

fn make(
    source: &Place,
    target: &Place,
    make: impl Fn(&[u8], &Place) -> rustix::io::Result<Place>,
) -> io::Result<Place> {
    let says = retry(|| readlinkat(source.dir(), source.name(), Vec::with_capacity(256)))?;
    let kept = Kept::from(&source.status(false)?);
    let named = make(says.to_bytes(), target)?;
    let flags = AtFlags::SYMLINK_NOFOLLOW;
    match retry(|| utimensat(named.dir(), named.name(), &kept.times(), flags)) {
        Ok(()) => Ok(named),
        Err(errno) => {
            let _left = remove(&named);
            Err(errno.into())
        }
    }
}
