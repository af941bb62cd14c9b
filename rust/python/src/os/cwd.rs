//! The working directory, and paths that begin in it. The kernel has it in memory: no thread is needed.

use std::io;

use pyo3::intern;
use pyo3::prelude::*;
use rapfiles_core::Stop;
use rapfiles_core::engine::Lane;
use rapfiles_core::engine::metrics::Meter;
use rapfiles_core::fs::cwd::{cwd, cwd_now};

use super::args::Args;
use super::function::{Function, Started};
use crate::bridge::{Act, Operation, Step};
use crate::convert::path::Style;
use crate::error::os_error;

pub static FUNCTIONS: [Function; 2] = [
    Function::new("getcwd", 0, &[], |args| Some(Box::new(Cwd { meter: args.meter, path: None, result: None }))),
    Function::new("abspath", 1, &["path"], abspath),
];

/// `getcwd()`, or `abspath(path)` if there is a path.
struct Cwd {
    meter: &'static Meter,
    path: Option<Py<PyAny>>,
    result: Option<io::Result<Vec<u8>>>,
}

impl Act for Cwd {
    fn meter(&self) -> &'static Meter {
        self.meter
    }

    fn poll(&mut self, operation: &Bound<'_, Operation>) -> PyResult<Step> {
        let py = operation.py();
        let result = match self.result.take() {
            Some(result) => result,
            None => match cwd_now() {
                Err(Stop::WouldBlock) => return Ok(Step::Soon { lane: Lane::Disk, effect: false }),
                Err(Stop::Failed(error)) => Err(error),
                Ok(path) => Ok(path),
            },
        };
        if let Some(path) = &self.path {
            // The rest is about letters, and asks the kernel for nothing but this directory.
            let library = py.import(intern!(py, "os.path"))?;
            return Ok(Step::Done(library.call_method1(intern!(py, "abspath"), (path,))?.unbind()));
        }
        match result {
            Ok(path) => Style::Str.tell(py, &path).map(|path| Step::Done(path.unbind())),
            Err(error) => Err(os_error(py, &error, None)),
        }
    }

    fn run(&mut self) {
        self.result = Some(cwd());
    }

    fn give_up(&mut self, _operation: &Bound<'_, Operation>) {}
}

fn abspath(args: &Args<'_, '_>) -> Started {
    Some(Box::new(Cwd { meter: args.meter, path: Some(args.object(0)?.clone().unbind()), result: None }))
}
