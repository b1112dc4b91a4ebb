//! Natural order of names: `part-2` before `part-10`.
//!
//! Own code: the crates for it compare text, although file names are bytes, treat names as equal
//! that differ in zeros or blanks, or limit the size of numbers.

use std::cmp::Ordering;

/// A token at the front of a name. Tokens depend on their own name alone, so the order is an order
/// of lists of tokens.
enum Token<'a> {
    /// The digits without leading zeros.
    Number(&'a [u8]),
    /// A UUID. Appended files have UUIDs that begin with the time, so that their byte order is the
    /// order of time. Taking the decimal digits among the hexadecimal ones for numbers would lose
    /// it.
    Uuid(&'a [u8]),
    Byte(u8),
}

/// Compares names byte by byte, except that digits are compared as numbers of any length, and UUIDs
/// as a whole. Names that are equal in this order (`1` and `01`) are compared by their bytes: only
/// identical names are equal.
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

    /// Numbers sort where digits sort among bytes, and UUIDs after them: appended files come last.
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

/// Takes the digits off the front; returns them without leading zeros.
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

    /// Checks each pair, in both directions.
    fn assert_in_order(sorted: &[impl AsRef<str>]) {
        let sorted: Vec<&str> = sorted.iter().map(AsRef::as_ref).collect();
        for (place, a) in sorted.iter().enumerate() {
            for (other, b) in sorted.iter().enumerate() {
                assert_eq!(compare(a.as_bytes(), b.as_bytes()), place.cmp(&other), "{a} {b}");
            }
        }
    }

    #[test]
    fn digits_are_compared_as_numbers() {
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
        // Compares each pair, so that nothing relies on the assumptions of a sort.
        sorted.sort_by_key(|a| names.iter().filter(|b| order(b, a).is_lt()).count());
        assert_in_order(&sorted);
    }
}
