//! From one descriptor to another within the kernel.

use pyo3::IntoPyObjectExt;
use rapfiles_core::fs::sendfile::sendfile;

use super::args::Args;
use super::function::{Function, Started};
use crate::task::stream;

pub static FUNCTIONS: [Function; 1] = [Function::new("sendfile", 4, &["out_fd", "in_fd", "offset", "count"], send)];

fn send(args: &Args<'_, '_>) -> Started {
    let (to, from) = (args.fd(0)?, args.fd(1)?);
    let number = |place| args.number(place).and_then(|number| u64::try_from(number).ok());
    args.object(2)?;
    let offset = if args.absent(2) { None } else { Some(number(2)?) };
    let count = usize::try_from(number(3)?).ok()?;
    let work = move || sendfile(to.borrow(), from.borrow(), offset, count);
    Some(stream(args.meter, work, |py, sent| sent.into_py_any(py)))
}
