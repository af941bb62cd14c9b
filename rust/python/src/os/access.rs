//! What may be done with a path, and what it is the top of.

use rapfiles_core::fs::Failure;
use rapfiles_core::fs::access::{Question, access};
use rapfiles_core::fs::mount::is_mount;

use super::args::Args;
use super::function::{Function, Started};
use crate::task::{Names, look, truth};

pub static FUNCTIONS: [Function; 2] = [
    Function::new("access", 2, &["path", "mode", "dir_fd", "effective_ids", "follow_symlinks"], may),
    Function::new("ismount", 1, &["path"], mounted),
];

fn may(args: &Args<'_, '_>) -> Started {
    let (path, dir) = (args.path(0)?, args.dir(2)?);
    let mode = args.number(1).and_then(|mode| i32::try_from(mode).ok())?;
    let question = Question { mode, effective: args.flag(3, false)?, follow: args.flag(4, true)? };
    let work = move || Ok::<_, Failure>(access(dir.borrow(), path.as_c(), question));
    Some(look(args.meter, Names::default(), work, truth))
}

fn mounted(args: &Args<'_, '_>) -> Started {
    let path = args.path(0)?;
    Some(look(args.meter, Names::default(), move || Ok::<_, Failure>(is_mount(path.as_c())), truth))
}
