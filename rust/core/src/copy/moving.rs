//! Moving between filesystems: a copy takes the place of the original.

use std::io;

use rustix::io::Errno;

use super::copying::{Copying, End, remove, sync_directory};
use super::kept::Also;
use super::name::{exchange, rename};
use super::place::Place;
use crate::fs::Failure;

/// Gives a copy its name and removes the original. If that can't be, things are as they were: the original is there, and so is what the
/// copy would have replaced.
pub(crate) fn take_place(mut copying: Copying, source: &Place, target: &Place, replaces: bool) -> Result<(), Failure> {
    copying.complete(End { also: Also::ALL, durable: true })?;
    let Some(named) = copying.take_name() else { return Ok(()) };
    settle(&named, source, target, replaces)
}

/// As [`take_place`], for whatever has a name of its own until then.
pub(super) fn settle(named: &Place, source: &Place, target: &Place, replaces: bool) -> Result<(), Failure> {
    // What is replaced is kept until the original is gone.
    let kept = replaces && exchange(named, target).is_some();
    let alone = !kept && rename(named, target, false).is_ok();
    if !kept
        && !alone
        && let Err(error) = rename(named, target, replaces)
    {
        let _left = remove(named);
        return Err(error.into());
    }
    let settled = sync_directory(target).map_err(Failure::from).and_then(|()| leave(source));
    match (&settled, kept) {
        (Ok(()), true) => remove(named)?,
        (Err(_), true) if exchange(named, target).is_some() => remove(named)?,
        (Err(_), false) if alone => remove(target)?,
        _ => {}
    }
    settled
}

/// Removes the original. Whoever has removed it already wanted the same.
fn leave(source: &Place) -> Result<(), Failure> {
    match remove(source) {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(errno) => Err(Failure::from_source(io::Error::from(errno))),
    }
}
