//! What a filesystem says of itself.

use rapfiles_core::fs::statvfs::{of_file, of_path};

use super::args::Args;
use super::function::{Function, Started};
use crate::convert::stat::statvfs_result;
use crate::convert::target::Target;
use crate::task::{Names, look};

pub static FUNCTIONS: [Function; 1] = [Function::new("statvfs", 1, &["path"], statvfs)];

fn statvfs(args: &Args<'_, '_>) -> Started {
    let target = args.path_or_fd(0)?;
    let names = Names::object(target.given().clone_ref(args.py));
    let work = move || match &target {
        Target::Path(path, _) => of_path(path.as_c()),
        Target::Fd(fd, _) => of_file(fd.borrow()),
    };
    Some(look(args.meter, names, work, |py, figures| statvfs_result(py, &figures)))
}
