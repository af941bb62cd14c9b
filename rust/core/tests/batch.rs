//! Many files at once, on a real disk.

use std::ffi::CString;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::Duration;

use rapfiles_core::batch::{Batch, Errand, How, Looks, Memory, Outcome, Read, Reads, Removal, Writes};
use rapfiles_core::long::Long;

const SLICE: Duration = Duration::from_millis(50);

fn c(path: &Path) -> CString {
    CString::new(path.as_os_str().as_bytes()).unwrap()
}

fn paths(directory: &Path, count: usize) -> Vec<CString> {
    (0..count).map(|number| c(&directory.join(number.to_string()))).collect()
}

fn carried<E: Errand>(batch: &mut Batch<E>) -> Vec<Outcome<E::Done>> {
    let mut all = Vec::new();
    while !batch.advance(SLICE).unwrap() {
        all.extend(batch.take_done());
    }
    all.extend(batch.take_done());
    all.sort_by_key(|(index, _)| *index);
    all
}

struct Bytes(Vec<u8>);

impl Memory for Bytes {
    fn memory(&mut self) -> &mut [u8] {
        &mut self.0
    }
}

#[test]
fn every_item_is_done_once() {
    let directory = tempfile::tempdir().unwrap();
    let paths = paths(directory.path(), 500);
    let files = paths.iter().map(|path| (path.clone(), path.as_bytes().to_vec())).collect();
    let mut batch = Batch::new(Writes { files }, How { threads: Some(4), halts: true });
    let written = carried(&mut batch);
    assert_eq!(written.iter().map(|(index, _)| *index).collect::<Vec<_>>(), (0..500).collect::<Vec<_>>());
    assert_eq!((batch.progress().done, batch.progress().total), (500, 500));
    let read = carried(&mut Batch::new(Reads::<_, Bytes>::new(paths.clone()), How::default()));
    for (index, read) in read {
        let Ok(Read::Bytes(bytes)) = read else { panic!("item {index} has no contents") };
        assert_eq!(bytes, paths[index].as_bytes());
    }
}

#[test]
fn large_files_go_where_the_caller_says() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("large");
    let content: Vec<u8> = (0..=250).cycle().take(1_000_000).collect();
    std::fs::write(&path, &content).unwrap();
    let mut batch = Batch::new(Reads::<_, Bytes>::new(vec![c(&path)]), How::default());
    assert!(!batch.advance(SLICE).unwrap());
    let Some((0, Ok(Read::Large(size)))) = batch.take_done().pop() else { panic!("it isn't large") };
    assert_eq!((size, batch.progress().done), (content.len(), 0));
    batch.resume(0, Bytes(vec![0; size]));
    while !batch.advance(SLICE).unwrap() {}
    let Some((0, Ok(Read::Filled(bytes, count, more)))) = batch.take_done().pop() else { panic!("it isn't filled") };
    assert_eq!((bytes.0, count, more), (content, size, Vec::new()));
}

#[test]
fn the_first_failure_ends_it_or_none_does() {
    let directory = tempfile::tempdir().unwrap();
    let paths = paths(directory.path(), 1000);
    let looks = |paths| Looks { paths, follow: true };
    let mut batch = Batch::new(looks(paths.clone()), How { threads: Some(1), halts: true });
    assert_eq!(carried(&mut batch).len(), 1);
    let mut batch = Batch::new(looks(paths.clone()), How { threads: Some(2), halts: false });
    let failed = carried(&mut batch).into_iter().filter(|(_, result)| result.is_err());
    assert_eq!(failed.count(), 1000);
    let mut batch = Batch::new(Removal { paths, missing_ok: true }, How::default());
    assert!(carried(&mut batch).iter().all(|(_, removed)| matches!(removed, Ok(false))));
}

#[test]
fn nothing_to_do_is_done() {
    let mut batch = Batch::new(Removal::<CString> { paths: Vec::new(), missing_ok: false }, How::default());
    assert!(batch.advance(SLICE).unwrap());
    batch.give_up();
}
