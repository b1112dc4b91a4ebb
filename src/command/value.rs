//! The values of options on the command line.

use crate::error::{Error, Result};
use crate::options::NumberList;
use crate::text::{Cursor, escaped, parse_size_bytes};
use std::ffi::OsString;
use std::str::FromStr;

/// The text of an option's value, with the option's name for messages.
#[derive(Debug)]
pub struct Value {
    option: String,
    text: OsString,
}

/// A count and its sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignedCount {
    /// `10`
    Plain(u64),
    /// `+10`
    Plus(u64),
    /// `-10`
    Minus(u64),
}

/// Stores a value in its place.
///
/// # Errors
/// That of an invalid value.
pub fn store<T, P: From<T>>(place: &mut P, value: Result<T>) -> Result<()> {
    *place = value?.into();
    Ok(())
}

impl Value {
    pub(super) fn new(option: String, text: OsString) -> Self {
        Self { option, text }
    }

    /// The value as typed: file names need not be text.
    pub fn raw(self) -> OsString {
        self.text
    }

    /// The value as text.
    ///
    /// # Errors
    /// Bytes that are not UTF-8.
    pub fn text(self) -> Result<String> {
        let option = self.option;
        self.text.into_string().map_err(|text| {
            Error::usage(format!("{option} {}: not UTF-8", escaped(&text.to_string_lossy())))
        })
    }

    /// The name of a new column.
    ///
    /// # Errors
    /// An empty name.
    pub fn name(self) -> Result<String> {
        self.parsed("a name", |text| (!text.is_empty()).then(|| text.to_owned()))
    }

    /// A count, 0 or more: `1000`, also `1_000_000`.
    ///
    /// # Errors
    /// Anything else.
    pub fn count(self) -> Result<u64> {
        self.parsed("a whole number", |text| text.replace('_', "").parse().ok())
    }

    /// A count with its sign, which has a meaning in `head` and `tail`: `10`, `-10`, `+10`.
    ///
    /// # Errors
    /// Anything else.
    pub fn signed_count(self) -> Result<SignedCount> {
        self.parsed("a whole number, optionally with - or + before it", |text| {
            match text.split_at_checked(1)? {
                ("-", digits) => Self::digits(digits).map(SignedCount::Minus),
                ("+", digits) => Self::digits(digits).map(SignedCount::Plus),
                _ => Self::digits(text).map(SignedCount::Plain),
            }
        })
    }

    /// A count of at least 1, as large as its type can hold.
    ///
    /// # Errors
    /// Anything else.
    pub fn positive<N: FromStr + Default + PartialOrd>(self) -> Result<N> {
        self.parsed("a whole number above 0", |text| {
            text.replace('_', "").parse().ok().filter(|n| *n > N::default())
        })
    }

    /// A fraction: `0.25`.
    ///
    /// # Errors
    /// Anything but a number from 0 to 1.
    pub fn fraction(self) -> Result<f64> {
        self.parsed("a number from 0 to 1", |text| {
            text.parse().ok().filter(|n| (0.0..=1.0).contains(n))
        })
    }

    /// A size in bytes of at least 1: `128MiB`.
    ///
    /// # Errors
    /// Anything else.
    pub fn size_bytes(self) -> Result<u64> {
        self.parsed("a size above 0 (try 128MiB)", |text| {
            parse_size_bytes(text).ok().filter(|n| *n > 0)
        })
    }

    /// A size in memory, limited to what the machine can address.
    ///
    /// # Errors
    /// As [`Self::size_bytes`].
    pub fn memory_bytes(self) -> Result<usize> {
        Ok(self.size_bytes()?.try_into().unwrap_or(usize::MAX))
    }

    /// Numbers and inclusive ranges: `0,3-5,-1`.
    ///
    /// # Errors
    /// Anything else.
    pub fn number_list(self) -> Result<NumberList> {
        self.parsed("a list of numbers (try 0,3-5,-1)", NumberList::parse)
    }

    /// Comma-separated names: `id,name`, also `id, name`. A name that contains a comma or a quote
    /// is in double quotes, as in CSV: `"a,b",c`.
    ///
    /// # Errors
    /// An empty name without quotes (with them, `""` is a name); a quote that is not closed.
    pub fn names(self) -> Result<Vec<String>> {
        self.parsed("a list of names (try id,name)", split_names)
    }

    /// Adds `KEY=VALUE` to those given before.
    ///
    /// # Errors
    /// A missing `=`; an empty key; a duplicate key.
    pub fn add_key_value(self, given: &mut Vec<(String, String)>) -> Result<()> {
        let option = self.option.clone();
        let (key, value) = self.parsed("KEY=VALUE", |text| {
            let (key, value) = text.split_once('=')?;
            (!key.is_empty()).then(|| (key.to_owned(), value.to_owned()))
        })?;
        if given.iter().any(|(other, _)| *other == key) {
            return Err(Error::usage(format!("{option}: duplicate key {key}")));
        }
        given.push((key, value));
        Ok(())
    }

    /// Parses one of the known words.
    ///
    /// # Errors
    /// Any other word; the message lists the known ones.
    pub fn one_of<T: Copy>(self, known: &[(&str, T)]) -> Result<T> {
        let words: Vec<&str> = known.iter().map(|(word, _)| *word).collect();
        let expected = format!("one of {}", words.join(", "));
        self.parsed(&expected, |text| {
            known.iter().find(|(word, _)| *word == text).map(|(_, value)| *value)
        })
    }

    /// Parses the text with a function that may fail; its message is prefixed with the option's
    /// name.
    ///
    /// # Errors
    /// Those of the function, as usage errors.
    pub fn try_map<T>(self, read: impl FnOnce(&str) -> Result<T>) -> Result<T> {
        let option = self.option.clone();
        let text = self.text()?;
        read(&text).map_err(|e| e.with(option).as_usage())
    }

    /// Digits alone: Rust would also accept a plus before them.
    fn digits(text: &str) -> Option<u64> {
        let text = text.replace('_', "");
        text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
    }

    fn parsed<T>(self, expected: &str, read: impl FnOnce(&str) -> Option<T>) -> Result<T> {
        let option = self.option.clone();
        let text = self.text()?;
        read(&text).ok_or_else(|| {
            Error::usage(format!("{option} takes {expected}, not \"{}\"", escaped(&text)))
        })
    }
}

fn split_names(text: &str) -> Option<Vec<String>> {
    let mut cursor = Cursor::new(text);
    let mut names = Vec::new();
    loop {
        // A name that begins or ends with a blank must be quoted.
        cursor.skip_spaces();
        names.push(match cursor.quoted().ok()? {
            Some(name) => name,
            None => {
                let name = cursor.take_while(|c| c != ',').trim_end();
                // A column without a name is written as "".
                Some(name).filter(|name| !name.is_empty())?.to_owned()
            }
        });
        if !cursor.takes(",") {
            return cursor.is_at_end().then_some(names);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Value {
        Value::new("--option".to_owned(), text.into())
    }

    #[test]
    fn names_may_hold_commas_in_quotes() {
        assert_eq!(value("id,name").names().unwrap(), ["id", "name"]);
        assert_eq!(value(" id ,\" name\" , row").names().unwrap(), ["id", " name", "row"]);
        assert_eq!(value(r#""a,b",c,"d""e""#).names().unwrap(), ["a,b", "c", "d\"e"]);
        assert_eq!(value(r#""",a"#).names().unwrap(), ["", "a"]);
        for wrong in ["", "a,", ",a", "\"a", "\"a\"b"] {
            assert!(value(wrong).names().is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_invalid_value_is_reported_with_its_option() {
        let error = value("many").positive::<u64>().unwrap_err();
        assert_eq!(error.to_string(), "--option takes a whole number above 0, not \"many\"");
        assert_eq!(error.exit_status(), 2);
        assert!(value("0").positive::<usize>().is_err());
        assert_eq!(value("1_000").count(), Ok(1000));
    }

    #[test]
    fn a_count_keeps_its_sign() {
        assert_eq!(value("10").signed_count(), Ok(SignedCount::Plain(10)));
        assert_eq!(value("+10").signed_count(), Ok(SignedCount::Plus(10)));
        assert_eq!(value("-0").signed_count(), Ok(SignedCount::Minus(0)));
        for wrong in ["", "-", "--1", "+-1", "-+1", "1.5", "é"] {
            assert!(value(wrong).signed_count().is_err(), "{wrong}");
        }
    }
}
