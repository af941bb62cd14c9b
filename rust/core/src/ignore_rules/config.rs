//! What git's configuration says of ignored files: `core.excludesFile` and `core.ignoreCase`.

use std::ffi::OsStr;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use super::file::read_all;
use super::wild::Wild;

/// Files that include files that include files: so deep at most, as git does.
const DEPTH: usize = 10;

/// Where git's configuration is looked for. Taken from the environment once, where it may be read.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    home: Option<PathBuf>,
    /// `$XDG_CONFIG_HOME/git`, or what stands for it.
    xdg: Option<PathBuf>,
    system: Option<PathBuf>,
    global: Option<PathBuf>,
}

impl Environment {
    /// As the environment variables say. To be called where no other thread changes them.
    pub fn read() -> Self {
        let path = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let home = path("HOME");
        let xdg = path("XDG_CONFIG_HOME").or_else(|| Some(home.as_ref()?.join(".config")));
        let truth = |value: &OsStr| {
            let value = value.to_ascii_lowercase();
            !(value.is_empty() || value == "0" || value == "false" || value == "no" || value == "off")
        };
        let no_system = std::env::var_os("GIT_CONFIG_NOSYSTEM").is_some_and(|value| truth(&value));
        let system = path("GIT_CONFIG_SYSTEM").unwrap_or_else(|| PathBuf::from("/etc/gitconfig"));
        Self {
            xdg: xdg.map(|xdg| xdg.join("git")),
            system: (!no_system).then_some(system),
            global: std::env::var_os("GIT_CONFIG_GLOBAL").map(PathBuf::from),
            home,
        }
    }

    /// What the files of the machine and of the user and `own`, those of one repository, say together.
    pub(super) fn config(&self, git_dir: &Path, own: &[PathBuf]) -> Config {
        let mut config = Config { excludes_file: self.xdg.as_ref().map(|xdg| xdg.join("ignore")), fold: false };
        let mut files: Vec<PathBuf> = self.system.iter().cloned().collect();
        if let Some(global) = &self.global {
            files.push(global.clone());
        } else {
            files.extend(self.xdg.as_ref().map(|xdg| xdg.join("config")));
            files.extend(self.home.as_ref().map(|home| home.join(".gitconfig")));
        }
        files.extend_from_slice(own);
        for file in files {
            self.apply(&file, git_dir, &mut config, DEPTH);
        }
        config
    }

    /// A file that isn't there or can't be read says nothing.
    fn apply(&self, file: &Path, git_dir: &Path, config: &mut Config, depth: usize) {
        let Ok(Some(content)) = read_all(file) else { return };
        for (section, name, value) in entries(&content) {
            match (section.as_slice(), name.as_slice()) {
                (b"core", b"excludesfile") => config.excludes_file = Some(self.expand(&value, None)),
                (b"core", b"ignorecase") => config.fold = is_true(&value),
                (b"include", b"path") if depth > 0 => {
                    self.apply(&self.expand(&value, file.parent()), git_dir, config, depth - 1);
                }
                (_, b"path") if depth > 0 && self.includes(&section, file, git_dir) => {
                    self.apply(&self.expand(&value, file.parent()), git_dir, config, depth - 1);
                }
                _ => {}
            }
        }
    }

    /// Whether `[includeIf "gitdir:…"]` holds. Other conditions don't.
    fn includes(&self, section: &[u8], file: &Path, git_dir: &Path) -> bool {
        let Some(condition) = section.strip_prefix(b"includeif.") else { return false };
        let (pattern, fold) = match (condition.strip_prefix(b"gitdir:"), condition.strip_prefix(b"gitdir/i:")) {
            (Some(pattern), _) => (pattern, false),
            (_, Some(pattern)) => (pattern, true),
            _ => return false,
        };
        let mut whole = match pattern {
            [b'~', b'/', ..] => self.expand(pattern, None).into_os_string().into_vec(),
            [b'.', b'/', rest @ ..] => {
                let beside = crate::fs::real::real(file.parent().unwrap_or(file)).unwrap_or_default();
                beside.join(OsStr::from_bytes(rest)).into_os_string().into_vec()
            }
            [b'/', ..] => pattern.to_vec(),
            _ => [b"**/", pattern].concat(),
        };
        if whole.ends_with(b"/") {
            whole.extend_from_slice(b"**");
        }
        Wild::new(&whole, fold).matches(git_dir.as_os_str().as_bytes(), fold)
    }

    fn expand(&self, value: &[u8], beside: Option<&Path>) -> PathBuf {
        match (value.strip_prefix(b"~/"), &self.home) {
            (Some(rest), Some(home)) => home.join(OsStr::from_bytes(rest)),
            _ => beside.unwrap_or(Path::new("")).join(OsStr::from_bytes(value)),
        }
    }
}

/// What is asked of the configuration.
#[derive(Clone, Debug, Default)]
pub(super) struct Config {
    /// The user's own patterns, for every repository.
    pub(super) excludes_file: Option<PathBuf>,
    /// Whether upper and lower case are the same.
    pub(super) fold: bool,
}

fn is_true(value: &[u8]) -> bool {
    let value = value.to_ascii_lowercase();
    matches!(value.as_slice(), b"true" | b"yes" | b"on") || value.parse_number().is_some_and(|number| number != 0)
}

trait ParseNumber {
    fn parse_number(&self) -> Option<i64>;
}

impl ParseNumber for Vec<u8> {
    fn parse_number(&self) -> Option<i64> {
        std::str::from_utf8(self).ok()?.parse().ok()
    }
}

type Entry = (Vec<u8>, Vec<u8>, Vec<u8>);

/// Section (with its subsection behind a dot), name and value of each entry; what isn't one is passed over.
fn entries(content: &[u8]) -> Vec<Entry> {
    let content = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content);
    let mut found = Vec::new();
    let mut section = Vec::new();
    let mut rest = content;
    loop {
        rest = rest.trim_ascii_start();
        match rest.first() {
            None => return found,
            Some(b'#' | b';') => rest = after_line(rest),
            Some(b'[') => (section, rest) = header(rest),
            Some(_) => {
                let end = rest.iter().position(|b| !(b.is_ascii_alphanumeric() || *b == b'-')).unwrap_or(rest.len());
                let name = rest[..end].to_ascii_lowercase();
                rest = &rest[end..];
                let blanks = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
                rest = &rest[blanks..];
                let value = if let [b'=', behind @ ..] = rest {
                    let (value, left) = value(behind);
                    rest = left;
                    value
                } else {
                    rest = after_line(rest);
                    b"true".to_vec()
                };
                found.push((section.clone(), name, value));
            }
        }
    }
}

fn after_line(text: &[u8]) -> &[u8] {
    text.iter().position(|byte| *byte == b'\n').map_or(&[], |end| &text[end + 1..])
}

/// `[section]` or `[section "sub"]`: its name, the first part in lower case, and what comes behind.
fn header(text: &[u8]) -> (Vec<u8>, &[u8]) {
    let (mut name, mut quoted, mut at) = (Vec::new(), false, 1);
    while let Some(byte) = text.get(at) {
        at += 1;
        match byte {
            b'\n' => break,
            b'"' => quoted = !quoted,
            b']' if !quoted => break,
            b'\\' if quoted => {
                name.extend(text.get(at));
                at += 1;
            }
            b' ' | b'\t' if !quoted => name.push(b'.'),
            byte if quoted => name.push(*byte),
            byte => name.push(byte.to_ascii_lowercase()),
        }
    }
    (name, text.get(at..).unwrap_or_default())
}

/// Behind the `=`: the value to the end of its line, and what comes behind.
fn value(text: &[u8]) -> (Vec<u8>, &[u8]) {
    let (mut value, mut quoted, mut at) = (Vec::new(), false, 0);
    // Blanks at the end don't count, unless they are quoted.
    let mut kept = 0;
    while let Some(byte) = text.get(at) {
        at += 1;
        match byte {
            b'\n' => break,
            b'\r' if matches!(text.get(at), Some(b'\n')) => {}
            b'"' => {
                quoted = !quoted;
                kept = value.len();
            }
            b'#' | b';' if !quoted => {
                at = text.len() - after_line(&text[at..]).len();
                break;
            }
            b'\\' => {
                match text.get(at) {
                    Some(b'\n') | None => {}
                    Some(b'n') => value.push(b'\n'),
                    Some(b't') => value.push(b'\t'),
                    Some(b'b') => value.push(8),
                    Some(other) => value.push(*other),
                }
                kept = value.len();
                at += 1;
            }
            b' ' | b'\t' if !quoted && value.is_empty() => {}
            b' ' | b'\t' if !quoted => value.push(*byte),
            byte => {
                value.push(*byte);
                kept = value.len();
            }
        }
    }
    value.truncate(kept);
    (value, text.get(at..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn say(content: &str) -> Vec<(String, String, String)> {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        entries(content.as_bytes()).into_iter().map(|(a, b, c)| (text(a), text(b), text(c))).collect()
    }

    #[test]
    fn entries_are_read() {
        let content = "# x\n[Core]\n\texcludesFile = \"~/a b\" ; c\n  ignoreCase\n[includeIf \"gitdir:~/W/\"] path = a\\\\b \\\n c\n";
        let expected = [
            ("core", "excludesfile", "~/a b"),
            ("core", "ignorecase", "true"),
            ("includeif.gitdir:~/W/", "path", "a\\b  c"),
        ];
        let said = say(content);
        let said: Vec<_> = said.iter().map(|(a, b, c)| (a.as_str(), b.as_str(), c.as_str())).collect();
        assert_eq!(said, expected);
    }

    #[test]
    fn broken_files_end_somewhere() {
        for content in ["[", "[a", "=", "a", "a=", "[a \"b", "a = \"b", "\\", "[a]\n= b\n", "]]\n"] {
            entries(content.as_bytes());
        }
    }
}
