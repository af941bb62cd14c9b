//! Names of files: more of them, other ones, fewer.

use pyo3::Bound;
use rapfiles_core::fs::{link, remove, rename};

use super::args::Args;
use super::function::{Function, Started};
use crate::convert::path::PathArg;
use crate::convert::target::Dir;
use crate::task::{Names, change, look};

pub static FUNCTIONS: [Function; 8] = [
    Function::new("rename", 2, &["src", "dst", "src_dir_fd", "dst_dir_fd"], rename),
    Function::new("replace", 2, &["src", "dst", "src_dir_fd", "dst_dir_fd"], rename),
    Function::new("renames", 2, &["old", "new"], renames),
    Function::new("link", 2, &["src", "dst", "src_dir_fd", "dst_dir_fd", "follow_symlinks"], link),
    Function::new("symlink", 3, &["src", "dst", "target_is_directory", "dir_fd"], symlink),
    Function::new("readlink", 1, &["path", "dir_fd"], readlink),
    Function::new("remove", 1, &["path", "dir_fd"], remove),
    Function::new("unlink", 1, &["path", "dir_fd"], remove),
];

/// Two paths, each with the directory it begins in.
struct Two {
    from: PathArg,
    to: PathArg,
    dirs: [Dir; 2],
}

impl Two {
    fn new(args: &Args<'_, '_>) -> Option<Self> {
        Some(Self { from: args.path(0)?, to: args.path(1)?, dirs: [args.dir(2)?, args.dir(3)?] })
    }

    fn names(&self, args: &Args<'_, '_>) -> Names {
        Names::two(args.py, &self.from, &self.to)
    }
}

fn rename(args: &Args<'_, '_>) -> Started {
    let two = Two::new(args)?;
    Some(change(args.meter, two.names(args), move || {
        rename::rename((two.dirs[0].borrow(), two.from.as_c()), (two.dirs[1].borrow(), two.to.as_c()))
    }))
}

fn renames(args: &Args<'_, '_>) -> Started {
    let (from, to) = (args.path(0)?, args.path(1)?);
    Some(change(args.meter, Names::two(args.py, &from, &to), move || rename::rename_all(from.as_c(), to.as_c())))
}

fn link(args: &Args<'_, '_>) -> Started {
    let two = Two::new(args)?;
    // What following means without being asked for depends on the version of Python, and on the directories.
    let plain = args.object(4).is_none() && two.dirs.iter().all(|dir| dir.is_cwd());
    if !plain && args.flag(4, true)? {
        return None;
    }
    Some(change(args.meter, two.names(args), move || {
        link::link((two.dirs[0].borrow(), two.from.as_c()), (two.dirs[1].borrow(), two.to.as_c()))
    }))
}

fn symlink(args: &Args<'_, '_>) -> Started {
    let (target, path, dir) = (args.path(0)?, args.path(1)?, args.dir(3)?);
    // It makes a difference on Windows only.
    args.flag(2, false)?;
    let names = Names::two(args.py, &target, &path);
    Some(change(args.meter, names, move || link::symlink(target.as_c(), dir.borrow(), path.as_c())))
}

fn readlink(args: &Args<'_, '_>) -> Started {
    let (path, dir) = (args.path(0)?, args.dir(1)?);
    let (names, style) = (Names::one(args.py, &path), path.style(args.py));
    let work = move || link::read(dir.borrow(), path.as_c());
    Some(look(args.meter, names, work, move |py, target| style.tell(py, &target).map(Bound::unbind)))
}

fn remove(args: &Args<'_, '_>) -> Started {
    let (path, dir) = (args.path(0)?, args.dir(1)?);
    Some(change(args.meter, Names::one(args.py, &path), move || remove::remove(dir.borrow(), path.as_c())))
}
