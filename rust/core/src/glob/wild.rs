//! One part of a pattern with `*`, `?` or `[…]` in it, as Python's `fnmatch` understands them.

use super::alphabet::Alphabet;
use super::class::Class;

/// What a name is compared with.
#[derive(Debug)]
pub(super) struct Wild {
    alphabet: Alphabet,
    how: How,
    /// Names that begin with a dot are meant.
    pub(super) dotted: bool,
}

#[derive(Debug)]
enum How {
    Everything,
    /// `test_*.py`
    Ends {
        start: Vec<u8>,
        end: Vec<u8>,
    },
    /// The tokens, and how many characters a name has at least.
    Tokens(Vec<Token>, usize),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    This(u32),
    /// `?`
    One,
    Of(Class),
    /// `*`
    Many,
}

/// Whether something in it is more than itself.
pub(super) fn has_magic(pattern: &[u8]) -> bool {
    pattern.iter().any(|byte| matches!(byte, b'*' | b'?' | b'['))
}

impl Wild {
    pub(super) fn new(pattern: &[u8], alphabet: Alphabet) -> Self {
        let how = simple(pattern, alphabet).unwrap_or_else(|| {
            let tokens = tokens(&alphabet.characters(pattern));
            let least = tokens.iter().filter(|token| **token != Token::Many).count();
            How::Tokens(tokens, least)
        });
        Self { alphabet, how, dotted: pattern.first() == Some(&b'.') }
    }

    #[inline]
    pub(super) fn matches(&self, name: &[u8]) -> bool {
        match &self.how {
            How::Everything => true,
            How::Ends { start, end } => {
                name.len() >= start.len() + end.len() && name.ends_with(end) && name.starts_with(start)
            }
            // A name has no more characters than bytes.
            How::Tokens(tokens, least) => name.len() >= *least && self.compare(tokens, name),
        }
    }

    /// The last `*` takes one character more each time the rest doesn't fit: what those before it took needs no second look.
    fn compare(&self, tokens: &[Token], name: &[u8]) -> bool {
        let (mut token, mut at) = (0, 0);
        let mut again: Option<(usize, usize)> = None;
        loop {
            if tokens.get(token) == Some(&Token::Many) {
                token += 1;
                if token == tokens.len() {
                    return true;
                }
                again = Some((token, at));
                continue;
            }
            let Some((character, length)) = self.alphabet.first(&name[at..]) else {
                return token == tokens.len();
            };
            let fits = match tokens.get(token) {
                Some(Token::This(wanted)) => *wanted == character,
                Some(Token::One) => true,
                Some(Token::Of(class)) => class.has(character),
                Some(Token::Many) | None => false,
            };
            if fits {
                token += 1;
                at += length;
                continue;
            }
            let Some((behind, from)) = again else { return false };
            let Some((_, length)) = self.alphabet.first(&name[from..]) else { return false };
            (token, at) = (behind, from + length);
            again = Some((behind, at));
        }
    }
}

/// What needs no tokens: one `*` between characters that stand for themselves.
fn simple(pattern: &[u8], alphabet: Alphabet) -> Option<How> {
    let star = pattern.iter().position(|byte| *byte == b'*')?;
    let (start, end) = (&pattern[..star], &pattern[star..]);
    let end = &end[end.iter().take_while(|byte| **byte == b'*').count()..];
    if has_magic(start) || has_magic(end) || !alphabet.is_whole(start) || !alphabet.is_whole(end) {
        return None;
    }
    if start.is_empty() && end.is_empty() {
        return Some(How::Everything);
    }
    Some(How::Ends { start: start.to_vec(), end: end.to_vec() })
}

fn tokens(pattern: &[u32]) -> Vec<Token> {
    let is = |at: usize, wanted: char| pattern.get(at) == Some(&u32::from(wanted));
    let mut tokens = Vec::with_capacity(pattern.len());
    let mut at = 0;
    while let Some(&character) = pattern.get(at) {
        at += 1;
        match char::from_u32(character) {
            Some('*') if tokens.last() != Some(&Token::Many) => tokens.push(Token::Many),
            Some('*') => {}
            Some('?') => tokens.push(Token::One),
            Some('[') => {
                let first = at + usize::from(is(at, '!'));
                // A bracket right at the start closes nothing.
                let from = first + usize::from(is(first, ']'));
                let close = pattern.get(from..).and_then(|rest| rest.iter().position(|c| *c == u32::from(']')));
                let Some(close) = close.map(|close| from + close) else {
                    tokens.push(Token::This(character));
                    continue;
                };
                tokens.push(Token::Of(Class::new(&pattern[at..close])));
                at = close + 1;
            }
            _ => tokens.push(Token::This(character)),
        }
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(pattern: &str, name: &str) -> bool {
        Wild::new(pattern.as_bytes(), Alphabet::Text).matches(name.as_bytes())
    }

    #[test]
    fn stars_and_question_marks() {
        assert!(text("*", "") && text("**", "a\nb") && text("a*b*c", "axxbxxbc") && !text("a*b*c", "axxbxx"));
        assert!(text("?", "é") && !text("??", "é") && text("*é?", "éé\n") && text("test_*.py", "test_.py"));
        assert!(!text("ab*ba", "aba") && text("a*?", "ab") && !text("a*?", "a") && text("*a*", "bab"));
    }

    #[test]
    fn brackets() {
        for (pattern, yes, no) in [
            ("[abc]", "b", "d"),
            ("[a-c]", "b", "d"),
            ("[!a-c]", "d", "b"),
            ("[]]", "]", "["),
            ("[]-]", "-", "["),
            ("[!]]", "[", "]"),
            ("[", "[", "a"),
            ("[a", "[a", "a"),
            ("[]", "[]", "]"),
            ("[!]", "[!]", "!"),
            ("[^a]", "^", "b"),
            ("[--a]", "=", "b"),
            ("[a-]", "-", "b"),
            ("[-a]", "-", "b"),
            ("[!b-a]", "x", ""),
            ("[b-a!x]", "b", "x"),
            ("[a-cb-a]", "c", "d"),
            ("[b-a!-z]", "a", "z"),
            ("[a-c-e]", "e", "d"),
            ("[\\]", "\\", "]"),
            ("[é-ü]", "ö", "o"),
        ] {
            assert!(text(pattern, yes), "{pattern} {yes}");
            assert!(!text(pattern, no), "{pattern} {no}");
        }
        assert!(!text("[b-a]", "a") && !text("[b-a]", "b"));
    }

    #[test]
    fn odd_bytes_are_characters_of_their_own() {
        let matches = |pattern: &[u8], name: &[u8], alphabet| Wild::new(pattern, alphabet).matches(name);
        assert!(matches(b"?\xff", b"\xfe\xff", Alphabet::Text) && !matches(b"?", b"\xe2\x82", Alphabet::Text));
        assert!(matches(b"??", "é".as_bytes(), Alphabet::Bytes) && matches(b"[\xfe-\xff]", b"\xff", Alphabet::Text));
        // The second half of a character is no end of it.
        assert!(!matches(b"*\xa9", "é".as_bytes(), Alphabet::Text));
        assert!(matches(b"*\xa9", "é".as_bytes(), Alphabet::Bytes));
    }
}
