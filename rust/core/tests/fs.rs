//! What is done to paths, on a real disk.

use std::ffi::CString;
use std::fs::{self, File};
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::Path;

use rapfiles_core::fs::list::{Directory, Kind, entries, names};
use rapfiles_core::fs::stat::{Subject, stat, stat_now};
use rapfiles_core::fs::{Blame, CWD, access, dir, link, mount, remove, rename, sendfile, statvfs};
use rapfiles_core::{Stop, now};
use tempfile::{TempDir, tempdir};

fn c(path: impl AsRef<Path>) -> CString {
    CString::new(path.as_ref().as_os_str().as_bytes()).unwrap()
}

fn errno(error: &std::io::Error) -> i32 {
    error.raw_os_error().unwrap()
}

fn tree() -> TempDir {
    let top = tempdir().unwrap();
    fs::write(top.path().join("file"), b"ten bytes.").unwrap();
    fs::create_dir(top.path().join("directory")).unwrap();
    symlink("file", top.path().join("to file")).unwrap();
    symlink("gone", top.path().join("to nowhere")).unwrap();
    top
}

#[test]
fn all_directories_on_the_way_are_made() {
    let top = tempdir().unwrap();
    let path = top.path().join("a/b/./c/");
    dir::make_all(&c(&path), 0o700, false).unwrap();
    assert!(path.is_dir());
    dir::make_all(&c(&path), 0o700, true).unwrap();
    let again = dir::make_all(&c(&path), 0o700, false).unwrap_err();
    assert_eq!((errno(&again.error), again.on), (libc::EEXIST, Blame::Given));
}

#[test]
fn what_fails_on_the_way_is_blamed() {
    let top = tree();
    let way = top.path().join("file/a");
    let failure = dir::make_all(&c(way.join("b")), 0o777, false).unwrap_err();
    assert_eq!(errno(&failure.error), libc::ENOTDIR);
    assert_eq!(failure.on, Blame::Path(way.as_os_str().as_bytes().to_vec()));
}

#[test]
fn empty_directories_are_removed_upwards() {
    let top = tree();
    fs::create_dir_all(top.path().join("directory/a/b/c")).unwrap();
    fs::write(top.path().join("directory/kept"), b"").unwrap();
    dir::remove_all(&c(top.path().join("directory/a/b/c/"))).unwrap();
    assert!(!top.path().join("directory/a").exists());
    assert!(top.path().join("directory/kept").exists());
}

#[test]
fn renaming_makes_and_prunes() {
    let top = tree();
    fs::create_dir_all(top.path().join("old/deep")).unwrap();
    fs::rename(top.path().join("file"), top.path().join("old/deep/file")).unwrap();
    rename::rename_all(&c(top.path().join("old/deep/file")), &c(top.path().join("new/deep/file"))).unwrap();
    assert!(!top.path().join("old").exists());
    assert_eq!(fs::read(top.path().join("new/deep/file")).unwrap(), b"ten bytes.");
}

#[test]
fn names_and_entries() {
    let top = tree();
    let path = c(top.path());
    let mut found: Vec<_> = names(Directory::Path(&path)).unwrap().iter().map(<[u8]>::to_vec).collect();
    found.sort();
    assert_eq!(found, [&b"directory"[..], b"file", b"to file", b"to nowhere"]);

    let (names, entries) = entries(Directory::Path(&path)).unwrap();
    assert_eq!(names.len(), entries.len());
    for (name, entry) in names.iter().zip(&entries) {
        let target = entry.target.as_deref().map(|target| target.as_ref().map(|status| status.size).map_err(errno));
        match name {
            b"directory" => assert_eq!((entry.kind, target), (Kind::Directory, None)),
            b"file" => assert_eq!((entry.kind, target), (Kind::File, None)),
            b"to file" => assert_eq!((entry.kind, target), (Kind::Symlink, Some(Ok(10)))),
            _ => assert_eq!((entry.kind, target), (Kind::Symlink, Some(Err(libc::ENOENT)))),
        }
    }
}

#[test]
fn a_directory_that_was_lent_stands_at_its_start_again() {
    let top = tree();
    let directory = File::open(top.path()).unwrap();
    for _ in 0..3 {
        assert_eq!(names(Directory::Open(directory.as_fd())).unwrap().len(), 4);
    }
    let file = File::open(top.path().join("file")).unwrap();
    let failure = names(Directory::Open(file.as_fd())).unwrap_err();
    assert_eq!((errno(&failure.error), failure.on), (libc::ENOTDIR, Blame::Given));
}

#[test]
fn links() {
    let top = tree();
    let at = |name: &str| c(top.path().join(name));
    link::symlink(c"any\xfftext", CWD, &at("new")).unwrap();
    assert_eq!(link::read(CWD, &at("new")).unwrap(), b"any\xfftext");
    link::link((CWD, &at("to file")), (CWD, &at("second"))).unwrap();
    assert_eq!(link::read(CWD, &at("second")).unwrap(), b"file");
    remove::remove(CWD, &at("second")).unwrap();
    assert_eq!(errno(&remove::remove(CWD, &at("second")).unwrap_err()), libc::ENOENT);
    rename::rename((CWD, &at("new")), (CWD, &at("file"))).unwrap();
    assert_eq!(errno(&link::read(CWD, &at("directory")).unwrap_err()), libc::EINVAL);
}

#[test]
fn metadata_are_told_now_as_they_are_soon() {
    let top = tree();
    let directory = File::open(top.path()).unwrap();
    let file = File::open(top.path().join("file")).unwrap();
    let (dir, path) = (directory.as_fd(), c"to file");
    let subjects = [
        Subject::Path { dir, path, follow: true },
        Subject::Path { dir, path, follow: false },
        Subject::Path { dir, path: c"directory", follow: true },
        Subject::Open(file.as_fd()),
    ];
    for subject in subjects {
        let soon = stat(subject).unwrap();
        match stat_now(subject) {
            Ok(now) => assert_eq!(now, soon),
            // Not every filesystem answers without blocking; none of them may say no.
            Err(Stop::WouldBlock) => {}
            Err(Stop::Failed(error)) => panic!("{error}"),
        }
    }
    assert!(now::enabled() || !cfg!(target_os = "linux"));
}

#[test]
fn questions() {
    let top = tree();
    let question = access::Question { mode: libc::F_OK, effective: false, follow: true };
    assert!(access::access(CWD, &c(top.path().join("to file")), question));
    assert!(!access::access(CWD, &c(top.path().join("to nowhere")), question));
    let itself = access::Question { follow: false, ..question };
    assert!(access::access(CWD, &c(top.path().join("to nowhere")), itself));

    assert!(mount::is_mount(c"/"));
    assert!(!mount::is_mount(&c(top.path().join("directory"))));
    assert!(!mount::is_mount(c"/nowhere/at/all"));

    let here = File::open(top.path()).unwrap();
    let figures = statvfs::of_path(&c(top.path())).unwrap();
    assert_eq!(statvfs::of_file(here.as_fd()).unwrap().id, figures.id);
    assert!(figures.blocks >= figures.blocks_free && figures.longest_name >= 255);
}

#[test]
fn sending() {
    let top = tree();
    let from = File::open(top.path().join("file")).unwrap();
    let to = File::create(top.path().join("copy")).unwrap();
    assert_eq!(sendfile::sendfile(to.as_fd(), from.as_fd(), Some(4), 100).unwrap(), 6);
    assert_eq!(sendfile::sendfile(to.as_fd(), from.as_fd(), None, 3).unwrap(), 3);
    assert_eq!(fs::read(top.path().join("copy")).unwrap(), b"bytes.ten");
}
