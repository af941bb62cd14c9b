//! Bytes that are read ahead, given back, skipped and cut off.

use rapfiles_core::Way;
use rapfiles_core::file::{File, From, Mode, OpenOptions};

fn made(bytes: &[u8], mode: &str) -> (tempfile::TempDir, File) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("file");
    std::fs::write(&path, bytes).unwrap();
    let file = File::open(&path, &OpenOptions::new(Mode::parse(mode).unwrap())).unwrap();
    (directory, file)
}

fn pattern(size: usize) -> Vec<u8> {
    (0..size).map(|n| u8::try_from(n % 251).unwrap()).collect()
}

#[test]
fn gives_back_small_and_large() {
    let bytes = pattern(400_000);
    for size in [1, 1000, 16_384, 130_000, 131_073, 300_000, 400_000] {
        let (_directory, mut file) = made(&bytes, "rb");
        file.ensure(Way::Soon, 10).unwrap();
        file.consume(10);
        let mut buffer = vec![0; size];
        let count = file.read_into(Way::Soon, &mut buffer).unwrap();
        assert_eq!(count, size.min(bytes.len() - 10));
        file.unread(&buffer[..count]).unwrap();
        assert_eq!(file.tell().unwrap(), 10, "{size}");
        let mut again = vec![0; 400_000];
        let count = file.read_into(Way::Soon, &mut again).unwrap();
        assert_eq!(again[..count], bytes[10..], "{size}");
    }
}

#[test]
fn gives_back_to_a_pipe_too() {
    let (read, write) = rustix::pipe::pipe().unwrap();
    let bytes = pattern(300_000);
    let written = bytes.clone();
    let writer = std::thread::spawn(move || {
        use std::io::Write;
        std::fs::File::from(write).write_all(&written).unwrap();
    });
    let mut file = File::adopt(read, true, &OpenOptions::new(Mode::parse("rb").unwrap())).unwrap();
    let mut buffer = vec![0; 200_000];
    let count = file.read_into(Way::Soon, &mut buffer).unwrap();
    file.unread(&buffer[..count]).unwrap();
    let mut all = vec![0; 300_000];
    assert_eq!(file.read_into(Way::Soon, &mut all).unwrap(), bytes.len());
    assert_eq!(all, bytes);
    writer.join().unwrap();
}

#[test]
fn a_step_is_whole_until_the_end() {
    let (_directory, mut file) = made(&pattern(20_000), "rb");
    assert_eq!(file.step(Way::Soon, 0, 8192).unwrap(), 8192);
    file.consume(5);
    // What is left in the buffer is topped up.
    assert_eq!(file.step(Way::Soon, 8187, 8192).unwrap(), 8192);
    assert_eq!(file.step(Way::Soon, 16_379, 8192).unwrap(), 20_000 - 16_384);
    assert_eq!(file.step(Way::Soon, 19_995, 8192).unwrap(), 0);
}

#[test]
fn a_step_of_a_pipe_is_what_comes() {
    let (read, write) = rustix::pipe::pipe().unwrap();
    let mut file = File::adopt(read, true, &OpenOptions::new(Mode::parse("rb").unwrap())).unwrap();
    rustix::io::write(&write, b"abc").unwrap();
    assert_eq!(file.step(Way::Soon, 0, 8192).unwrap(), 3);
    rustix::io::write(&write, b"de").unwrap();
    assert_eq!(file.step(Way::Soon, 3, 8192).unwrap(), 2);
    assert_eq!(file.step(Way::Soon, 1, 8192).unwrap(), 4);
    drop(write);
    assert_eq!(file.step(Way::Soon, 5, 8192).unwrap(), 0);
    assert_eq!(file.buffered(), b"abcde");
}

#[test]
fn seeks_within_the_buffer_and_beyond() {
    let bytes = pattern(100_000);
    let (_directory, mut file) = made(&bytes, "rb");
    let mut random = 1u64;
    let mut at = 0usize;
    for _ in 0..2000 {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let size = usize::try_from(random >> 40).unwrap();
        match random >> 62 {
            0 => {
                at = size % 110_000;
                assert_eq!(file.seek(Way::Soon, From::Start(at as u64)).unwrap(), at as u64);
            }
            1 => {
                let forward = size % 5000;
                at += forward;
                file.seek(Way::Soon, From::Current(i64::try_from(forward).unwrap())).unwrap();
            }
            2 => {
                let back = size % (at + 1);
                at -= back;
                file.seek(Way::Soon, From::Current(-i64::try_from(back).unwrap())).unwrap();
            }
            _ => {
                file.ensure(Way::Soon, size % 3000).unwrap();
                let count = file.buffered().len().min(size % 3000);
                assert_eq!(file.buffered()[..count], bytes[at.min(bytes.len())..][..count]);
                file.consume(count);
                at += count;
            }
        }
        assert_eq!(file.tell().unwrap(), at as u64);
    }
}

#[test]
fn what_is_cut_off_is_not_read_any_more() {
    let (_directory, mut file) = made(b"0123456789", "r+b");
    file.ensure(Way::Soon, 10).unwrap();
    file.consume(2);
    file.truncate(6, 0).unwrap();
    file.ensure(Way::Soon, 10).unwrap();
    assert_eq!(file.buffered(), b"2345");
    // What a decoder has taken stays taken.
    file.truncate(3, 3).unwrap();
    file.ensure(Way::Soon, 10).unwrap();
    assert_eq!(file.buffered(), b"234");
}

#[test]
fn a_huge_sparse_file_is_an_error_not_an_abort() {
    let (directory, mut file) = made(b"", "rb");
    let sparse = std::fs::OpenOptions::new().write(true).open(directory.path().join("file")).unwrap();
    // More than any address space has.
    if sparse.set_len(1 << 60).is_err() {
        sparse.set_len((1 << 44) - 4096).unwrap();
    }
    let error = file.ensure(Way::Soon, usize::MAX).unwrap_err().into_error();
    assert_eq!(error.kind(), std::io::ErrorKind::OutOfMemory);
}
