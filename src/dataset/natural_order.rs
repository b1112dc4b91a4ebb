//! The order in which people count: `part-2` before `part-10`.
//!
//! Own code: the crates for it compare text, where names of files are bytes, call names equal that
//! differ in zeros or blanks, or bound the numbers.

use std::cmp::Ordering;

/// Compares names byte by byte, but runs of digits as numbers of any length. Names that are equal so
/// (`1` and `01`) are in the order of their bytes: only the same name is equal.
pub fn compare(a: &[u8], b: &[u8]) -> Ordering {
    let (mut left, mut right) = (a, b);
    loop {
        let (Some(x), Some(y)) = (left.first(), right.first()) else {
            return left.len().cmp(&right.len()).then_with(|| a.cmp(b));
        };
        let order = if x.is_ascii_digit() && y.is_ascii_digit() {
            let (first, second) = (number(&mut left), number(&mut right));
            first.len().cmp(&second.len()).then_with(|| first.cmp(second))
        } else {
            (left, right) = (&left[1..], &right[1..]);
            x.cmp(y)
        };
        if order.is_ne() {
            return order;
        }
    }
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
        for (place, a) in sorted.iter().enumerate() {
            for (other, b) in sorted.iter().enumerate() {
                assert_eq!(compare(a.as_bytes(), b.as_bytes()), place.cmp(&other), "{a} {b}");
            }
        }
    }
}
