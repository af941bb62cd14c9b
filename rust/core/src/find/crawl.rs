//! Going through trees, with several threads.

use std::ffi::CStr;
use std::mem;
use std::ops::ControlFlow;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;

use grep_searcher::Searcher;
use rustix::fs::{AtFlags, FileType, statat};

use super::entry::{Entry, Sink};
use super::filter::Looked;
use super::finder::{Finder, Ready};
use super::listing::Lister;
use super::open::open_directory;
use crate::engine::channel::Closed;
use crate::fs::stat::{Status, Subject, stat};
use crate::fs::{Failure, retry};
use crate::ignore_rules::Rules;

/// So many bytes of names are read before they are looked at.
const CHUNK: usize = 16 * 1024;

/// A directory to be looked at.
#[derive(Debug)]
pub(super) struct Directory {
    pub(super) path: Vec<u8>,
    pub(super) root: usize,
    pub(super) depth: usize,
    /// Those of the directory above; None at the root.
    pub(super) rules: Option<Rules>,
    /// The directories above, if links are followed; the root, if its filesystem is not left.
    pub(super) above: Option<Arc<Above>>,
}

/// A directory on the way.
#[derive(Debug)]
pub(super) struct Above {
    identity: (u64, u64),
    above: Option<Arc<Above>>,
}

/// One thread's part.
pub(super) struct Worker<'f, S> {
    pub(super) finder: &'f Finder,
    pub(super) ready: Ready,
    pub(super) sink: &'f mut S,
    pub(super) searcher: Option<Searcher>,
    lister: Lister,
    /// The directory's, and then an entry's.
    path: Vec<u8>,
    /// Names, each with a NUL at its end.
    names: Vec<u8>,
    /// Where they begin, and what they are the names of.
    listed: Vec<(usize, FileType)>,
    found: Vec<Directory>,
}

/// The directory that is looked at.
struct Place<'a> {
    fd: BorrowedFd<'a>,
    /// How long the path is to where names begin.
    length: usize,
    /// How long it is to where the root ends.
    start: usize,
    root: usize,
    /// That of what is in it.
    depth: usize,
    rules: Option<Rules>,
    above: Option<Arc<Above>>,
}

impl<'f, S: Sink> Worker<'f, S> {
    pub(super) fn new(finder: &'f Finder, ready: Ready, sink: &'f mut S) -> Self {
        Self {
            finder,
            ready,
            sink,
            searcher: finder.options.content.as_ref().map(super::content::Content::searcher),
            lister: Lister::default(),
            path: Vec::new(),
            names: Vec::new(),
            listed: Vec::new(),
            found: Vec::new(),
        }
    }

    /// Takes directory after directory until there is none left.
    pub(super) fn run(&mut self) -> Result<(), Closed> {
        let pending = &self.finder.pending;
        let mut closed = Ok(());
        while let Some(directory) = pending.take(|| closed = self.sink.idle()) {
            closed?;
            self.sink.wanted().then_some(()).ok_or(Closed)?;
            self.sink.breathe()?;
            self.look(directory)?;
            pending.give(&mut self.found, true);
        }
        self.sink.finish()
    }

    fn look(&mut self, directory: Directory) -> Result<(), Closed> {
        let Directory { mut path, root, depth, rules, above } = directory;
        let options = &self.finder.options;
        self.sink.entering(&path)?;
        let fd = match open_directory(&path, options.follow_symlinks || depth == 0, &|| self.sink.wanted()) {
            Ok(fd) => fd,
            Err(errno) if depth == 0 => {
                self.sink.fail(Failure::on(&path, errno));
                return Err(Closed);
            }
            Err(errno) => return self.sink.report(Failure::on(&path, errno)),
        };
        let above = match self.enter(fd.as_fd(), &path, above)? {
            ControlFlow::Continue(above) => above,
            ControlFlow::Break(()) => return Ok(()),
        };
        let (fd, start) = (fd.as_fd(), self.finder.start(root));
        if !path.ends_with(b"/") {
            path.push(b'/');
        }
        let mut place = Place { fd, length: path.len(), start, root, depth: depth + 1, rules, above };
        self.path = path;
        let mut lister = mem::take(&mut self.lister);
        let mut outcome = Ok(());
        let read = lister.read(fd, |name, kind| {
            self.listed.push((self.names.len(), kind));
            self.names.extend_from_slice(name.to_bytes_with_nul());
            // With rules, all names are needed first: one of them may be that of a file with more rules.
            if options.ignore.is_none() && !options.in_order && self.names.len() > CHUNK {
                outcome = self.entries(&place);
            }
            if outcome.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        self.lister = lister;
        outcome?;
        if let Err(errno) = read {
            self.sink.report(Failure::on(&self.path[..place.length], errno))?;
        }
        if options.in_order {
            let name = |at: usize| CStr::from_bytes_until_nul(&self.names[at..]).unwrap_or_default();
            self.listed.sort_unstable_by(|&(a, _), &(b, _)| name(a).cmp(name(b)));
        }
        if options.ignore.is_some() {
            place.rules = self.rules(&place)?;
        }
        self.entries(&place)
    }

    /// Notes where it is, if that matters. Breaks where there is nothing to be done.
    fn enter(
        &mut self,
        fd: BorrowedFd<'_>,
        path: &[u8],
        above: Option<Arc<Above>>,
    ) -> Result<ControlFlow<(), Option<Arc<Above>>>, Closed> {
        let options = &self.finder.options;
        if !options.follow_symlinks && !options.same_file_system {
            return Ok(ControlFlow::Continue(None));
        }
        let status = match stat(Subject::Open(fd)) {
            Ok(status) => status,
            Err(error) => return self.sink.report(Failure::on(path, error)).map(ControlFlow::Break),
        };
        let identity = (status.device, status.inode);
        let way = || std::iter::successors(above.as_deref(), |here| here.above.as_deref());
        if options.same_file_system && way().next().is_some_and(|here| here.identity.0 != identity.0) {
            return Ok(ControlFlow::Break(()));
        }
        if options.follow_symlinks && way().any(|here| here.identity == identity) {
            let error = std::io::Error::from_raw_os_error(libc::ELOOP);
            return self.sink.report(Failure::on(path, error)).map(ControlFlow::Break);
        }
        Ok(ControlFlow::Continue(Some(Arc::new(Above { identity, above }))))
    }

    /// Those in force in the directory whose names have all been read.
    fn rules(&mut self, place: &Place<'_>) -> Result<Option<Rules>, Closed> {
        let Some(settings) = &self.finder.options.ignore else { return Ok(None) };
        let has = |wanted: &[u8]| {
            let with = |&(at, _): &(usize, FileType)| self.names[at..].strip_prefix(wanted);
            self.listed.iter().filter_map(with).any(|rest| rest[0] == 0)
        };
        let mut failures = Vec::new();
        let mut report = |failure| failures.push(failure);
        let rules = match &place.rules {
            Some(rules) => Ok(rules.enter(&self.path[..place.length - 1], &has, &mut report)),
            None => Rules::new(settings.clone(), &self.finder.roots[place.root], &has, &mut report),
        };
        for failure in failures {
            self.sink.report(failure)?;
        }
        match rules {
            Ok(rules) => Ok(Some(rules)),
            Err(failure) => {
                self.sink.fail(failure);
                Err(Closed)
            }
        }
    }

    /// Looks at what has been listed so far.
    fn entries(&mut self, place: &Place<'_>) -> Result<(), Closed> {
        let (names, mut listed) = (mem::take(&mut self.names), mem::take(&mut self.listed));
        let mut looked = Ok(());
        for &(at, kind) in &listed {
            // Every name in there ends with a NUL.
            let Ok(name) = CStr::from_bytes_until_nul(&names[at..]) else { continue };
            looked = self.entry(place, name, kind);
            if looked.is_err() {
                break;
            }
        }
        self.names = names;
        self.names.clear();
        listed.clear();
        self.listed = listed;
        self.finder.pending.give(&mut self.found, false);
        looked
    }

    fn entry(&mut self, place: &Place<'_>, name: &CStr, listed: FileType) -> Result<(), Closed> {
        let options = &self.finder.options;
        let bytes = name.to_bytes();
        if !options.hidden && bytes[0] == b'.' {
            return Ok(());
        }
        self.path.truncate(place.length);
        self.path.extend_from_slice(bytes);
        let Some(known) = self.kind(place, name, listed)? else { return Ok(()) };
        let (kind, is_directory) = (known.kind, known.kind == FileType::Directory);
        let (relative, at) = (&self.path[place.start..], place.length - place.start);
        if options.exclude.iter().any(|pattern| pattern.matches(relative, at, is_directory))
            || place.rules.as_ref().is_some_and(|rules| rules.ignored(&self.path, is_directory && !known.is_link))
        {
            return Ok(());
        }
        if is_directory && place.depth < options.depth.max {
            self.found.push(Directory {
                path: self.path.clone(),
                root: place.root,
                depth: place.depth,
                rules: place.rules.clone(),
                above: place.above.clone(),
            });
        }
        if place.depth < options.depth.min || !self.passes_by_name(relative, at, kind) {
            return Ok(());
        }
        let mut looked = Looked { directory: place.fd, name, kind, status: known.status };
        match self.passes(&mut looked) {
            Ok(true) => {}
            Ok(false) => return Ok(()),
            // It was removed in the meantime: then it isn't there.
            Err(error) if error.raw_os_error() == Some(libc::ENOENT) => return Ok(()),
            Err(error) => return self.sink.report(Failure::on(&self.path, error)),
        }
        let (root, depth) = (place.root, place.depth);
        let status = looked.status.as_ref();
        let link = known.is_link;
        self.sink.found(&Entry { path: &self.path, name: place.length, root, kind, link, depth, status })
    }

    /// What an entry is, if the directory doesn't say or links are followed; None if it is gone.
    fn kind(&mut self, place: &Place<'_>, name: &CStr, listed: FileType) -> Result<Option<Known>, Closed> {
        let follow = self.finder.options.follow_symlinks;
        let mut known = Known { kind: listed, is_link: listed == FileType::Symlink, status: None };
        if listed == FileType::Unknown {
            match retry(|| statat(place.fd, name, AtFlags::SYMLINK_NOFOLLOW)) {
                Ok(status) => {
                    known.kind = FileType::from_raw_mode(status.st_mode);
                    known.is_link = known.kind == FileType::Symlink;
                    known.status = Some(Status::from(&status));
                }
                Err(rustix::io::Errno::NOENT) => return Ok(None),
                Err(errno) => return self.sink.report(Failure::on(&self.path, errno)).map(|()| None),
            }
        }
        // A link that leads nowhere remains one.
        if follow
            && known.is_link
            && let Ok(status) = retry(|| statat(place.fd, name, AtFlags::empty()))
        {
            known.kind = FileType::from_raw_mode(status.st_mode);
            known.status = Some(Status::from(&status));
        }
        Ok(Some(known))
    }
}

/// What is known of an entry before anything is asked.
struct Known {
    kind: FileType,
    is_link: bool,
    status: Option<Status>,
}
