//! Whole files, now and soon, on a real disk.

use std::ffi::CString;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rapfiles_core::whole::{self, Destination};
use rapfiles_core::{Stop, now};

fn c(path: &Path) -> CString {
    CString::new(path.as_os_str().as_bytes()).unwrap()
}

#[derive(Default)]
struct Bytes(Vec<u8>);

impl Destination for Bytes {
    fn reserve(&mut self, size: usize) -> Option<&mut [u8]> {
        self.0 = vec![0; size];
        Some(&mut self.0)
    }
}

#[test]
fn what_is_written_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let path = c(&dir.path().join("file"));
    for size in [0, 1, 4096, 1 << 20] {
        let content: Vec<u8> = (0..=250).cycle().take(size).collect();
        whole::write(&path, &content).unwrap();
        assert_eq!(whole::read(whole::open(&path).unwrap()).unwrap()[..], content[..]);
    }
}

#[test]
fn a_file_that_hides_its_size_is_read_whole() {
    let read = whole::read(whole::open(c"/proc/self/status").unwrap()).unwrap();
    assert!(read.starts_with(b"Name:"));
}

#[test]
fn a_cached_file_is_read_without_blocking_or_not_at_all() {
    let dir = tempfile::tempdir().unwrap();
    let path = c(&dir.path().join("file"));
    whole::write(&path, b"content").unwrap();
    // A worker meets the filesystem first.
    drop(whole::open(&path).unwrap());
    match whole::open_now(&path) {
        Ok((source, answer)) => {
            let mut bytes = Bytes::default();
            match whole::read_now(&source, answer, &mut bytes) {
                Ok(()) => assert_eq!(bytes.0, b"content"),
                Err(stop) => assert!(matches!(stop, Stop::WouldBlock), "{stop}"),
            }
        }
        Err(stop) => assert!(matches!(stop, Stop::WouldBlock), "{stop}"),
    }
}

#[test]
fn proc_is_never_attempted() {
    drop(whole::open(c"/proc/self/status").unwrap());
    assert!(matches!(whole::open_now(c"/proc/self/status"), Err(Stop::WouldBlock)));
    assert!(now::enabled());
}

#[test]
fn errors_keep_their_errno() {
    let dir = tempfile::tempdir().unwrap();
    let missing = c(&dir.path().join("missing"));
    assert_eq!(whole::open(&missing).unwrap_err().raw_os_error(), Some(libc::ENOENT));
    let directory = c(dir.path());
    assert_eq!(whole::open(&directory).unwrap_err().raw_os_error(), Some(libc::EISDIR));
    assert_eq!(whole::write(&directory, b"x").unwrap_err().raw_os_error(), Some(libc::EISDIR));
    assert_eq!(whole::write(c"/dev/full", b"x").unwrap_err().raw_os_error(), Some(libc::ENOSPC));
}
