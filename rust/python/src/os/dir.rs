//! Making and removing directories.

use rapfiles_core::fs::dir;

use super::args::Args;
use super::function::{Function, Started};
use crate::task::{Names, change};

pub static FUNCTIONS: [Function; 4] = [
    Function::new("mkdir", 2, &["path", "mode", "dir_fd"], mkdir),
    Function::new("makedirs", 3, &["name", "mode", "exist_ok"], makedirs),
    Function::new("rmdir", 1, &["path", "dir_fd"], rmdir),
    Function::new("removedirs", 1, &["name"], removedirs),
];

fn mkdir(args: &Args<'_, '_>) -> Started {
    let (path, mode, dir) = (args.path(0)?, args.mode(1)?, args.dir(2)?);
    Some(change(args.meter, Names::one(args.py, &path), move || dir::make(dir.borrow(), path.as_c(), mode)))
}

fn makedirs(args: &Args<'_, '_>) -> Started {
    let (path, mode, exist_ok) = (args.path(0)?, args.mode(1)?, args.flag(2, false)?);
    Some(change(args.meter, Names::one(args.py, &path), move || dir::make_all(path.as_c(), mode, exist_ok)))
}

fn rmdir(args: &Args<'_, '_>) -> Started {
    let (path, dir) = (args.path(0)?, args.dir(1)?);
    Some(change(args.meter, Names::one(args.py, &path), move || dir::remove(dir.borrow(), path.as_c())))
}

fn removedirs(args: &Args<'_, '_>) -> Started {
    let path = args.path(0)?;
    Some(change(args.meter, Names::one(args.py, &path), move || dir::remove_all(path.as_c())))
}
