//! Lists of numbers as options take them: `0,3-5,-1`, ranges inclusive, negative ones counted from
//! the end.

use crate::error::{Error, Result};
use std::ops::RangeInclusive;

/// A list of numbers and ranges, to be resolved against how many things there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberList {
    text: String,
    ranges: Vec<(i64, i64)>,
}

impl NumberList {
    /// Reads a list; none when it is no list.
    pub fn parse(text: &str) -> Option<Self> {
        let ranges = text.split(',').map(|part| range(part.trim())).collect::<Option<Vec<_>>>()?;
        Some(Self { text: text.to_owned(), ranges })
    }

    /// The places that the list names among `count` things called `what` (`row group`), in the
    /// order of the list.
    ///
    /// # Errors
    /// A number that is out of range, a range that runs backwards.
    pub fn resolve(&self, count: usize, what: &str) -> Result<Vec<usize>> {
        Ok(self.resolve_ranges(Some(count), what)?.into_iter().flatten().collect())
    }

    /// The same as ranges, also where nobody knows yet how many there are.
    ///
    /// # Errors
    /// The same, and a number that counts from an end that is not known.
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
                        "no {what} {number}: how many there are is not known before the end"
                    )));
                }
                _ => number,
            };
            if 0 <= place && count.is_none_or(|count| place < count as i64) {
                return Ok(place as usize);
            }
            Err(missing(number, count.unwrap_or_default(), what))
        };
        let range = |(first, last): &(i64, i64)| {
            let range = place(*first)?..=place(*last)?;
            if range.is_empty() {
                let text = &self.text;
                return Err(Error::failed(format!("\"{text}\" has a range that runs backwards")));
            }
            Ok(range)
        };
        self.ranges.iter().map(range).collect()
    }
}

/// Number `number` was asked for among `count` things called `what`.
pub fn missing(number: i64, count: usize, what: &str) -> Error {
    Error::failed(match count {
        0 => format!("no {what} {number}: there are none"),
        _ => format!("no {what} {number}: there are 0 to {}", count - 1),
    })
}

/// `3`, `-1`, `3-5`, `3--1`.
fn range(text: &str) -> Option<(i64, i64)> {
    if let Ok(number) = text.parse() {
        // `+3` is a number to Rust and nothing to us.
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
    fn what_is_not_there_is_told() {
        let list = NumberList::parse("9").unwrap();
        let error = list.resolve(8, "row group").unwrap_err();
        assert_eq!(error.to_string(), "no row group 9: there are 0 to 7");
        assert!(NumberList::parse("5-3").unwrap().resolve(8, "row group").is_err());
        for wrong in ["", "a", "1,", "1-", "+1", "1-2-3"] {
            assert_eq!(NumberList::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn without_a_count_only_what_counts_from_the_front_is_found() {
        let ranges = |text: &str| NumberList::parse(text).unwrap().resolve_ranges(None, "batch");
        assert_eq!(ranges("2,0-999999999999"), Ok(vec![2..=2, 0..=999_999_999_999]));
        assert!(ranges("0,-1").unwrap_err().to_string().contains("not known before the end"));
    }
}
