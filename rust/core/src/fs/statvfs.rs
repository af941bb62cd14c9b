//! What a filesystem says of itself.

use std::ffi::CStr;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, BorrowedFd};

use libc::statvfs as Raw;

/// The figures, as the C library gives them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // the names say it
pub struct Figures {
    pub block_size: u64,
    pub fragment_size: u64,
    pub blocks: u64,
    pub blocks_free: u64,
    pub blocks_available: u64,
    pub files: u64,
    pub files_free: u64,
    pub files_available: u64,
    pub flags: u64,
    pub longest_name: u64,
    pub id: u64,
}

impl Figures {
    /// How many bytes the filesystem has, how many of them are used, and how many are free for everybody.
    pub fn usage(&self) -> [u64; 3] {
        let bytes = |blocks: u64| blocks.saturating_mul(self.fragment_size);
        [self.blocks, self.blocks.saturating_sub(self.blocks_free), self.blocks_available].map(bytes)
    }
}

impl From<&Raw> for Figures {
    #[allow(clippy::useless_conversion)] // the types differ between platforms
    fn from(raw: &Raw) -> Self {
        Self {
            block_size: raw.f_bsize.into(),
            fragment_size: raw.f_frsize.into(),
            blocks: raw.f_blocks.into(),
            blocks_free: raw.f_bfree.into(),
            blocks_available: raw.f_bavail.into(),
            files: raw.f_files.into(),
            files_free: raw.f_ffree.into(),
            files_available: raw.f_favail.into(),
            flags: raw.f_flag.into(),
            longest_name: raw.f_namemax.into(),
            id: raw.f_fsid.into(),
        }
    }
}

/// The figures of the filesystem that a path lies on.
pub fn of_path(path: &CStr) -> io::Result<Figures> {
    // SAFETY: the path ends with a NUL.
    ask(|to| unsafe { libc::statvfs(path.as_ptr(), to) })
}

/// The figures of the filesystem that an open file lies on.
pub fn of_file(fd: BorrowedFd<'_>) -> io::Result<Figures> {
    // SAFETY: a number is all it takes.
    ask(|to| unsafe { libc::fstatvfs(fd.as_raw_fd(), to) })
}

fn ask(call: impl Fn(*mut Raw) -> i32) -> io::Result<Figures> {
    let mut raw = MaybeUninit::uninit();
    while call(raw.as_mut_ptr()) != 0 {
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
    // SAFETY: the call succeeded, so it is filled.
    Ok(Figures::from(&unsafe { raw.assume_init() }))
}
