//! Lists of numbers in options: `0,3-5,-1`. Ranges are inclusive, negative numbers count from the
//! end.

use crate::error::{Error, Result};
use std::ops::RangeInclusive;

/// A list of numbers and ranges, to be resolved once the number of items is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberList {
    text: String,
    ranges: Vec<(i64, i64)>,
}

impl NumberList {
    /// Parses a list; `None` if it is not a list.
    pub fn parse(text: &str) -> Option<Self> {
        let ranges = text.split(',').map(|part| range(part.trim())).collect::<Option<Vec<_>>>()?;
        Some(Self { text: text.to_owned(), ranges })
    }

    /// Returns the indexes of the list among `count` items called `what` (`row group`), in the
    /// order of the list.
    ///
    /// # Errors
    /// A number that is out of range; a descending range.
    pub fn resolve(&self, count: usize, what: &str) -> Result<Vec<usize>> {
        Ok(self.resolve_ranges(Some(count), what)?.into_iter().flatten().collect())
    }

    /// Returns the indexes as ranges, even if the number of items is not known yet.
    ///
    /// # Errors
    /// As [`Self::resolve`]; a number that counts from an unknown end.
    pub fn resolve_ranges(
        &self,
        count: Option<usize>,
        what: &str,
    ) -> Result<Vec<RangeInclusive<usize>>> {
        let place = |number: i64| {
            let place = match count {
                Some(count) if number < 0 => count as i64 + number,
                None if number < 0 => {
                    return Err(Error::failed(format!(
                        "cannot find {what} {number}: the total is not known before the end"
                    )));
                }
                _ => number,
            };
            if place >= 0 && count.is_none_or(|count| place < count as i64) {
                return Ok(place as usize);
            }
            Err(missing(number, count.unwrap_or_default(), what))
        };
        let range = |(first, last): &(i64, i64)| {
            let range = place(*first)?..=place(*last)?;
            if range.is_empty() {
                let text = &self.text;
                return Err(Error::failed(format!("\"{text}\" has a descending range")));
            }
            Ok(range)
        };
        self.ranges.iter().map(range).collect()
    }
}

/// The error for index `number`, which is out of range for `count` items called `what`.
pub fn missing(number: i64, count: usize, what: &str) -> Error {
    Error::failed(match count {
        0 => format!("no {what} {number}: there are none"),
        _ => format!("no {what} {number}: they are numbered 0 to {}", count - 1),
    })
}

/// `3`, `-1`, `3-5`, `3--1`.
fn range(text: &str) -> Option<(i64, i64)> {
    if let Ok(number) = text.parse() {
        // Rust accepts `+3` as a number; we do not.
        return (!text.starts_with('+')).then_some((number, number));
    }
    let dash = text.get(1..)?.find('-')? + 1;
    let (first, last) = (text[..dash].parse().ok()?, text[dash + 1..].parse().ok()?);
    Some((first, last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_inclusive_and_count_from_the_end() {
        let list = NumberList::parse("0,3-5,-1").unwrap();
        assert_eq!(list.resolve(8, "row group"), Ok(vec![0, 3, 4, 5, 7]));
        assert_eq!(NumberList::parse("-3--1").unwrap().resolve(5, "row group"), Ok(vec![2, 3, 4]));
    }

    #[test]
    fn a_number_out_of_range_is_an_error() {
        let list = NumberList::parse("9").unwrap();
        let error = list.resolve(8, "row group").unwrap_err();
        assert_eq!(error.to_string(), "no row group 9: they are numbered 0 to 7");
        assert!(NumberList::parse("5-3").unwrap().resolve(8, "row group").is_err());
        for wrong in ["", "a", "1,", "1-", "+1", "1-2-3"] {
            assert_eq!(NumberList::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn without_a_count_only_numbers_from_the_start_are_resolved() {
        let ranges = |text: &str| NumberList::parse(text).unwrap().resolve_ranges(None, "batch");
        assert_eq!(ranges("2,0-999999999999"), Ok(vec![2..=2, 0..=999_999_999_999]));
        assert!(ranges("0,-1").unwrap_err().to_string().contains("not known before the end"));
    }
}
