//! Paths taken apart, as Python's `os.path.split` does it.

use std::ffi::{CStr, CString};

/// Everything up to the last slash, and what comes after it. The head keeps its slashes only if it is the root.
pub fn split(path: &[u8]) -> (&[u8], &[u8]) {
    let (head, tail) = path.split_at(memchr::memrchr(b'/', path).map_or(0, |slash| slash + 1));
    let end = head.iter().rposition(|&byte| byte != b'/').map_or(head.len(), |last| last + 1);
    (&head[..end], tail)
}

/// As [`split`], but slashes at the end of the path don't count.
pub fn parent(path: &[u8]) -> (&[u8], &[u8]) {
    match split(path) {
        (head, b"") => split(head),
        both => both,
    }
}

/// Part of a path as the system wants it.
pub fn c_string(part: &[u8]) -> CString {
    // What is part of a C string has no NUL in it.
    CString::new(part).unwrap_or_default()
}

/// Whether a path leads somewhere.
pub fn exists(path: &CStr) -> bool {
    super::retry(|| rustix::fs::stat(path)).is_ok()
}

/// A path without slashes at its end, unless it is the root.
pub(crate) fn trimmed(path: &[u8]) -> &[u8] {
    let end = path.iter().rposition(|&byte| byte != b'/').map_or(path.len().min(1), |last| last + 1);
    &path[..end]
}

/// A name in a directory, as a path.
pub(crate) fn join(directory: &[u8], name: &[u8]) -> Vec<u8> {
    let mut path = Vec::with_capacity(directory.len() + 1 + name.len());
    path.extend_from_slice(directory);
    if !path.ends_with(b"/") && !path.is_empty() {
        path.push(b'/');
    }
    path.extend_from_slice(name);
    path
}

#[cfg(test)]
mod tests {
    use super::{parent, split};

    #[test]
    fn as_python_splits() {
        let cases: [(&[u8], &[u8], &[u8]); 7] = [
            (b"", b"", b""),
            (b"a", b"", b"a"),
            (b"a/", b"a", b""),
            (b"/", b"/", b""),
            (b"//a", b"//", b"a"),
            (b"a//b", b"a", b"b"),
            (b"/a/b/c", b"/a/b", b"c"),
        ];
        for (path, head, tail) in cases {
            assert_eq!(split(path), (head, tail));
        }
        assert_eq!(parent(b"a/b/"), (&b"a"[..], &b"b"[..]));
    }
}
