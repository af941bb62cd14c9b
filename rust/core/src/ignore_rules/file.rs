//! Small files that may be there or not.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Ignore files are small. What is larger is refused, with an error, before it fills the memory.
const LARGEST: u64 = 16 * 1024 * 1024;

/// What is in a file; None if there is no such file.
pub(super) fn read_all(path: &Path) -> io::Result<Option<Vec<u8>>> {
    read_with(path, 0)
}

/// As [`read_all`], but not what a symbolic link leads to: git doesn't follow those in a working tree.
pub(super) fn read_no_link(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match read_with(path, libc::O_NOFOLLOW) {
        Err(error) if error.raw_os_error() == Some(libc::ELOOP) => Ok(None),
        read => read,
    }
}

fn read_with(path: &Path, flags: i32) -> io::Result<Option<Vec<u8>>> {
    // A FIFO of that name must not keep anybody waiting.
    let opened = File::options().read(true).custom_flags(flags | libc::O_NONBLOCK).open(path);
    let file = match opened {
        Ok(file) => file,
        Err(error) if matches!(error.raw_os_error(), Some(libc::ENOENT | libc::ENOTDIR | libc::ENXIO)) => {
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    let about = file.metadata()?;
    if !about.is_file() {
        return Ok(None);
    }
    if about.len() > LARGEST {
        return Err(io::Error::from_raw_os_error(libc::EFBIG));
    }
    let mut content = Vec::new();
    file.take(LARGEST).read_to_end(&mut content)?;
    Ok(Some(content))
}
