//! Metadata, and what follows from them. The only operations here that the kernel can be asked for without a thread.

use std::io;

use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use rapfiles_core::Stop;
use rapfiles_core::engine::Lane;
use rapfiles_core::engine::metrics::Meter;
use rapfiles_core::fs::stat::{Status, stat, stat_now};

use super::args::Args;
use super::function::{Function, Started};
use super::target::{Dir, Target};
use crate::bridge::{Act, Operation, Step};
use crate::convert::stat::{seconds, stat_result};
use crate::error::os_error;
use crate::task::truth;

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

/// What is made of metadata, or of their absence.
enum View {
    Value(fn(Python<'_>, &Status) -> PyResult<Py<PyAny>>),
    /// Without metadata the answer is no.
    Question(fn(&Status) -> bool),
}

/// Nanoseconds that an attempt takes: three system calls on what is in memory.
const COST: u64 = 2500;

struct Ask {
    meter: &'static Meter,
    target: Target,
    follow: bool,
    view: View,
    result: Option<io::Result<Status>>,
}

impl Act for Ask {
    fn meter(&self) -> &'static Meter {
        self.meter
    }

    fn cost(&self) -> Option<u64> {
        Some(COST)
    }

    fn poll(&mut self, operation: &Bound<'_, Operation>) -> PyResult<Step> {
        let py = operation.py();
        let result = match self.result.take() {
            Some(result) => result,
            None => match stat_now(self.target.subject(self.follow)) {
                Err(Stop::WouldBlock) => return Ok(Step::Soon { lane: Lane::Disk, effect: false }),
                Err(Stop::Failed(error)) => Err(error),
                Ok(status) => Ok(status),
            },
        };
        let answer = match (&self.view, result) {
            (View::Value(view), Ok(status)) => view(py, &status),
            (View::Value(_), Err(error)) => Err(os_error(py, &error, Some(self.target.given()))),
            (View::Question(view), Ok(status)) => truth(py, view(&status)),
            (View::Question(_), Err(_)) => truth(py, false),
        };
        answer.map(Step::Done)
    }

    fn run(&mut self) {
        self.result = Some(stat(self.target.subject(self.follow)));
    }

    fn give_up(&mut self, _operation: &Bound<'_, Operation>) {}
}

fn ask(args: &Args<'_, '_>, target: Target, follow: bool, view: View) -> Box<dyn Act> {
    Box::new(Ask { meter: args.meter, target, follow, view, result: None })
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

fn is(status: &Status, kind: u32) -> bool {
    status.mode & libc::S_IFMT == kind
}

fn into<'py>(py: Python<'py>, value: impl IntoPyObjectExt<'py>) -> PyResult<Py<PyAny>> {
    value.into_py_any(py)
}
