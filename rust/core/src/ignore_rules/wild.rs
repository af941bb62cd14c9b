//! Wildcards as git has them: `*`, `?`, `**` between slashes, classes, backslashes. On bytes.

use super::class::Class;

#[derive(Debug, PartialEq, Eq)]
enum Token {
    Byte(u8),
    /// `?`: one byte, but no slash.
    One,
    Class(Class),
    /// `*`: whatever comes before the next slash.
    Star,
    /// `**` where nothing comes behind it: everything.
    All,
    /// `**/`: nothing, or directories.
    Directories,
}

/// A compiled pattern. It matches a whole text or not at all.
#[derive(Debug)]
pub(super) struct Wild(Option<Vec<Token>>);

/// Where to go on when what follows a star doesn't fit.
#[derive(Clone, Copy)]
struct Retry {
    token: usize,
    text: usize,
}

impl Wild {
    /// A pattern that is broken (a class without an end) matches nothing, as in git.
    pub(super) fn new(pattern: &[u8], fold: bool) -> Self {
        Self(compile(pattern, fold))
    }

    /// Takes time in proportion to the lengths of both, whatever the pattern.
    pub(super) fn matches(&self, text: &[u8], fold: bool) -> bool {
        let Some(tokens) = &self.0 else { return false };
        let (mut token, mut at) = (0, 0);
        let mut star: Option<Retry> = None;
        let mut deep: Option<Retry> = None;
        loop {
            match tokens.get(token) {
                Some(Token::Star) => {
                    token += 1;
                    star = Some(Retry { token, text: at });
                    continue;
                }
                Some(Token::All | Token::Directories) => {
                    token += 1;
                    star = None;
                    deep = Some(Retry { token, text: at });
                    continue;
                }
                Some(one) if at < text.len() && one.fits(text[at], fold) => {
                    (token, at) = (token + 1, at + 1);
                    continue;
                }
                None if at == text.len() => return true,
                _ => {}
            }
            // A star takes one byte more, and gives way to directories at a slash.
            let next = star.take().and_then(|from| longer(from, text)).map(|next| *star.insert(next));
            let next =
                next.or_else(|| deep.take().and_then(|from| deeper(from, tokens, text)).map(|n| *deep.insert(n)));
            match next {
                Some(next) => (token, at) = (next.token, next.text),
                None => return false,
            }
        }
    }
}

fn longer(from: Retry, text: &[u8]) -> Option<Retry> {
    let byte = text.get(from.text)?;
    (*byte != b'/').then_some(Retry { text: from.text + 1, ..from })
}

fn deeper(from: Retry, tokens: &[Token], text: &[u8]) -> Option<Retry> {
    let rest = text.get(from.text..)?;
    let step = match tokens[from.token - 1] {
        Token::Directories => rest.iter().position(|byte| *byte == b'/')? + 1,
        _ if rest.is_empty() => return None,
        _ => 1,
    };
    Some(Retry { text: from.text + step, ..from })
}

impl Token {
    fn fits(&self, byte: u8, fold: bool) -> bool {
        let byte = if fold { byte.to_ascii_lowercase() } else { byte };
        match self {
            Token::Byte(own) => *own == byte,
            Token::One => byte != b'/',
            Token::Class(class) => byte != b'/' && class.has(byte),
            Token::Star | Token::All | Token::Directories => false,
        }
    }
}

fn compile(pattern: &[u8], fold: bool) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(byte) = pattern.get(at) {
        match byte {
            b'\\' => {
                at += 1;
                tokens.push(Token::Byte(*pattern.get(at)?));
                at += 1;
            }
            b'?' => {
                tokens.push(Token::One);
                at += 1;
            }
            b'[' => {
                let (class, end) = Class::parse(pattern, at + 1, fold)?;
                tokens.push(Token::Class(class));
                at = end;
            }
            b'*' => at = stars(pattern, at, &mut tokens),
            byte => {
                tokens.push(Token::Byte(if fold { byte.to_ascii_lowercase() } else { *byte }));
                at += 1;
            }
        }
    }
    Some(tokens)
}

/// One star or more, from `start`. Two mean directories only between slashes or the ends.
fn stars(pattern: &[u8], start: usize, tokens: &mut Vec<Token>) -> usize {
    let count = pattern[start..].iter().take_while(|byte| **byte == b'*').count();
    let (end, rest) = (start + count, &pattern[start + count..]);
    let alone = count > 1 && (start == 0 || pattern[start - 1] == b'/');
    match rest {
        [b'/', ..] if alone => {
            tokens.push(Token::Directories);
            return end + 1;
        }
        [] | [b'\\', b'/', ..] if alone => tokens.push(Token::All),
        _ => tokens.push(Token::Star),
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        Wild::new(pattern.as_bytes(), false).matches(text.as_bytes(), false)
    }

    #[test]
    fn stars_stop_at_slashes() {
        assert!(matches("*.c", "a.c") && matches("*", "") && matches("a*b*c", "a-b-bc"));
        assert!(!matches("*.c", "a/b.c") && !matches("a*", "a/b") && matches("*/b", "a/b"));
        assert!(matches("a**b", "axb") && !matches("a**b", "a/b"));
    }

    #[test]
    fn two_stars_cross_them() {
        for text in ["b", "a/b", "a/c/b", "/b"] {
            assert!(matches("**/b", text), "{text}");
        }
        assert!(!matches("**/b", "ab") && matches("a/**/b", "a/b") && matches("a/**/b", "a/x/y/b"));
        assert!(matches("a/**", "a/x/y") && !matches("a/**", "a") && matches("**", "a/b"));
        assert!(matches("**/a*", "x/a/ab") && matches("**/*a*/**/c", "x/ya/b/c"));
    }

    #[test]
    fn classes_and_escapes() {
        assert!(matches("[a-c]x", "bx") && !matches("[!a-c]", "b") && matches("[^a]", "b"));
        assert!(matches("[]-]", "]") && matches("[[:digit:]_]", "7") && matches(r"\*", "*"));
        assert!(!matches("[a", "a") && !matches("[a", "[a") && !matches(r"a\", "a") && !matches("[!a]", "/"));
    }

    #[test]
    fn no_pattern_takes_for_ever() {
        let text = "a".repeat(50_000);
        assert!(!matches(&"*a".repeat(200).replace("aa", "a"), &(text.clone() + "b")));
        assert!(!matches(&("**/".repeat(100) + "b"), &text));
    }
}
