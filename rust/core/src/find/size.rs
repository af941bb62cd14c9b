//! Sizes in words: `10M`, `1.5 GiB`, `100kB`.

/// The number of bytes a text says, or None if it says none.
///
/// `K`, `M`, `G`, `T`, `P` and `KiB` … count in steps of 1024, `KB` … in steps of 1000, as in `du` and `truncate`;
/// upper and lower case are the same.
pub fn parse_size(text: &str) -> Option<u64> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = (&text[..end], text[end..].trim_start().to_ascii_lowercase());
    let factor = match unit.as_str() {
        "" | "b" => 1,
        unit => {
            let power = 1 + "kmgtp".find(unit.chars().next()?)?;
            let step: u64 = match unit.get(1..)? {
                "" | "ib" => 1024,
                "b" => 1000,
                _ => return None,
            };
            step.pow(u32::try_from(power).ok()?)
        }
    };
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    if (whole.is_empty() && part.is_empty()) || part.contains('.') || (factor == 1 && number.contains('.')) {
        return None;
    }
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let mut part = part.trim_end_matches('0');
    part = part.get(..15).unwrap_or(part);
    let tenths: u128 = if part.is_empty() { 0 } else { part.parse().ok()? };
    let fraction = tenths * u128::from(factor) / 10_u128.pow(u32::try_from(part.len()).ok()?);
    whole.checked_mul(factor)?.checked_add(u64::try_from(fraction).ok()?)
}

#[cfg(test)]
mod tests {
    use super::parse_size;

    #[test]
    fn sizes() {
        let known = [("0", 0), ("10", 10), ("7b", 7), ("10M", 10 << 20), ("1kB", 1000), ("1 KiB", 1024)];
        for (text, size) in known.into_iter().chain([("1.5g", 3 << 29), (".5k", 512), ("2TB", 2_000_000_000_000)]) {
            assert_eq!(parse_size(text), Some(size), "{text}");
        }
        for text in ["", "M", "1.5", "-1", "1..5k", "1X", "1Ki", "1kib2", "1e3", "99999999P", ".", "+1", "１"] {
            assert_eq!(parse_size(text), None, "{text}");
        }
    }
}
