//! Extended attributes.

use std::ffi::CStr;
use std::io;

use rustix::fs::{
    XattrFlags, getxattr, lgetxattr, listxattr, llistxattr, lremovexattr, lsetxattr, removexattr, setxattr,
};
use rustix::io::Errno;

use super::retry;

/// Nobody keeps more, and Linux no more than 64 KiB.
const MOST: usize = 64 << 20;

/// The value of an attribute.
pub fn get(path: &CStr, name: &CStr, follow: bool) -> io::Result<Vec<u8>> {
    fill(|room| if follow { getxattr(path, name, room) } else { lgetxattr(path, name, room) })
}

/// Sets an attribute; without `exist_ok` it must not be there.
pub fn set(path: &CStr, name: &CStr, value: &[u8], exist_ok: bool, follow: bool) -> io::Result<()> {
    let flags = if exist_ok { XattrFlags::empty() } else { XattrFlags::CREATE };
    Ok(retry(|| if follow { setxattr(path, name, value, flags) } else { lsetxattr(path, name, value, flags) })?)
}

/// The names of all attributes.
pub fn list(path: &CStr, follow: bool) -> io::Result<Vec<Vec<u8>>> {
    let names = fill(|room| if follow { listxattr(path, room) } else { llistxattr(path, room) })?;
    let each = names.split(|byte| *byte == 0).filter(|name| !name.is_empty());
    Ok(each.map(<[u8]>::to_vec).collect())
}

/// Removes an attribute.
pub fn remove(path: &CStr, name: &CStr, follow: bool) -> io::Result<()> {
    Ok(retry(|| if follow { removexattr(path, name) } else { lremovexattr(path, name) })?)
}

/// Asks with as much room as it takes.
fn fill(ask: impl Fn(&mut [u8]) -> rustix::io::Result<usize>) -> io::Result<Vec<u8>> {
    let mut room = vec![0; 1024];
    loop {
        match retry(|| ask(&mut room)) {
            Ok(length) => {
                room.truncate(length);
                return Ok(room);
            }
            Err(Errno::RANGE) if room.len() < MOST => room.resize(room.len() * 64, 0),
            Err(errno) => return Err(errno.into()),
        }
    }
}
