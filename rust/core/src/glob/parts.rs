//! A pattern, taken apart.

use super::alphabet::Alphabet;
use super::braces::expand;
use super::wild::{Wild, has_magic};
use crate::find::BadPattern;

/// Bytes in a pattern at most.
const LONGEST: usize = 64 * 1024;
/// Parts of a pattern that are matched one by one, and patterns that are looked for together, at most.
const MOST: usize = 1000;
/// Parts of all patterns that are looked for together, at most.
const MOST_TOGETHER: usize = 10_000;

/// What follows the directory that a pattern begins with.
#[derive(Debug)]
pub(super) enum Part {
    /// A name that is what it is.
    Literal(Vec<u8>),
    /// Names that match.
    Wild(Wild),
    /// `**`: the directory itself, and everything below it.
    Any,
    /// What a slash at the end asks for: the directory itself.
    Directory,
}

/// A part, and whether its pattern ends with it.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) part: Part,
    pub(super) last: bool,
}

/// A path that is looked into without being looked at, and the steps that are taken first there.
#[derive(Debug)]
pub(super) struct Beginning {
    pub(super) start: Vec<u8>,
    pub(super) steps: Vec<usize>,
}

/// One pattern, or several that are looked for together.
#[derive(Debug)]
pub(super) struct Plan {
    /// Those of all patterns, one pattern after the other.
    pub(super) steps: Vec<Step>,
    pub(super) beginnings: Vec<Beginning>,
    /// Whether each path is told once, whatever it matches.
    pub(super) together: bool,
}

impl Plan {
    /// For one pattern. It begins with all that stands before the first wild part.
    ///
    /// Parts are split off at the end, as `os.path.split` does it: of slashes in between one is kept.
    pub(super) fn one(pattern: &[u8], alphabet: Alphabet, recursive: bool) -> Result<Self, BadPattern> {
        check_length(pattern, alphabet)?;
        let mut parts = Vec::new();
        let mut rest = pattern;
        while has_magic(rest) {
            let (head, name) = split(rest);
            if parts.len() == MOST {
                return Err(bad(pattern, alphabet, head.len(), &format!("more than {MOST} parts")));
            }
            parts.push(if name.is_empty() { Part::Directory } else { part(name, alphabet, recursive) });
            rest = head;
        }
        parts.reverse();
        let steps = if parts.is_empty() { Vec::new() } else { vec![0] };
        let beginnings = vec![Beginning { start: rest.to_vec(), steps }];
        let mut plan = Self { steps: Vec::new(), beginnings, together: false };
        plan.add(parts);
        Ok(plan)
    }

    /// For several patterns, each of which may stand for more with braces. All that are relative begin at the same place, so that what
    /// they have in common is gone through once.
    ///
    /// An error comes with the index of the pattern it is about.
    pub(super) fn together(
        patterns: &[Vec<u8>],
        alphabet: Alphabet,
        recursive: bool,
    ) -> Result<Self, (usize, BadPattern)> {
        let beginning = |start: &[u8]| Beginning { start: start.to_vec(), steps: Vec::new() };
        let beginnings = vec![beginning(b""), beginning(b"/")];
        let mut plan = Self { steps: Vec::new(), beginnings, together: true };
        let mut count = 0;
        for (index, given) in patterns.iter().enumerate() {
            check_length(given, alphabet).map_err(|bad| (index, bad))?;
            let meant = expand(given).map_err(|wrong| (index, bad(given, alphabet, wrong.position, wrong.reason)))?;
            for pattern in meant {
                let mut parts: Vec<_> = pattern
                    .split(|byte| *byte == b'/')
                    .filter(|name| !name.is_empty())
                    .map(|name| part(name, alphabet, recursive))
                    .collect();
                if pattern.ends_with(b"/") {
                    parts.push(Part::Directory);
                }
                count += 1;
                if count > MOST || plan.steps.len() + parts.len() > MOST_TOGETHER {
                    let reason = format!("more than {MOST} patterns, or {MOST_TOGETHER} parts of them, together");
                    return Err((index, bad(given, alphabet, 0, &reason)));
                }
                if !parts.is_empty() {
                    plan.beginnings[usize::from(pattern.starts_with(b"/"))].steps.push(plan.steps.len());
                    plan.add(parts);
                }
            }
        }
        plan.beginnings.retain(|beginning| !beginning.steps.is_empty());
        Ok(plan)
    }

    fn add(&mut self, parts: Vec<Part>) {
        let count = parts.len();
        let step = |(at, part)| Step { part, last: at + 1 == count };
        self.steps.extend(parts.into_iter().enumerate().map(step));
    }

    /// Whether directories are listed in more than one place.
    pub(super) fn is_deep(&self) -> bool {
        let lists = self.steps.iter().filter(|step| matches!(step.part, Part::Wild(_) | Part::Any)).count();
        lists > 1 || self.steps.iter().any(|step| matches!(step.part, Part::Any))
    }
}

fn part(name: &[u8], alphabet: Alphabet, recursive: bool) -> Part {
    match name {
        b"**" if recursive => Part::Any,
        _ if has_magic(name) => Part::Wild(Wild::new(name, alphabet)),
        _ => Part::Literal(name.to_vec()),
    }
}

fn check_length(pattern: &[u8], alphabet: Alphabet) -> Result<(), BadPattern> {
    if pattern.len() > LONGEST {
        return Err(bad(pattern, alphabet, LONGEST, &format!("longer than {LONGEST} bytes")));
    }
    Ok(())
}

fn bad(pattern: &[u8], alphabet: Alphabet, position: usize, reason: &str) -> BadPattern {
    let before = alphabet.characters(&pattern[..position]).len();
    BadPattern::new(&String::from_utf8_lossy(pattern), before, reason)
}

/// Directory and name.
pub(super) fn split(path: &[u8]) -> (&[u8], &[u8]) {
    let name = path.iter().rposition(|byte| *byte == b'/').map_or(0, |slash| slash + 1);
    let (head, name) = path.split_at(name);
    let end = head.iter().rposition(|byte| *byte != b'/').map_or(head.len(), |last| last + 1);
    (&head[..end], name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(pattern: &str, recursive: bool) -> (String, String) {
        let plan = Plan::one(pattern.as_bytes(), Alphabet::Text, recursive).unwrap();
        let letter = |step: &Step| match step.part {
            Part::Literal(_) => 'l',
            Part::Wild(_) => 'w',
            Part::Any => 'a',
            Part::Directory => 'd',
        };
        (String::from_utf8(plan.beginnings[0].start.clone()).unwrap(), plan.steps.iter().map(letter).collect())
    }

    #[test]
    fn literal_beginnings_are_kept_whole() {
        for (pattern, start, parts) in [
            ("a//b/", "a//b/", ""),
            ("a//b//*.py", "a//b", "w"),
            ("//*//x/", "//", "wld"),
            ("**/x*/**", "", "awa"),
            ("*", "", "w"),
            ("../[a]//", "..", "wd"),
            ("", "", ""),
        ] {
            assert_eq!(shape(pattern, true), (start.to_owned(), parts.to_owned()), "{pattern}");
        }
        assert_eq!(shape("**/a", false), (String::new(), "wl".to_owned()));
    }

    #[test]
    fn patterns_together_begin_together() {
        let given = [b"a//*.{py,rs}".to_vec(), b"/x/".to_vec(), b"".to_vec(), b"//".to_vec()];
        let plan = Plan::together(&given, Alphabet::Text, true).unwrap();
        let beginnings: Vec<_> = plan.beginnings.iter().map(|b| (&b.start[..], &b.steps[..])).collect();
        assert_eq!(beginnings, [(&b""[..], &[0, 2][..]), (b"/", &[4, 6])]);
        let last: Vec<_> = plan.steps.iter().map(|step| step.last).collect();
        assert_eq!(last, [false, true, false, true, false, true, true]);
    }

    #[test]
    fn what_is_too_much_is_refused() {
        let bad = |pattern: &str| Plan::one(pattern.as_bytes(), Alphabet::Text, true).unwrap_err().position;
        assert_eq!(bad(&"é".repeat(40_000)), Some(LONGEST / 2));
        assert_eq!(bad(&"*/".repeat(1001)), Some(1));
    }
}
