//! What is ignored, compared with git itself on made repositories.
//!
//! `RAPFILES_GIT_REPOSITORIES` says on how many (30), `RAPFILES_GIT_SEED` on which.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use rapfiles_core::engine::channel::Closed;
use rapfiles_core::find::{Entry, Finder, Options, Sink, Types};
use rapfiles_core::fs::Failure;
use rapfiles_core::ignore_rules::{Environment, Settings};

/// Numbers that look random, the same ones each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(sides).unwrap()).unwrap()
    }

    fn of<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.roll(all.len())]
    }
}

const NAMES: [&str; 14] = ["a", "b", "ab", "a.c", "b.c", "A", "foo", "bar", "a b", "x ", "#a", "!b", "[a]", "a\\b"];

fn fill(dice: &mut Dice, directory: &Path, depth: usize) {
    for _ in 0..=dice.roll(6) {
        let path = directory.join(dice.of(&NAMES));
        match dice.roll(8) {
            0..4 if depth < 4 => {
                if fs::create_dir(&path).is_ok() {
                    fill(dice, &path, depth + 1);
                }
            }
            4 if path.symlink_metadata().is_err() => symlink("..", &path).unwrap(),
            _ if path.is_dir() => {}
            _ => fs::write(&path, "").unwrap(),
        }
    }
    if depth == 0 || dice.roll(3) == 0 {
        fs::write(directory.join(".gitignore"), lines(dice)).unwrap();
    }
}

fn lines(dice: &mut Dice) -> String {
    let mut lines = String::from(dice.of(&["", "", "", "\u{feff}"]));
    for _ in 0..=dice.roll(5) {
        lines.push_str(&line(dice));
        lines.push_str(dice.of(&["\n", "\n", "\n", "\r\n", "\n\n"]));
    }
    if dice.roll(4) == 0 {
        lines.push_str(&line(dice));
    }
    lines
}

fn line(dice: &mut Dice) -> String {
    let pieces = [
        "a",
        "b",
        "c",
        "a",
        "b",
        "foo",
        "bar",
        ".",
        ".c",
        "*",
        "*",
        "?",
        "**",
        "/",
        "/",
        "/**/",
        "**/",
        "/**",
        "/*",
        "[a]",
        "[!a]",
        "[^b]",
        "[a-c]",
        "[]a]",
        "[[:alpha:]]",
        "[[:upper:]]",
        "[[:foo:]]",
        "[",
        "[a",
        "]",
        "[a-",
        "\\a",
        "\\*",
        "\\",
        "\\[",
        " ",
        "\\ ",
        "#",
        "\\#",
        "!",
        "\\!",
        "A",
        "**\\/",
        "[a\\]b]",
        "[/]",
        "[!/]",
        "[b-a]",
        "[.-c]",
    ];
    let mut line = String::from(dice.of(&["", "", "", "", "!", "!", "/", "!/", "**/", "#", "\\"]));
    for _ in 0..=dice.roll(4) {
        line.push_str(dice.of(&pieces));
    }
    line + dice.of(&["", "", "", "/", "/", " ", "  ", "/ ", "\\ "])
}

#[derive(Default)]
struct Found {
    paths: BTreeSet<Vec<u8>>,
    start: usize,
}

impl Sink for Found {
    fn found(&mut self, entry: &Entry<'_>) -> Result<(), Closed> {
        self.paths.insert(entry.path[self.start..].to_vec());
        Ok(())
    }

    fn report(&mut self, failure: Failure) -> Result<(), Closed> {
        panic!("{failure:?}");
    }

    fn fail(&mut self, failure: Failure) {
        panic!("{failure:?}");
    }

    fn wanted(&self) -> bool {
        true
    }

    fn idle(&mut self) -> Result<(), Closed> {
        Ok(())
    }
}

fn ours(root: &Path) -> BTreeSet<Vec<u8>> {
    let settings = Settings { git: Some(Environment::read()), ..Settings::default() };
    let types = Types::FILE.and(Types::SYMLINK);
    let options = Options { hidden: true, ignore: Some(settings), types, ..Options::default() };
    let root = root.as_os_str().as_bytes();
    let mut found = Found { start: root.len() + 1, ..Found::default() };
    Finder::new(vec![root.to_vec()], options).work(&mut found);
    found.paths
}

fn git(root: &Path) -> BTreeSet<Vec<u8>> {
    let mut git = Command::new("git");
    git.current_dir(root).args(["ls-files", "-co", "-z", "--exclude-standard"]);
    let output = git.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout.split(|byte| *byte == 0).filter(|path| !path.is_empty()).map(<[u8]>::to_vec).collect()
}

/// As little of a repository as git accepts.
fn make_repository(dice: &mut Dice, top: &Path) {
    for directory in ["objects", "refs", "info"] {
        fs::create_dir_all(top.join(".git").join(directory)).unwrap();
    }
    fs::write(top.join(".git/HEAD"), "ref: refs/heads/main\n").unwrap();
    let fold = dice.of(&["", "", "", "ignorecase = true\n"]);
    let excludes = dice.of(&["", "", "excludesFile = \"more patterns\"\n"]);
    let config = format!("[core]\nrepositoryformatversion = 0\n{fold}{excludes}");
    fs::write(top.join(".git/config"), config).unwrap();
    if dice.roll(3) == 0 {
        fs::write(top.join(".git/info/exclude"), lines(dice)).unwrap();
    }
    if !excludes.is_empty() {
        fs::write(top.join("more patterns"), lines(dice)).unwrap();
    }
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |value| value.parse().unwrap())
}

#[test]
fn what_is_ignored_is_what_git_ignores() {
    if Command::new("git").arg("--version").output().is_err() {
        eprintln!("SKIPPED: no git here");
        return;
    }
    let seed = number("RAPFILES_GIT_SEED", 1);
    for repository in 0..number("RAPFILES_GIT_REPOSITORIES", 30) {
        let mut dice = Dice((seed << 32) + repository + 0x9E37_79B9_7F4A_7C15);
        (0..9).for_each(|_| _ = dice.roll(2));
        let top = tempfile::tempdir().unwrap();
        make_repository(&mut dice, top.path());
        fill(&mut dice, top.path(), 0);
        let (ours, git) = (ours(top.path()), git(top.path()));
        if ours != git {
            let text = |paths: Vec<&Vec<u8>>| {
                paths.iter().map(|p| String::from_utf8_lossy(p).into_owned()).collect::<Vec<_>>()
            };
            eprintln!("repository {repository}");
            eprintln!("only ours: {:?}", text(ours.difference(&git).collect()));
            eprintln!("only git's: {:?}", text(git.difference(&ours).collect()));
            panic!("kept in {:?}", top.keep());
        }
    }
}
