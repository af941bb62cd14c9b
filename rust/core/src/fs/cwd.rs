//! The working directory.

use std::io;
use std::os::unix::ffi::OsStringExt;

use rustix::io::Errno;

use crate::error::{Result, Stop};

/// Its path, from what the kernel has in memory. [`Stop::WouldBlock`] if it is longer than the kernel can say.
pub fn cwd_now() -> Result<Vec<u8>> {
    match rustix::process::getcwd(Vec::with_capacity(256)) {
        // Out of reach of the root, it is given as "(unreachable)/…".
        Ok(path) if path.as_bytes().first() == Some(&b'/') => Ok(path.into_bytes()),
        Err(errno @ Errno::NOENT) => Err(errno.into()),
        _ => Err(Stop::WouldBlock),
    }
}

/// Its path, however it is found.
pub fn cwd() -> io::Result<Vec<u8>> {
    Ok(std::env::current_dir()?.into_os_string().into_vec())
}
