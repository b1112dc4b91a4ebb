//! Lists of row groups as people write them: `0,3-5,-1`.

use crate::error::{Error, Result};

/// A list of row groups, the same for every file: numbers from 0, inclusive ranges, and negative
/// numbers that count from the end (`-1` is the last).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowGroups {
    ranges: Vec<(i64, i64)>,
}

impl RowGroups {
    /// Reads `0,3-5,-1`.
    ///
    /// # Errors
    /// Text that is no such list (a fault of the command line).
    pub fn parse(text: &str) -> Result<Self> {
        let ranges = text.split(',').map(|item| {
            parse_range(item.trim()).ok_or_else(|| {
                let shown = crate::text::escaped(text);
                Error::usage(format!("\"{shown}\" is no list of row groups (try 0,3-5,-1)"))
            })
        });
        Ok(Self { ranges: ranges.collect::<Result<_>>()? })
    }

    /// The numbers meant, in the order written, for a file of `count` row groups.
    ///
    /// # Errors
    /// A number the file does not have.
    pub(super) fn resolve(&self, count: usize) -> Result<Vec<usize>> {
        let mut chosen = Vec::new();
        for (first, last) in &self.ranges {
            let (first, last) = (place(*first, count)?, place(*last, count)?);
            if last < first {
                return Err(Error::failed(format!(
                    "row groups {first} to {last} run backwards (the file has {count})"
                )));
            }
            chosen.extend(first..=last);
        }
        Ok(chosen)
    }
}

fn place(number: i64, count: usize) -> Result<usize> {
    let from_start = if number < 0 { number + count as i64 } else { number };
    usize::try_from(from_start).ok().filter(|place| *place < count).ok_or_else(|| {
        let last =
            if count == 1 { "only row group 0".into() } else { format!("{count} row groups") };
        Error::failed(format!("no row group {number}: the file has {last}"))
    })
}

fn parse_range(text: &str) -> Option<(i64, i64)> {
    // The first character may be a sign; a hyphen after it stands between two numbers.
    let hyphen = text.char_indices().skip(1).find(|(_, letter)| *letter == '-');
    match hyphen {
        Some((place, _)) => {
            Some((parse_number(&text[..place])?, parse_number(&text[place + 1..])?))
        }
        None => parse_number(text).map(|number| (number, number)),
    }
}

fn parse_number(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    // The format numbers row groups with 16 bits; 15 digits keep the arithmetic far from overflow.
    let sane =
        !digits.is_empty() && digits.len() < 16 && digits.bytes().all(|b| b.is_ascii_digit());
    sane.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(text: &str, count: usize) -> Result<Vec<usize>> {
        RowGroups::parse(text)?.resolve(count)
    }

    #[test]
    fn lists_are_inclusive_and_count_from_both_ends() {
        assert_eq!(resolve("0,3-5,-1", 8), Ok(vec![0, 3, 4, 5, 7]));
        assert_eq!(resolve("-3--2", 8), Ok(vec![5, 6]));
        assert_eq!(resolve("6--1", 8), Ok(vec![6, 7]));
        assert_eq!(resolve("2, 1", 8), Ok(vec![2, 1]));
    }

    #[test]
    fn what_the_file_does_not_have_is_an_error() {
        let message = |text, count| resolve(text, count).unwrap_err().to_string();
        assert_eq!(message("8", 8), "no row group 8: the file has 8 row groups");
        assert_eq!(message("-2", 1), "no row group -2: the file has only row group 0");
        assert_eq!(message("5-3", 8), "row groups 5 to 3 run backwards (the file has 8)");
    }

    #[test]
    fn other_text_is_a_fault_of_the_command_line() {
        for wrong in ["", ",", "a", "1-", "-", "1..2", "--1", "1-2-3", "99999999999999999999"] {
            let error = RowGroups::parse(wrong).unwrap_err();
            assert_eq!(error.exit_status(), 2, "{wrong}: {error}");
        }
    }
}
