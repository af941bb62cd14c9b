//! What `pathlib.Path` is asked about itself: unlike `os.path`, it tells of errors that leave the answer open.

use rapfiles_core::fs::stat::Status;

use super::args::Args;
use super::function::{Function, Started};
use crate::ask::{Ask, View, is};

pub static FUNCTIONS: [Function; 8] = [
    Function::new("Path.exists", 1, &["path", "follow_symlinks"], |args| question(args, |_| true)),
    Function::new("Path.is_file", 1, &["path", "follow_symlinks"], |args| question(args, |s| is(s, libc::S_IFREG))),
    Function::new("Path.is_dir", 1, &["path", "follow_symlinks"], |args| question(args, |s| is(s, libc::S_IFDIR))),
    Function::new("Path.is_symlink", 1, &["path"], |args| asked(args, false, |s| is(s, libc::S_IFLNK))),
    Function::new("Path.is_fifo", 1, &["path"], |args| asked(args, true, |s| is(s, libc::S_IFIFO))),
    Function::new("Path.is_socket", 1, &["path"], |args| asked(args, true, |s| is(s, libc::S_IFSOCK))),
    Function::new("Path.is_block_device", 1, &["path"], |args| asked(args, true, |s| is(s, libc::S_IFBLK))),
    Function::new("Path.is_char_device", 1, &["path"], |args| asked(args, true, |s| is(s, libc::S_IFCHR))),
];

fn question(args: &Args<'_, '_>, view: fn(&Status) -> bool) -> Started {
    asked(args, args.flag(1, true)?, view)
}

fn asked(args: &Args<'_, '_>, follow: bool, view: fn(&Status) -> bool) -> Started {
    // Later versions take every error for a no.
    let view = if args.py.version_info() >= (3, 14) { View::Question(view) } else { View::Certain(view) };
    Some(Box::new(Ask::new(args.meter, args.path_or_fd(0)?, follow, view)))
}
