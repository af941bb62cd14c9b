//! Globs as regular expressions.

use super::bad::BadPattern;

/// Braces within braces, so deep at most.
const DEPTH: usize = 50;

/// The regular expression that says the same as a glob, for whole names or paths.
pub(super) fn translate(glob: &str) -> Result<String, BadPattern> {
    let characters: Vec<char> = glob.chars().collect();
    let mut translation = Translation { glob, characters, at: 0, braces: Vec::new(), regex: "(?s)\\A(?:".to_owned() };
    while let Some(c) = translation.next() {
        translation.one(c)?;
    }
    match translation.braces.last() {
        Some(open) => Err(BadPattern::new(glob, *open, "a brace that is never closed")),
        None => Ok(translation.regex + ")\\z"),
    }
}

struct Translation<'a> {
    glob: &'a str,
    characters: Vec<char>,
    at: usize,
    /// Where those stand that are open.
    braces: Vec<usize>,
    regex: String,
}

impl Translation<'_> {
    fn next(&mut self) -> Option<char> {
        let c = self.characters.get(self.at).copied();
        self.at += usize::from(c.is_some());
        c
    }

    fn peek(&self) -> Option<char> {
        self.characters.get(self.at).copied()
    }

    fn bad<T>(&self, position: usize, reason: &str) -> Result<T, BadPattern> {
        Err(BadPattern::new(self.glob, position, reason))
    }

    fn one(&mut self, c: char) -> Result<(), BadPattern> {
        match c {
            '*' => self.stars(),
            '?' => self.regex.push_str("[^/]"),
            '[' => return self.class(),
            '{' if self.braces.len() == DEPTH => return self.bad(self.at - 1, "too many braces within braces"),
            '{' => {
                self.braces.push(self.at - 1);
                self.regex.push_str("(?:");
            }
            '}' if self.braces.pop().is_some() => self.regex.push(')'),
            '}' => return self.bad(self.at - 1, "a brace that was never opened"),
            ',' if !self.braces.is_empty() => self.regex.push('|'),
            '\\' => match self.next() {
                Some(c) => self.literal(c),
                None => return self.bad(self.at - 1, "a backslash with nothing behind it"),
            },
            c => self.literal(c),
        }
        Ok(())
    }

    fn literal(&mut self, c: char) {
        self.regex.push_str(&regex::escape(c.encode_utf8(&mut [0; 4])));
    }

    fn stars(&mut self) {
        let start = self.at - 1;
        while self.peek() == Some('*') {
            self.at += 1;
        }
        let begins = start == 0 || matches!(self.characters[start - 1], '/' | '{' | ',');
        let whole = self.at - start > 1 && begins;
        match self.peek() {
            Some('/') if whole => {
                self.at += 1;
                self.regex.push_str("(?:.*/)?");
            }
            None | Some('}' | ',') if whole => self.regex.push_str(".*"),
            _ => self.regex.push_str("[^/]*"),
        }
    }

    fn class(&mut self) -> Result<(), BadPattern> {
        let start = self.at - 1;
        let negated = matches!(self.peek(), Some('!' | '^'));
        self.at += usize::from(negated);
        // Never a slash, whatever else.
        self.regex.push_str(if negated { "[[^" } else { "[[" });
        let mut first = true;
        loop {
            let Some(low) = self.next() else { return self.bad(start, "a bracket that is never closed") };
            if low == ']' && !first {
                break;
            }
            first = false;
            self.member(low);
            if self.peek() == Some('-') && self.characters.get(self.at + 1).is_some_and(|c| *c != ']') {
                let high = self.characters[self.at + 1];
                if high < low {
                    return self.bad(self.at - 1, "a range that ends before it begins");
                }
                self.at += 2;
                self.regex.push('-');
                self.member(high);
            }
        }
        self.regex.push_str("]&&[^/]]");
        Ok(())
    }

    /// Everything that means something in a class stands for itself.
    fn member(&mut self, c: char) {
        if c.is_ascii_punctuation() {
            self.regex.push('\\');
        }
        self.regex.push(c);
    }
}
