//! Metadata, and what follows from them. The only operations here that the kernel can be asked for without a thread.

use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use rapfiles_core::fs::stat::Status;

use super::args::Args;
use super::function::{Function, Started};
use crate::ask::{Ask, View, is};
use crate::bridge::Act;
use crate::convert::stat::{seconds, stat_result};
use crate::convert::target::{Dir, Target};

pub static FUNCTIONS: [Function; 10] = [
    Function::new("stat", 1, &["path", "dir_fd", "follow_symlinks"], whole),
    Function::new("getsize", 1, &["filename"], |args| value(args, |py, status| into(py, status.size))),
    Function::new("getatime", 1, &["filename"], |args| value(args, |py, status| into(py, seconds(status.atime)))),
    Function::new("getmtime", 1, &["filename"], |args| value(args, |py, status| into(py, seconds(status.mtime)))),
    Function::new("getctime", 1, &["filename"], |args| value(args, |py, status| into(py, seconds(status.ctime)))),
    Function::new("exists", 1, &["path"], |args| question(args, |_| true)),
    Function::new("isfile", 1, &["path"], |args| question(args, |status| is(status, libc::S_IFREG))),
    Function::new("isdir", 1, &["s"], |args| question(args, |status| is(status, libc::S_IFDIR))),
    Function::new("islink", 1, &["path"], |args| of_itself(args, |status| is(status, libc::S_IFLNK))),
    Function::new("lexists", 1, &["path"], |args| of_itself(args, |_| true)),
];

fn ask(args: &Args<'_, '_>, target: Target, follow: bool, view: View) -> Box<dyn Act> {
    Box::new(Ask::new(args.meter, target, follow, view))
}

fn whole(args: &Args<'_, '_>) -> Started {
    let (dir, follow) = (args.dir(1)?, args.flag(2, true)?);
    let target = match args.path_or_fd(0)? {
        Target::Path(path, _) => Target::Path(path, dir),
        // With a descriptor these make no sense, which is the standard library's to say.
        fd if dir.is_cwd() && follow => fd,
        Target::Fd(..) => return None,
    };
    Some(ask(args, target, follow, View::Value(stat_result)))
}

fn value(args: &Args<'_, '_>, view: fn(Python<'_>, &Status) -> PyResult<Py<PyAny>>) -> Started {
    Some(ask(args, args.path_or_fd(0)?, true, View::Value(view)))
}

fn question(args: &Args<'_, '_>, view: fn(&Status) -> bool) -> Started {
    Some(ask(args, args.path_or_fd(0)?, true, View::Question(view)))
}

fn of_itself(args: &Args<'_, '_>, view: fn(&Status) -> bool) -> Started {
    Some(ask(args, Target::Path(args.path(0)?, Dir::CWD), false, View::Question(view)))
}

fn into<'py>(py: Python<'py>, value: impl IntoPyObjectExt<'py>) -> PyResult<Py<PyAny>> {
    value.into_py_any(py)
}
