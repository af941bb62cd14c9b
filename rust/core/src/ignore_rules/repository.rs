//! Where a repository is, and what is ignored in all of it.

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::config::Environment;
use super::file::read_all;
use super::list::{List, Verdict};
use crate::fs::Failure;

/// A repository: what its `.git/info/exclude` and the user's own file say.
#[derive(Debug, Default)]
pub(super) struct Repository {
    /// The one that goes before comes first.
    lists: Vec<List>,
    /// Whether upper and lower case are the same.
    pub(super) fold: bool,
}

impl Repository {
    /// The repository whose top is this directory, if it is one.
    pub(super) fn at(top: &Path, environment: &Environment, report: &mut dyn FnMut(Failure)) -> Option<Self> {
        let git = git_dir(top)?;
        let common = common_dir(&git);
        let own = [common.join("config"), git.join("config.worktree")];
        let config = environment.config(&crate::fs::real::real(&git).unwrap_or_else(|_| git.clone()), &own);
        let info = Some(common.join("info/exclude"));
        let excludes = config.excludes_file.map(|file| top.join(file));
        let mut lists = Vec::new();
        for file in [info, excludes].into_iter().flatten() {
            match read_all(&file) {
                Ok(Some(content)) => lists.push(List::parse(&content, config.fold)),
                Ok(None) => {}
                // As git: what the user may not read is passed over there.
                Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {}
                Err(error) => report(Failure::on(file.as_os_str().as_bytes(), error)),
            }
        }
        Some(Self { lists, fold: config.fold })
    }

    pub(super) fn verdict(&self, path: &[u8], is_directory: bool) -> Option<Verdict> {
        self.lists.iter().find_map(|list| list.verdict(path, is_directory))
    }
}

/// Whether a repository's working tree begins here.
pub(super) fn is_top(directory: &[u8]) -> bool {
    git_dir(Path::new(OsStr::from_bytes(directory))).is_some()
}

/// The directory that `.git` is or names.
fn git_dir(top: &Path) -> Option<PathBuf> {
    let git = top.join(".git");
    if git.is_dir() {
        return is_git_dir(&git).then_some(git);
    }
    let content = read_all(&git).ok()??;
    let named = content.strip_prefix(b"gitdir: ")?.trim_ascii_end();
    let named = top.join(OsStr::from_bytes(named));
    is_git_dir(&named).then_some(named)
}

/// Several working trees may share most of one.
fn common_dir(git: &Path) -> PathBuf {
    let content = read_all(&git.join("commondir")).ok().flatten();
    content.map_or_else(|| git.to_owned(), |named| git.join(OsStr::from_bytes(named.trim_ascii_end())))
}

fn is_git_dir(git: &Path) -> bool {
    let common = common_dir(git);
    is_head(&git.join("HEAD")) && common.join("objects").is_dir() && common.join("refs").is_dir()
}

fn is_head(head: &Path) -> bool {
    if let Ok(target) = head.read_link() {
        return target.starts_with("refs");
    }
    let Ok(Some(content)) = read_all(head) else { return false };
    match content.strip_prefix(b"ref:") {
        Some(name) => name.trim_ascii_start().starts_with(b"refs/"),
        None => content.len() >= 40 && content[..40].iter().all(u8::is_ascii_hexdigit),
    }
}
