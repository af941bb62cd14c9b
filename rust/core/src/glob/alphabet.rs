//! What counts as one character of a name.

/// What patterns and names are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alphabet {
    /// UTF-8. A byte that belongs to no character is one by itself, as Python's `surrogateescape` has it.
    Text,
    /// Bytes.
    Bytes,
}

impl Alphabet {
    /// The first character, and how many bytes it has. None at the end.
    #[inline]
    pub(super) fn first(self, text: &[u8]) -> Option<(u32, usize)> {
        let lead = *text.first()?;
        if lead < 0x80 || self == Self::Bytes {
            return Some((u32::from(lead), 1));
        }
        let most = text.len().min(4);
        let valid = (2..=most).find_map(|length| {
            let character = std::str::from_utf8(&text[..length]).ok()?.chars().next()?;
            Some((u32::from(character), length))
        });
        Some(valid.unwrap_or((0xDC00 + u32::from(lead), 1)))
    }

    /// All characters.
    pub(super) fn characters(self, mut text: &[u8]) -> Vec<u32> {
        let mut characters = Vec::with_capacity(text.len());
        while let Some((character, length)) = self.first(text) {
            characters.push(character);
            text = &text[length..];
        }
        characters
    }

    /// Whether every byte is part of a character, so that comparing bytes is comparing characters.
    pub(super) fn is_whole(self, text: &[u8]) -> bool {
        self == Self::Bytes || std::str::from_utf8(text).is_ok()
    }
}
