//! `[…]`: one of some characters.

/// Those between two brackets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Class {
    negated: bool,
    ranges: Vec<(u32, u32)>,
}

/// What is left between the brackets when empty ranges are gone.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Item {
    One(u32),
    /// A hyphen that makes a range of its neighbours.
    To,
}

const HYPHEN: u32 = '-' as u32;
const BANG: u32 = '!' as u32;

impl Class {
    /// Of what stands between the brackets. `fnmatch`'s rules, which are its own where ranges are empty: those vanish, and what
    /// is left is looked at anew. `[b-a!x]` is `[!x]`.
    pub(super) fn new(inside: &[u32]) -> Self {
        let items = without_empty_ranges(inside);
        let (negated, items) = match items.split_first() {
            Some((Item::One(BANG), rest)) => (true, rest),
            _ => (false, &items[..]),
        };
        Self { negated, ranges: ranges(items) }
    }

    #[inline]
    pub(super) fn has(&self, character: u32) -> bool {
        self.ranges.iter().any(|(low, high)| (*low..=*high).contains(&character)) != self.negated
    }
}

fn without_empty_ranges(inside: &[u32]) -> Vec<Item> {
    let mut chunks = chunks(inside);
    for at in (1..chunks.len()).rev() {
        let (Some(&low), Some(&high)) = (chunks[at - 1].last(), chunks[at].first()) else { continue };
        if low > high {
            let rest = chunks.remove(at);
            chunks[at - 1].pop();
            chunks[at - 1].extend_from_slice(&rest[1..]);
        }
    }
    let mut items = Vec::with_capacity(inside.len());
    for (at, chunk) in chunks.iter().enumerate() {
        if at > 0 {
            items.push(Item::To);
        }
        items.extend(chunk.iter().copied().map(Item::One));
    }
    items
}

/// What stands between hyphens that make ranges. Neither the first nor the last character does, nor one right behind a range.
fn chunks(inside: &[u32]) -> Vec<Vec<u32>> {
    let mut chunks = Vec::new();
    let mut start = 0;
    let mut from = if inside.first() == Some(&BANG) { 2 } else { 1 };
    while let Some(found) = inside.get(from..).and_then(|rest| rest.iter().position(|c| *c == HYPHEN)) {
        let hyphen = from + found;
        chunks.push(inside[start..hyphen].to_vec());
        start = hyphen + 1;
        from = hyphen + 3;
    }
    let rest = &inside[start..];
    match chunks.last_mut() {
        Some(last) if rest.is_empty() => last.push(HYPHEN),
        _ => chunks.push(rest.to_vec()),
    }
    chunks
}

fn ranges(items: &[Item]) -> Vec<(u32, u32)> {
    let mut ranges = Vec::new();
    let mut rest = items;
    loop {
        rest = match *rest {
            [] => return ranges,
            [Item::One(low), Item::To, Item::One(high), ref rest @ ..] => {
                ranges.push((low, high));
                rest
            }
            [Item::One(one), ref rest @ ..] => {
                ranges.push((one, one));
                rest
            }
            [Item::To, ref rest @ ..] => {
                ranges.push((HYPHEN, HYPHEN));
                rest
            }
        };
    }
}
