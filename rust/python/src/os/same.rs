//! Whether two of them are one and the same file.

use std::io;

use pyo3::prelude::*;
use rapfiles_core::Stop;
use rapfiles_core::engine::Lane;
use rapfiles_core::engine::metrics::Meter;
use rapfiles_core::fs::stat::{Status, stat, stat_now};

use super::args::Args;
use super::function::Function;
use crate::bridge::{Act, Operation, Step};
use crate::convert::target::Target;
use crate::error::os_error;
use crate::task::truth;

pub static FUNCTIONS: [Function; 2] = [
    Function::new("samefile", 2, &["f1", "f2"], |args| {
        Some(same(args, [args.path_or_fd(0)?, args.path_or_fd(1)?], true))
    }),
    Function::new("sameopenfile", 2, &["fp1", "fp2"], |args| {
        // Descriptors only; fstat doesn't name them in its errors.
        args.fd(0).and(args.fd(1))?;
        Some(same(args, [args.path_or_fd(0)?, args.path_or_fd(1)?], false))
    }),
];

struct Same {
    meter: &'static Meter,
    targets: [Target; 2],
    named: bool,
    results: [Option<io::Result<Status>>; 2],
}

fn same(args: &Args<'_, '_>, targets: [Target; 2], named: bool) -> Box<dyn Act> {
    Box::new(Same { meter: args.meter, targets, named, results: [None, None] })
}

impl Same {
    /// Asks for what isn't known yet, of the second only if the first is there. False if that would block.
    fn ask(&mut self, how: impl Fn(&Target) -> Result<Status, Stop>) -> bool {
        for (target, result) in self.targets.iter().zip(&mut self.results) {
            if result.is_none() {
                match how(target) {
                    Ok(status) => *result = Some(Ok(status)),
                    Err(Stop::Failed(error)) => *result = Some(Err(error)),
                    Err(Stop::WouldBlock) => return false,
                }
            }
            if let Some(Err(_)) = result {
                break;
            }
        }
        true
    }
}

impl Act for Same {
    fn meter(&self) -> &'static Meter {
        self.meter
    }

    fn poll(&mut self, operation: &Bound<'_, Operation>) -> PyResult<Step> {
        let py = operation.py();
        if !self.ask(|target| stat_now(target.subject(true))) {
            return Ok(Step::Soon { lane: Lane::Disk, effect: false });
        }
        for (target, result) in self.targets.iter().zip(&self.results) {
            if let Some(Err(error)) = result {
                return Err(os_error(py, error, self.named.then(|| target.given())));
            }
        }
        let [first, second] = self.results.each_ref().map(|result| match result {
            Some(Ok(status)) => Some((status.device, status.inode)),
            _ => None,
        });
        truth(py, first == second).map(Step::Done)
    }

    fn run(&mut self) {
        self.ask(|target| stat(target.subject(true)).map_err(Stop::Failed));
    }

    fn give_up(&mut self, _operation: &Bound<'_, Operation>) {}
}
