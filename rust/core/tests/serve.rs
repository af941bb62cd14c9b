//! Files to be sent: regular ones, and nothing that has to be waited for.

use std::ffi::CString;
use std::fs;
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rapfiles_core::Stop;
use rapfiles_core::fs::stat::Status;
use rapfiles_core::serve::{Place, look, look_now, open, open_now, read, read_now};

fn c(path: &Path) -> CString {
    CString::new(path.as_os_str().as_bytes()).unwrap()
}

/// A directory with a file, a FIFO and a directory in it.
fn tree() -> (tempfile::TempDir, CString) {
    let base = tempfile::tempdir().unwrap();
    fs::write(base.path().join("file"), b"0123456789").unwrap();
    fs::create_dir(base.path().join("directory")).unwrap();
    let fifo = c(&base.path().join("fifo"));
    // SAFETY: a path that ends with a NUL.
    assert_eq!(unsafe { libc::mkfifo(fifo.as_ptr(), 0o600) }, 0);
    let path = c(base.path());
    (base, path)
}

/// What stays as it is while a file is only read: its blocks may be allocated later, and it may have been accessed.
fn lasting(status: &Status) -> (u32, u64, u64, u64, (i64, u32)) {
    (status.mode, status.inode, status.device, status.size, status.mtime)
}

#[test]
fn a_file_is_opened_and_read_from_anywhere() {
    let (base, directory) = tree();
    let path = c(&base.path().join("file"));
    for place in [Place::Path(&path), Place::Beneath { directory: &directory, relative: c"file" }] {
        let file = open(place).unwrap().unwrap();
        assert_eq!(file.status.size, 10);
        let mut buffer = [0; 6];
        assert_eq!(read(file.fd.as_fd(), &mut buffer, 2).unwrap(), 6);
        assert_eq!(&buffer, b"234567");
        assert_eq!(read(file.fd.as_fd(), &mut buffer, 8).unwrap(), 2);
        assert_eq!(lasting(&look(place).unwrap()), lasting(&file.status));
    }
}

#[test]
fn what_is_answered_now_is_what_is_answered_soon() {
    let (base, directory) = tree();
    let path = c(&base.path().join("file"));
    for place in [Place::Path(&path), Place::Beneath { directory: &directory, relative: c"file" }] {
        // A worker has met the filesystem now, if it is one that answers.
        let soon = open(place).unwrap().unwrap();
        if let Ok(now) = open_now(place) {
            assert_eq!(lasting(&now.status), lasting(&soon.status));
            let mut buffer = [0; 10];
            if read_now(&now, &mut buffer, 0).is_ok() {
                assert_eq!(&buffer, b"0123456789");
            }
            // More than there is can't be had at once.
            assert!(matches!(read_now(&now, &mut [0; 11], 0), Err(Stop::WouldBlock)));
        }
        if let Ok(status) = look_now(place) {
            assert_eq!(lasting(&status), lasting(&soon.status));
        }
    }
}

#[test]
fn of_anything_else_there_are_only_the_metadata() {
    let (base, directory) = tree();
    for name in ["fifo", "directory"] {
        let path = c(&base.path().join(name));
        let relative = c(Path::new(name));
        for place in [Place::Path(&path), Place::Beneath { directory: &directory, relative: &relative }] {
            let (found, seen) = (open(place).unwrap().unwrap_err(), look(place).unwrap());
            assert_eq!(lasting(&found), lasting(&seen));
            assert!(matches!(open_now(place), Err(Stop::WouldBlock)));
        }
    }
}

#[test]
fn errors_are_those_of_the_system() {
    let (_base, directory) = tree();
    for (relative, errno) in [
        (c"none", libc::ENOENT),
        (c"file/x", libc::ENOTDIR),
        (c"..", libc::EXDEV),
        (c"directory/../../x", libc::EXDEV),
        (c"/etc/passwd", libc::EXDEV),
    ] {
        let place = Place::Beneath { directory: &directory, relative };
        assert_eq!(open(place).unwrap_err().raw_os_error(), Some(errno));
        assert_eq!(look(place).unwrap_err().raw_os_error(), Some(errno));
        match open_now(place) {
            Err(Stop::Failed(error)) => assert_eq!(error.raw_os_error(), Some(errno)),
            Err(Stop::WouldBlock) => {}
            Ok(_) => panic!("{relative:?} was opened"),
        }
    }
}
