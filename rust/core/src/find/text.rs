//! Names as text: bytes that are not UTF-8 stand as characters of their own.

use std::borrow::Cow;

/// Private characters at the end of what there is, one for each byte that is not part of UTF-8. A pattern and a
/// name with the same odd byte match; `?` takes one such byte.
const ODD: u32 = 0x10_FF00;

/// A name, or a pattern, as text.
pub fn text_of(name: &[u8]) -> Cow<'_, str> {
    match str::from_utf8(name) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(odd(name)),
    }
}

/// The bytes that a text is made of, characters that stand for some included.
pub fn bytes_of(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    for c in text.chars() {
        match u32::from(c).checked_sub(ODD).and_then(|byte| u8::try_from(byte).ok()) {
            Some(byte) => bytes.push(byte),
            None => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    bytes
}

fn odd(name: &[u8]) -> String {
    let mut text = String::with_capacity(name.len() * 2);
    for chunk in name.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().filter_map(|byte| char::from_u32(ODD + u32::from(*byte))));
    }
    text
}

/// Whether it has characters that stand for bytes.
pub(super) fn is_odd(text: &str) -> bool {
    text.chars().any(|c| u32::from(c) >= ODD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        for name in [&b"plain"[..], "é日".as_bytes(), b"\xff\xe4\xb8a", b""] {
            assert_eq!(bytes_of(&text_of(name)), name);
        }
    }
}
