//! Whole files, now and soon, on a real disk.

use std::ffi::CString;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rapfiles_core::whole::{self, Destination, Part, Pour, Range};
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

#[test]
fn what_is_appended_comes_behind() {
    let dir = tempfile::tempdir().unwrap();
    let path = c(&dir.path().join("file"));
    whole::append(&path, b"one").unwrap();
    whole::append(&path, b"two").unwrap();
    assert_eq!(std::fs::read(dir.path().join("file")).unwrap(), b"onetwo");
}

#[test]
fn ranges_overlap_and_end_where_the_file_does() {
    let dir = tempfile::tempdir().unwrap();
    let path = c(&dir.path().join("file"));
    let content: Vec<u8> = (0..=250).cycle().take(300_000).collect();
    whole::write(&path, &content).unwrap();
    let source = whole::open(&path).unwrap();
    let wanted = [(5, 10), (0, 8), (290_000, 20_000), (400_000, 1), (5, 0), (100_000, 5)];
    let mut memories: Vec<Vec<u8>> = wanted.iter().map(|(_, length)| vec![0; *length]).collect();
    let mut parts: Vec<Part<'_>> = wanted
        .iter()
        .zip(&mut memories)
        .map(|((offset, _), memory)| Part { offset: *offset, memory, count: 0 })
        .collect();
    whole::fill(&source, &mut parts).unwrap();
    for (part, (offset, length)) in parts.iter().zip(wanted) {
        let start = usize::try_from(offset).unwrap().min(content.len());
        let expected = &content[start..content.len().min(start + length)];
        assert_eq!(&part.memory[..part.count], expected, "{offset}");
    }
}

#[test]
fn what_has_no_size_is_read_as_far_as_it_goes() {
    let source = whole::open(c"/proc/self/status").unwrap();
    assert_eq!(whole::read_unsized(&source, Range { offset: 0, length: 5 }).unwrap(), b"Name:");
    let all = whole::read_unsized(&source, Range { offset: 5, length: usize::MAX }).unwrap();
    assert!(all.len() > 100);
}

#[test]
fn a_new_file_is_whole_or_not_there() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file");
    let mut pour = Pour::new(&c(&path));
    pour.give_up();
    assert!(!path.exists());
    pour.put(b"one").unwrap();
    assert!(path.exists());
    pour.give_up();
    assert!(!path.exists());
    let mut pour = Pour::new(&c(&path));
    pour.put(b"one").unwrap();
    pour.put(b"two").unwrap();
    pour.finish().unwrap();
    drop(pour);
    assert_eq!(std::fs::read(&path).unwrap(), b"onetwo");
    let mut pour = Pour::new(&c(&path));
    pour.put(b"x").unwrap();
    drop(pour);
    assert_eq!(std::fs::read(&path).unwrap(), b"x");
}
