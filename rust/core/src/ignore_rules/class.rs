//! Classes of bytes: `[a-z]`, `[!0-9]`, `[[:alpha:]_]`.

/// The bytes a class has.
#[derive(PartialEq, Eq)]
pub(super) struct Class(Box<[bool; 256]>);

impl std::fmt::Debug for Class {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let members = (0..=u8::MAX).filter(|byte| self.has(*byte)).map(char::from);
        write!(f, "Class({:?})", members.collect::<String>())
    }
}

impl Class {
    pub(super) fn has(&self, byte: u8) -> bool {
        self.0[usize::from(byte)]
    }

    /// From behind the bracket that opens it: the class, and where it ends. None if it doesn't.
    pub(super) fn parse(pattern: &[u8], mut at: usize, fold: bool) -> Option<(Self, usize)> {
        let negated = matches!(pattern.get(at)?, b'!' | b'^');
        at += usize::from(negated);
        let mut members = Box::new([false; 256]);
        // What a range would begin with: a single byte just before.
        let mut before: Option<u8> = None;
        let mut first = true;
        loop {
            let byte = *pattern.get(at)?;
            if byte == b']' && !first {
                break;
            }
            first = false;
            match (byte, before) {
                (b'-', Some(low)) if pattern.get(at + 1).is_some_and(|next| *next != b']') => {
                    let (high, end) = single(pattern, at + 1)?;
                    add(&mut members, low..=high, fold);
                    (at, before) = (end, None);
                }
                (b'[', _) if pattern.get(at + 1) == Some(&b':') => {
                    let Some((name, end)) = named(pattern, at + 2)? else {
                        members[usize::from(b'[')] = true;
                        (at, before) = (at + 1, Some(b'['));
                        continue;
                    };
                    let has = test_of(name, fold)?;
                    (0..=u8::MAX).filter(has).for_each(|byte| members[usize::from(byte)] = true);
                    (at, before) = (end, None);
                }
                _ => {
                    let (byte, end) = single(pattern, at)?;
                    members[usize::from(byte)] = true;
                    (at, before) = (end, Some(byte));
                }
            }
        }
        if negated {
            members.iter_mut().for_each(|has| *has = !*has);
        }
        Some((Self(members), at + 1))
    }
}

/// A byte, or one behind a backslash, and where it ends.
fn single(pattern: &[u8], at: usize) -> Option<(u8, usize)> {
    match *pattern.get(at)? {
        b'\\' => Some((*pattern.get(at + 1)?, at + 2)),
        byte => Some((byte, at + 1)),
    }
}

/// With `fold`, texts come in lower case; ranges then mean both cases, as in git.
fn add(members: &mut [bool; 256], range: std::ops::RangeInclusive<u8>, fold: bool) {
    for byte in range {
        members[usize::from(byte)] = true;
        if fold && byte.is_ascii_uppercase() {
            members[usize::from(byte.to_ascii_lowercase())] = true;
        }
    }
}

/// The name between `[:` and `:]`, and where it ends; `Some(None)` if it isn't one, None without an end.
#[allow(clippy::option_option)] // an end that is missing breaks the pattern, a name that is missing doesn't
fn named(pattern: &[u8], start: usize) -> Option<Option<(&[u8], usize)>> {
    let end = start + pattern.get(start..)?.iter().position(|byte| *byte == b']')?;
    Some(pattern[start..end].strip_suffix(b":").map(|name| (name, end + 1)))
}

fn test_of(name: &[u8], fold: bool) -> Option<fn(&u8) -> bool> {
    Some(match name {
        b"alnum" => u8::is_ascii_alphanumeric,
        b"alpha" => u8::is_ascii_alphabetic,
        b"blank" => |byte| matches!(byte, b' ' | b'\t'),
        b"cntrl" => u8::is_ascii_control,
        b"digit" => u8::is_ascii_digit,
        b"graph" => u8::is_ascii_graphic,
        b"lower" => u8::is_ascii_lowercase,
        b"print" => |byte| matches!(byte, b' '..=b'~'),
        b"punct" => u8::is_ascii_punctuation,
        b"space" => |byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c),
        b"upper" if fold => u8::is_ascii_alphabetic,
        b"upper" => u8::is_ascii_uppercase,
        b"xdigit" => u8::is_ascii_hexdigit,
        _ => return None,
    })
}
