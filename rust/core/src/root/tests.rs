use std::ffi::CString;
use std::fs;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::Path;

use super::*;

fn c(text: impl AsRef<Path>) -> CString {
    CString::new(text.as_ref().as_os_str().as_bytes()).unwrap()
}

/// A directory with everything that leads somewhere, and a secret beside it.
fn tree() -> (tempfile::TempDir, Root) {
    let base = tempfile::tempdir().unwrap();
    let inside = base.path().join("inside");
    fs::create_dir_all(inside.join("a/b")).unwrap();
    fs::write(inside.join("a/b/file"), "deep").unwrap();
    fs::write(inside.join("file"), "flat").unwrap();
    fs::write(base.path().join("secret"), "secret").unwrap();
    for (name, target) in [
        ("in", "a/b/file"),
        ("dir", "a"),
        ("a/up", "../file"),
        ("out", "../secret"),
        ("a/out", "../../secret"),
        ("loop", "loop"),
        ("slash", "file/"),
        ("gone", "nowhere"),
    ] {
        symlink(target, inside.join(name)).unwrap();
    }
    symlink(base.path().join("secret"), inside.join("absolute")).unwrap();
    symlink(inside.join("file"), inside.join("absolute_in")).unwrap();
    let root = Root::open(&c(&inside)).unwrap();
    (base, root)
}

type Open = fn(&Root, &CStr) -> io::Result<OwnedFd>;

/// Both ways of opening have to agree.
const WAYS: [Open; 2] = [
    |root, path| root.open_file(path, OFlags::RDONLY),
    |root, path| {
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
        Ok(walk::open(root.fd(), path, flags)?)
    },
];

fn text(open: Open, root: &Root, path: &str) -> Result<String, Option<i32>> {
    let fd = open(root, &c(path)).map_err(|error| error.raw_os_error())?;
    let mut text = String::new();
    fs::File::from(fd).read_to_string(&mut text).unwrap();
    Ok(text)
}

#[test]
fn what_is_beneath_is_opened() {
    let (_base, root) = tree();
    for open in WAYS {
        for path in ["a/b/file", "in", "dir/b/file", "a/../a/b/./file", "a//b/file"] {
            assert_eq!(text(open, &root, path).as_deref(), Ok("deep"), "{path}");
        }
        for path in ["file", "a/up", "dir/up", "a/b/../../file", "./file"] {
            assert_eq!(text(open, &root, path).as_deref(), Ok("flat"), "{path}");
        }
    }
}

#[test]
fn nothing_else_is() {
    let (_base, root) = tree();
    for open in WAYS {
        for path in
            ["..", "../secret", "out", "a/out", "dir/out", "absolute", "absolute_in", "/etc/passwd", "a/../../secret"]
        {
            assert_eq!(text(open, &root, path), Err(Some(libc::EXDEV)), "{path}");
        }
        assert_eq!(text(open, &root, ""), Err(Some(libc::ENOENT)));
        assert_eq!(text(open, &root, "gone"), Err(Some(libc::ENOENT)));
        assert_eq!(text(open, &root, "loop"), Err(Some(libc::ELOOP)));
        for path in ["file/", "file/x", "slash", "in/.."] {
            assert_eq!(text(open, &root, path), Err(Some(libc::ENOTDIR)), "{path}");
        }
        assert_eq!(text(open, &root, &"x".repeat(300)), Err(Some(libc::ENAMETOOLONG)));
    }
}

#[test]
fn a_fifo_keeps_nobody_waiting() {
    let (base, root) = tree();
    let fifo = base.path().join("inside/fifo");
    rustix::fs::mknodat(CWD, &fifo, rustix::fs::FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
    for open in WAYS {
        assert!(open(&root, c"fifo").is_ok());
    }
}

#[test]
fn a_way_out_is_known_by_its_error() {
    let (_base, root) = tree();
    assert!(escapes(&root.open_file(c"out", OFlags::RDONLY).unwrap_err()));
    assert!(!escapes(&root.open_file(c"gone", OFlags::RDONLY).unwrap_err()));
}

#[test]
#[cfg(target_os = "linux")]
fn metadata_need_no_permission_to_read() {
    let (_base, root) = tree();
    for path in [c"a/b/file", c"in", c"a"] {
        assert!(root.open_file(path, OFlags::PATH).is_ok());
        assert!(walk::open(root.fd(), path, OFlags::PATH | OFlags::CLOEXEC).is_ok());
    }
}

/// Somebody swaps a directory for a link that leads out, all the time.
#[test]
fn nobody_gets_out_by_being_quick() {
    use std::sync::atomic::{AtomicBool, Ordering};
    let (base, root) = tree();
    let inside = base.path().join("inside");
    fs::create_dir(base.path().join("outside")).unwrap();
    fs::write(base.path().join("outside/file"), "secret").unwrap();
    fs::create_dir(inside.join("swapped")).unwrap();
    fs::write(inside.join("swapped/file"), "flat").unwrap();
    symlink("../outside", inside.join("other")).unwrap();
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let (one, two) = (inside.join("swapped"), inside.join("other"));
            while !over.load(Ordering::Relaxed) {
                let flags = rustix::fs::RenameFlags::EXCHANGE;
                rustix::fs::renameat_with(CWD, &one, CWD, &two, flags).unwrap();
            }
        });
        let mut opened = 0;
        let turns = std::env::var("RAPFILES_RACES").ok().and_then(|text| text.parse().ok()).unwrap_or(20_000);
        for turn in 0..turns {
            if let Ok(found) = text(WAYS[turn % 2], &root, "swapped/file") {
                assert_eq!(found, "flat");
                opened += 1;
            }
        }
        over.store(true, Ordering::Relaxed);
        assert!(opened > 0);
    });
}
