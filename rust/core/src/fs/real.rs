//! What a path is really called.

use std::io;
use std::path::{Path, PathBuf};

/// The path without links, `.` and `..`.
///
/// The C library asks a system call for it that containers may refuse; then the kernel is asked what it calls the open file.
pub fn real(path: &Path) -> io::Result<PathBuf> {
    match path.canonicalize() {
        Err(error) if error.kind() == io::ErrorKind::Interrupted => real(path),
        #[cfg(target_os = "linux")]
        Err(error) if error.raw_os_error() == Some(libc::EPERM) => of_open(path),
        found => found,
    }
}

#[cfg(target_os = "linux")]
fn of_open(path: &Path) -> io::Result<PathBuf> {
    use std::os::fd::AsRawFd;

    use rustix::fs::{Mode, OFlags, open};

    let fd = super::retry(|| open(path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty()))?;
    std::fs::read_link(format!("/proc/self/fd/{}", fd.as_raw_fd()))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn both_ways_say_the_same() {
        let directory = tempfile::tempdir().unwrap();
        let inner = directory.path().join("a/b");
        std::fs::create_dir_all(&inner).unwrap();
        std::os::unix::fs::symlink(&inner, directory.path().join("link")).unwrap();
        for path in ["a/../a/./b", "link", "link/.."] {
            let path = directory.path().join(path);
            assert_eq!(of_open(&path).unwrap(), real(&path).unwrap());
        }
        assert!(of_open(&inner.join("missing")).is_err());
    }
}
