//! The order in which people count: `part-2` before `part-10`.
//!
//! Own code: the crates for it compare text, where names of files are bytes, call names equal that
//! differ in zeros or blanks, or bound the numbers.

use std::cmp::Ordering;

/// What a name is made of, taken off its front: so what is a token depends on the own name alone, and
/// the order is one of lists of tokens.
enum Token<'a> {
    /// The digits that count.
    Number(&'a [u8]),
    /// The names of files that were appended have UUIDs that begin with the time: their order as bytes
    /// is that of time, which is lost where digits among the hexadecimal ones are taken for numbers.
    Uuid(&'a [u8]),
    Byte(u8),
}

/// Compares names byte by byte, but runs of digits as numbers of any length, and UUIDs whole. Names that
/// are equal so (`1` and `01`) are in the order of their bytes: only the same name is equal.
pub fn compare(a: &[u8], b: &[u8]) -> Ordering {
    let (mut left, mut right) = (a, b);
    loop {
        let order = match (token(&mut left), token(&mut right)) {
            (Some(x), Some(y)) => x.compare(&y),
            (None, None) => return a.cmp(b),
            (x, y) => return x.is_some().cmp(&y.is_some()),
        };
        if order.is_ne() {
            return order;
        }
    }
}

impl Token<'_> {
    fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => a.len().cmp(&b.len()).then_with(|| a.cmp(b)),
            (Self::Uuid(a), Self::Uuid(b)) => a.cmp(b),
            _ => self.place().cmp(&other.place()),
        }
    }

    /// Numbers are where digits are among bytes, UUIDs behind them: what was appended comes last.
    fn place(&self) -> u8 {
        match self {
            Self::Number(_) => b'0',
            Self::Uuid(_) => b'1',
            Self::Byte(byte) => *byte,
        }
    }
}

fn token<'a>(text: &mut &'a [u8]) -> Option<Token<'a>> {
    let first = *text.first()?;
    if let Some(uuid) = text.get(..36).filter(|text| is_uuid(text)) {
        *text = &text[36..];
        return Some(Token::Uuid(uuid));
    }
    if first.is_ascii_digit() {
        return Some(Token::Number(number(text)));
    }
    *text = &text[1..];
    Some(Token::Byte(first))
}

/// Hexadecimal digits with hyphens: 8-4-4-4-12.
fn is_uuid(text: &[u8]) -> bool {
    text.iter().enumerate().all(|(place, byte)| match place {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    })
}

/// Takes the digits off the front; those that count.
fn number<'a>(text: &mut &'a [u8]) -> &'a [u8] {
    let end = text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    *text = rest;
    let zeros = digits.iter().position(|digit| *digit != b'0').unwrap_or(digits.len());
    &digits[zeros..]
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_core::{RngCore, SeedableRng};
    use rand_xoshiro::Xoshiro256PlusPlus;

    /// Each pair, both ways round.
    fn assert_in_order(sorted: &[impl AsRef<str>]) {
        let sorted: Vec<&str> = sorted.iter().map(AsRef::as_ref).collect();
        for (place, a) in sorted.iter().enumerate() {
            for (other, b) in sorted.iter().enumerate() {
                assert_eq!(compare(a.as_bytes(), b.as_bytes()), place.cmp(&other), "{a} {b}");
            }
        }
    }

    #[test]
    fn numbers_count() {
        let sorted = [
            "",
            "-1",
            "007",
            "07",
            "7",
            "7a",
            "8",
            "12",
            "a",
            "a1",
            "a01b",
            "a1b",
            "a2",
            "a99999999999999999998",
            "a99999999999999999999",
            "part-2.parquet",
            "part-10.parquet",
            "part-10.parquet.bak",
        ];
        assert_in_order(&sorted);
    }

    #[test]
    fn uuids_are_in_the_order_of_their_bytes() {
        let sorted = [
            "part-2.parquet",
            "part-10.parquet",
            "part-019a0000-0000-7000-8000-00000000000f-2.parquet",
            "part-019a0000-0000-7000-8000-00000000000f-10.parquet",
            "part-019a0009-1111-7000-8000-000000000000-0.parquet",
            "part-019a000a-0000-7000-8000-000000000000-0.parquet",
            "part-019a0010-0000-7000-8000-000000000000-0.parquet",
            "part-a.parquet",
        ];
        assert_in_order(&sorted);
    }

    #[test]
    fn it_is_a_total_order() {
        const PARTS: [&str; 14] = [
            "0",
            "1",
            "9",
            "10",
            "a",
            "b",
            "-",
            ".",
            "part-",
            "",
            "019a0000-0000-7000-8000-000000000000",
            "019a0000-0000-7000-8000-00000000000a",
            "f19a0000-0000-7000-8000-000000000000",
            "019a0000-0000-7000-8000-00000000000",
        ];
        let mut random = Xoshiro256PlusPlus::seed_from_u64(9);
        let mut name = || -> String {
            let count = random.next_u32() % 5;
            (0..count).map(|_| PARTS[random.next_u32() as usize % PARTS.len()]).collect()
        };
        let mut names: Vec<String> = (0..250).map(|_| name()).collect();
        names.sort();
        names.dedup();
        let order = |a: &String, b: &String| compare(a.as_bytes(), b.as_bytes());
        let mut sorted = names.clone();
        // Each pair, so that nothing rests on what a sort takes for granted.
        sorted.sort_by_key(|a| names.iter().filter(|b| order(b, a).is_lt()).count());
        assert_in_order(&sorted);
    }
}
