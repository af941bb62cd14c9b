//! The rules in force in one directory: its own, and those of the directories above.

use std::ffi::OsStr;
use std::fmt;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::config::Environment;
use super::file::{read_all, read_no_link};
use super::list::{List, Verdict};
use super::repository::{self, Repository};
use crate::fs::real::real;
use crate::fs::{Blame, Failure};

/// Which rules there are.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Git's: `.gitignore` files, `.git/info/exclude`, `core.excludesFile`. Only in a repository; with where its
    /// configuration is.
    pub git: Option<Environment>,
    /// Names of more files, looked for in every directory from the root of the walk on. They go before git's, a later
    /// name before an earlier one.
    pub names: Vec<Vec<u8>>,
    /// More files, whose patterns are relative to the root of the walk. They come after `names`.
    pub files: Vec<PathBuf>,
}

const GIT_IGNORE: &[u8] = b".gitignore";
const GIT: &[u8] = b".git";

/// The rules in force for the entries of one directory. Cheap to clone.
#[derive(Clone)]
pub struct Rules {
    walk: Arc<Walk>,
    git: Option<Arc<Level>>,
    custom: Option<Arc<Level>>,
}

/// What all rules of one walk share.
struct Walk {
    settings: Settings,
    files: Vec<List>,
    /// How much of a path is its root, with the slash.
    root: usize,
    /// The way from the top of the repository to the root of the walk, with a slash at its end.
    lead: Vec<u8>,
}

/// One directory's own rules.
struct Level {
    above: Option<Arc<Level>>,
    lists: Vec<List>,
    /// Where paths begin that are relative to the directory: in the lead and then the path behind the root.
    start: usize,
    /// The repository that begins here or above.
    repository: Option<Arc<Repository>>,
}

impl fmt::Debug for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rules").field("settings", &self.walk.settings).finish_non_exhaustive()
    }
}

impl Rules {
    /// For the entries of `root`, where a walk begins: with what the directories above say, up to the top of the
    /// repository. The root itself is never ignored. `has` says which names there are in it.
    ///
    /// # Errors
    /// One of the settings' files can't be read.
    pub fn new(
        settings: Settings,
        root: &[u8],
        has: &dyn Fn(&[u8]) -> bool,
        report: &mut dyn FnMut(Failure),
    ) -> Result<Self, Failure> {
        let mut files = Vec::new();
        for file in &settings.files {
            let missing = || std::io::Error::from_raw_os_error(libc::ENOENT);
            let read = read_all(file).and_then(|content| content.ok_or_else(missing));
            let content = read.map_err(|error| Failure::on(file.as_os_str().as_bytes(), error))?;
            files.push(List::parse(&content, false));
        }
        let (lead, git) = match &settings.git {
            Some(environment) if !(has(GIT) && repository::is_top(root)) => {
                above(root, environment, report).unwrap_or_default()
            }
            _ => (Vec::new(), None),
        };
        let slash = usize::from(!root.ends_with(b"/"));
        let walk = Walk { settings, files, root: root.len() + slash, lead };
        let rules = Self { walk: Arc::new(walk), git, custom: None };
        Ok(rules.enter(root, has, report))
    }

    /// For the entries of a directory in the one these rules are of. `path` begins as the root was given; `has` says
    /// which names there are in the directory: what it doesn't have isn't looked for.
    #[must_use]
    pub fn enter(&self, path: &[u8], has: &dyn Fn(&[u8]) -> bool, report: &mut dyn FnMut(Failure)) -> Self {
        let mut inner = self.clone();
        let directory = Path::new(OsStr::from_bytes(path));
        let start = match path.len() {
            // The root itself.
            length if length < self.walk.root => self.walk.lead.len(),
            length => self.walk.lead.len() + length - self.walk.root + usize::from(length > self.walk.root),
        };
        if let Some(environment) = &self.walk.settings.git {
            if has(GIT)
                && let Some(repository) = Repository::at(directory, environment, report)
            {
                // Another repository: what is around it says nothing about it.
                let repository = Some(Arc::new(repository));
                inner.git = Some(Arc::new(Level { above: None, lists: Vec::new(), start, repository }));
            }
            // Outside of a repository, git has no rules.
            if let Some(above) = &inner.git
                && has(GIT_IGNORE)
                && let Some(list) = read(directory, GIT_IGNORE, above.fold(), report)
            {
                let repository = above.repository.clone();
                let above = Some(Arc::clone(above));
                inner.git = Some(Arc::new(Level { above, lists: vec![list], start, repository }));
            }
        }
        let names = self.walk.settings.names.iter().rev().filter(|name| has(name));
        let lists: Vec<_> = names.filter_map(|name| read(directory, name, false, report)).collect();
        if !lists.is_empty() {
            let above = self.custom.clone();
            inner.custom = Some(Arc::new(Level { above, lists, start, repository: None }));
        }
        inner
    }

    /// Whether an entry of the directory is ignored, a directory then with all that is in it. A symbolic link is not a
    /// directory, wherever it leads. `path` begins as the root was given.
    pub fn ignored(&self, path: &[u8], is_directory: bool) -> bool {
        let walk = &*self.walk;
        let below = path.get(walk.root..).unwrap_or_default();
        if walk.settings.git.is_some() && name_of(below) == GIT {
            return true;
        }
        if self.git.is_none() && self.custom.is_none() && walk.files.is_empty() {
            return false;
        }
        let whole;
        let full = if walk.lead.is_empty() {
            below
        } else {
            whole = [&walk.lead, below].concat();
            &whole
        };
        let custom = self.custom.as_ref().and_then(|level| level.verdict(full, is_directory));
        let verdict = custom
            .or_else(|| walk.files.iter().rev().find_map(|list| list.verdict(below, is_directory)))
            .or_else(|| self.git.as_ref().and_then(|level| level.verdict_of_all(full, is_directory)));
        verdict == Some(Verdict::Ignored)
    }
}

impl Level {
    fn fold(&self) -> bool {
        self.repository.as_ref().is_some_and(|repository| repository.fold)
    }

    fn verdict(&self, full: &[u8], is_directory: bool) -> Option<Verdict> {
        let mut level = Some(self);
        while let Some(here) = level {
            let path = full.get(here.start..).unwrap_or_default();
            let said = here.lists.iter().find_map(|list| list.verdict(path, is_directory));
            if said.is_some() {
                return said;
            }
            level = here.above.as_deref();
        }
        None
    }

    /// With what holds in the whole repository, relative to its top.
    fn verdict_of_all(&self, full: &[u8], is_directory: bool) -> Option<Verdict> {
        self.verdict(full, is_directory).or_else(|| {
            let mut top = self;
            while let Some(above) = &top.above {
                top = above;
            }
            let path = full.get(top.start..).unwrap_or_default();
            self.repository.as_ref()?.verdict(path, is_directory)
        })
    }
}

fn name_of(path: &[u8]) -> &[u8] {
    path.iter().rposition(|byte| *byte == b'/').map_or(path, |slash| &path[slash + 1..])
}

fn read(directory: &Path, name: &[u8], fold: bool, report: &mut dyn FnMut(Failure)) -> Option<List> {
    let file = directory.join(OsStr::from_bytes(name));
    match read_no_link(&file) {
        Ok(content) => content.map(|content| List::parse(&content, fold)).filter(|list| !list.is_empty()),
        Err(error) => {
            report(Failure { error, on: Blame::Path(file.as_os_str().as_bytes().to_vec()) });
            None
        }
    }
}

/// What the directories above a root say, from the top of the repository on, and the way from there.
fn above(
    root: &[u8],
    environment: &Environment,
    report: &mut dyn FnMut(Failure),
) -> Option<(Vec<u8>, Option<Arc<Level>>)> {
    let root = real(Path::new(OsStr::from_bytes(if root.is_empty() { b"." } else { root }))).ok()?;
    let found = root.ancestors().skip(1).find_map(|top| Some((top, Repository::at(top, environment, report)?)));
    let (top, repository) = found?;
    let way = root.strip_prefix(top).ok()?;
    let repository = Some(Arc::new(repository));
    let mut level = Arc::new(Level { above: None, lists: Vec::new(), start: 0, repository });
    let (mut directory, mut start) = (top.to_owned(), 0);
    for name in way {
        if let Some(list) = read(&directory, GIT_IGNORE, level.fold(), report) {
            let repository = level.repository.clone();
            level = Arc::new(Level { above: Some(level), lists: vec![list], start, repository });
        }
        directory.push(name);
        start += name.len() + 1;
    }
    Some(([way.as_os_str().as_bytes(), b"/"].concat(), Some(level)))
}
