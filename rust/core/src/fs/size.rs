//! How long a file is.

use std::ffi::CStr;
use std::io;

/// Cuts a file off, or lets it grow by zeros that take no room.
pub fn truncate(path: &CStr, size: u64) -> io::Result<()> {
    let size = libc::off_t::try_from(size).map_err(|_| io::Error::from_raw_os_error(libc::EFBIG))?;
    // SAFETY: the path ends with a NUL.
    while unsafe { libc::truncate(path.as_ptr(), size) } != 0 {
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
    Ok(())
}
