//! Atomic writes on a real disk.

use std::ffi::CString;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use rapfiles_core::atomic::{self, Durability, Options, Staged, Transaction, Undertaking};
use tempfile::TempDir;

fn c(path: &Path) -> CString {
    CString::new(path.to_str().unwrap()).unwrap()
}

fn names(dir: &TempDir) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn with_file(contents: &str) -> (TempDir, PathBuf) {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("a");
    fs::write(&path, contents).unwrap();
    (dir, path)
}

#[test]
fn replaces_contents_and_keeps_the_mode() {
    let (dir, path) = with_file("old");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    for durability in [Durability::Full, Durability::Rename, Durability::None] {
        // While this one is there, no other file has its number.
        let inode = fs::metadata(&path).unwrap().ino();
        atomic::write(&c(&path), b"new", Options { durability, ..Options::default() }).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_ne!(fs::metadata(&path).unwrap().ino(), inode);
    }
    let status = fs::metadata(&path).unwrap();
    assert_eq!(status.mode() & 0o7777, 0o640);
    assert_eq!(names(&dir), ["a"]);
}

#[test]
fn what_is_staged_is_private_and_goes_with_its_owner() {
    let (dir, path) = with_file("old");
    let mut staged = Staged::begin(&c(&path), Options::default()).unwrap();
    staged.write(b"half").unwrap();
    let temporary = names(&dir).into_iter().find(|name| name.starts_with(".rapfiles-")).unwrap();
    assert_eq!(fs::metadata(dir.path().join(temporary)).unwrap().mode() & 0o777, 0o600);
    drop(staged);
    assert_eq!(names(&dir), ["a"]);
    assert_eq!(fs::read(&path).unwrap(), b"old");
}

#[test]
fn links_are_written_through() {
    let (dir, path) = with_file("old");
    let (one, two) = (dir.path().join("one"), dir.path().join("two"));
    symlink("a", &one).unwrap();
    symlink(&one, &two).unwrap();
    atomic::write(&c(&two), b"new", Options::default()).unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"new");
    assert!(fs::symlink_metadata(&two).unwrap().is_symlink());
    atomic::write(&c(&two), b"own", Options { follow_symlinks: false, ..Options::default() }).unwrap();
    assert!(fs::symlink_metadata(&two).unwrap().is_file());
    assert_eq!(fs::read(&path).unwrap(), b"new");
}

#[test]
fn does_not_replace_what_it_may_not() {
    let (dir, path) = with_file("old");
    let never = Options { overwrite: false, ..Options::default() };
    let refused = atomic::write(&c(&path), b"new", never).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::AlreadyExists);
    let late = dir.path().join("late");
    let mut staged = Staged::begin(&c(&late), never).unwrap();
    staged.write(b"mine").unwrap();
    fs::write(&late, "theirs").unwrap();
    assert_eq!(staged.commit().unwrap_err().kind(), ErrorKind::AlreadyExists);
    assert_eq!(fs::read(&late).unwrap(), b"theirs");
    assert_eq!(atomic::write(&c(dir.path()), b"", Options::default()).unwrap_err().raw_os_error(), Some(libc::EISDIR));
    assert_eq!(names(&dir), ["a", "late"]);
}

fn staged(path: &Path, text: &[u8]) -> Undertaking {
    let mut staged = Staged::begin(&c(path), Options::default()).unwrap();
    staged.write(text).unwrap();
    Undertaking::write(staged).unwrap()
}

#[test]
fn a_transaction_does_everything() {
    let (dir, a) = with_file("old a");
    let [b, m, gone] = ["b", "m", "gone"].map(|name| dir.path().join(name));
    fs::write(&m, "moved").unwrap();
    fs::write(&gone, "").unwrap();
    let mut all = Transaction::new(Durability::Full);
    all.add(staged(&a, b"new a"));
    all.add(staged(&b, b"new b"));
    all.add(Undertaking::rename(&c(&m), &c(&dir.path().join("n")), Durability::Full, true).unwrap());
    all.add(Undertaking::remove(&c(&gone), Durability::Full).unwrap());
    assert_eq!(fs::read(&a).unwrap(), b"old a");
    all.commit().unwrap();
    assert_eq!(names(&dir), ["a", "b", "n"]);
    assert_eq!(fs::read(&a).unwrap(), b"new a");
}

#[test]
fn a_transaction_undoes_everything() {
    let (dir, a) = with_file("old a");
    let [b, m, n, gone] = ["b", "m", "n", "gone"].map(|name| dir.path().join(name));
    for path in [&m, &n, &gone] {
        fs::write(path, path.file_name().unwrap().as_encoded_bytes()).unwrap();
    }
    let full = Durability::Full;
    let mut all = Transaction::new(full);
    all.add(staged(&a, b"new a"));
    all.add(staged(&b, b"new b"));
    all.add(Undertaking::rename(&c(&m), &c(&n), full, true).unwrap());
    all.add(Undertaking::rename(&c(&n), &c(&dir.path().join("o")), full, true).unwrap());
    all.add(Undertaking::remove(&c(&gone), full).unwrap());
    all.add(Undertaking::remove(&c(&dir.path().join("nothing")), full).unwrap());
    let broken = all.commit().unwrap_err();
    assert_eq!((broken.error.kind(), broken.index), (ErrorKind::NotFound, 5));
    assert_eq!(broken.stuck, Vec::<Vec<u8>>::new());
    assert_eq!(names(&dir), ["a", "gone", "m", "n"]);
    assert_eq!(fs::read(&a).unwrap(), b"old a");
    assert_eq!((fs::read(&m).unwrap(), fs::read(&n).unwrap()), (b"m".to_vec(), b"n".to_vec()));
}
