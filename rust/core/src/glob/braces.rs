//! Braces in a pattern: `{a,b}` stands for both.

/// Braces within braces, so deep at most.
const DEPTH: usize = 50;
/// Patterns that one may stand for, and bytes in them together.
const MOST: usize = 1000;
const LARGEST: usize = 4 << 20;

/// What is wrong, and at which byte.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) position: usize,
    pub(super) reason: &'static str,
}

/// All that a pattern stands for. Braces in brackets are characters like others.
pub(super) fn expand(pattern: &[u8]) -> Result<Vec<Vec<u8>>, Wrong> {
    let mut reader = Reader { pattern, at: 0, open: Vec::new() };
    let all = reader.sequence()?;
    match reader.open.last() {
        Some(&position) => Err(Wrong { position, reason: "a brace that is never closed" }),
        None => Ok(all),
    }
}

struct Reader<'a> {
    pattern: &'a [u8],
    at: usize,
    /// Where the braces stand that are open.
    open: Vec<usize>,
}

impl Reader<'_> {
    /// Up to the end, or to a comma or brace that ends it.
    fn sequence(&mut self) -> Result<Vec<Vec<u8>>, Wrong> {
        let mut all = vec![Vec::new()];
        while let Some(&byte) = self.pattern.get(self.at) {
            match byte {
                b',' | b'}' if !self.open.is_empty() => break,
                b'}' => return self.wrong("a brace that was never opened"),
                b'{' => {
                    let choices = self.choices()?;
                    all = self.each_with_each(&all, &choices)?;
                }
                _ => {
                    let run = &self.pattern[self.at..self.at + self.run()];
                    if all.iter().map(|one| one.len() + run.len()).sum::<usize>() > LARGEST {
                        return self.wrong("braces that stand for too many patterns");
                    }
                    for one in &mut all {
                        one.extend_from_slice(run);
                    }
                    self.at += run.len();
                }
            }
        }
        Ok(all)
    }

    fn choices(&mut self) -> Result<Vec<Vec<u8>>, Wrong> {
        if self.open.len() == DEPTH {
            return self.wrong("too many braces within braces");
        }
        self.open.push(self.at);
        let mut all = Vec::new();
        loop {
            self.at += 1;
            all.extend(self.sequence()?);
            match self.pattern.get(self.at) {
                Some(b',') => {}
                Some(_) => {
                    self.open.pop();
                    self.at += 1;
                    return Ok(all);
                }
                None => return Ok(all),
            }
            if all.len() > MOST {
                return self.wrong("braces that stand for too many patterns");
            }
        }
    }

    fn each_with_each(&self, firsts: &[Vec<u8>], seconds: &[Vec<u8>]) -> Result<Vec<Vec<u8>>, Wrong> {
        let length = |all: &[Vec<u8>]| all.iter().map(Vec::len).sum::<usize>();
        let size = length(firsts).saturating_mul(seconds.len()) + length(seconds).saturating_mul(firsts.len());
        if firsts.len().saturating_mul(seconds.len()) > MOST || size > LARGEST {
            return self.wrong("braces that stand for too many patterns");
        }
        Ok(firsts.iter().flat_map(|first| seconds.iter().map(move |second| [&first[..], second].concat())).collect())
    }

    /// How long what follows is in which no brace means anything: a class in brackets, or anything up to the next of these.
    fn run(&self) -> usize {
        let rest = &self.pattern[self.at..];
        if rest[0] == b'[' {
            let negated = usize::from(rest.get(1) == Some(&b'!'));
            // A bracket that comes first doesn't close it.
            let inside = 1 + negated + usize::from(rest.get(1 + negated) == Some(&b']'));
            let end = rest.iter().skip(inside).position(|byte| matches!(byte, b']' | b'/'));
            return end.filter(|end| rest[inside + end] == b']').map_or(1, |end| inside + end + 1);
        }
        rest.iter().skip(1).position(|byte| b"{},[".contains(byte)).map_or(rest.len(), |length| length + 1)
    }

    fn wrong<T>(&self, reason: &'static str) -> Result<T, Wrong> {
        Err(Wrong { position: self.at.min(self.pattern.len()), reason })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(pattern: &str) -> Vec<String> {
        expand(pattern.as_bytes()).unwrap().into_iter().map(|one| String::from_utf8(one).unwrap()).collect()
    }

    #[test]
    fn each_choice_is_a_pattern() {
        assert_eq!(all("a/*.{py,rs}"), ["a/*.py", "a/*.rs"]);
        assert_eq!(all("{a,b{c,d}}{1,2}"), ["a1", "a2", "bc1", "bc2", "bd1", "bd2"]);
        assert_eq!(all("x{,y}{z}"), ["xz", "xyz"]);
        assert_eq!(all("a,b"), ["a,b"]);
        assert_eq!(all(""), [""]);
    }

    #[test]
    fn brackets_hide_braces() {
        assert_eq!(all("[{]a,[!}]"), ["[{]a,[!}]"]);
        assert_eq!(all("{[,],[]}]}"), ["[,]", "[]}]"]);
        assert_eq!(all("[a/{b,c}]"), ["[a/b]", "[a/c]"]);
    }

    #[test]
    fn what_is_wrong_is_said() {
        let wrong = |pattern: &str| expand(pattern.as_bytes()).unwrap_err();
        assert_eq!(wrong("ab{c"), Wrong { position: 2, reason: "a brace that is never closed" });
        assert_eq!(wrong("a}b").position, 1);
        assert!(wrong(&"{".repeat(60)).reason.contains("within"));
        assert!(wrong(&"{a,b}".repeat(20)).reason.contains("too many"));
        assert!(wrong(&format!("{{{}}}", ",".repeat(2000))).reason.contains("too many"));
    }
}
