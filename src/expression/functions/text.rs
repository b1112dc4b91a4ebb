//! Text functions. A character is a Unicode code point, as in DuckDB.
//!
//! Patterns are in `regular_expression`.

use super::function::{CallError, Function, Parameter};
use crate::expression::evaluate::call::{Failure, Inputs, Prepared};
use crate::expression::evaluate::node::Node;
use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, Int64Type};
use std::borrow::Cow;
use std::sync::Arc;

use Parameter::{Integer, Text};

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new(&["trim"], "trim(text [, characters])", &[Text, Text], |a| trim(a, true, true))
        .requires(1)
        .help("removes the characters (default: spaces) at both ends, at the start, or at the end")
        .examples(&[
            "trim('  ab ') = 'ab'",
            "trim('xyabx', 'xy') = 'ab'",
            "ltrim('xax', 'x') = 'ax'",
            "rtrim('xax', 'x') = 'xa'",
        ]),
    Function::new(&["ltrim"], "ltrim(text [, characters])", &[Text, Text], |a| {
        trim(a, true, false)
    })
    .requires(1),
    Function::new(&["rtrim"], "rtrim(text [, characters])", &[Text, Text], |a| {
        trim(a, false, true)
    })
    .requires(1),
    Function::new(
        &["substr", "substring"],
        "substr(text, start [, length])",
        &[Text, Integer, Integer],
        substr,
    )
    .requires(2)
    .help(
        "the characters from a position, where 1 is the first and -1 the last; without a \
         length, up to the end; a negative length counts backwards",
    )
    .examples(&["substr('hello', 2, 3) = 'ell'", "substr('hello', -3) = 'llo'"]),
    Function::new(&["replace"], "replace(text, from, to)", &[Text, Text, Text], replace)
        .help("replaces every occurrence")
        .examples(&["replace('a-b-c', '-', '+') = 'a+b+c'"]),
    Function::new(
        &["split_part"],
        "split_part(text, separator, number)",
        &[Text, Text, Integer],
        split_part,
    )
    .help("one of the parts, counted from 1, or from the end from -1; empty if there is none")
    .examples(&["split_part('a,b,c', ',', 2) = 'b'", "split_part('a,b,c', ',', -1) = 'c'"]),
    Function::new(&["starts_with", "prefix"], "starts_with(text, start)", &[Text, Text], |_| {
        Ok(test(|text, part| text.starts_with(part)))
    })
    .help("boolean")
    .examples(&["starts_with('abc', 'ab') = TRUE"]),
    Function::new(&["ends_with", "suffix"], "ends_with(text, end)", &[Text, Text], |_| {
        Ok(test(|text, part| text.ends_with(part)))
    })
    .help("boolean")
    .examples(&["ends_with('abc', 'ab') = FALSE"]),
];

/// A function with a text result, with 64-bit offsets if its first argument has them.
pub(crate) fn gives_text<F>(arguments: &[Node], can_fail: bool, body: F) -> Prepared
where
    F: for<'a> Fn(&Inputs<'a>) -> Result<ArrayRef, Failure> + Send + Sync + 'static,
{
    let large = arguments[0].data_type() == &DataType::LargeUtf8;
    let data_type = if large { DataType::LargeUtf8 } else { DataType::Utf8 };
    Prepared { data_type, body: Arc::new(body), can_fail }
}

/// Checks that a text does not exceed the range of 32-bit offsets.
pub(crate) fn check_length(bytes: usize) -> Result<(), String> {
    match i32::try_from(bytes) {
        Ok(_) => Ok(()),
        Err(_) => Err("the text would exceed 2 GiB".to_owned()),
    }
}

/// The text that a function makes of one text.
pub(crate) fn changed(arguments: &[Node], change: fn(&str) -> Cow<'_, str>) -> Prepared {
    gives_text(arguments, false, move |inputs| {
        let text = inputs.text(0)?;
        inputs.texts(|row| Ok(change(text(row))))
    })
}

/// The number that a function counts in one text.
pub(crate) fn counted(count: fn(&str) -> usize) -> Prepared {
    Prepared::infallible(DataType::Int64, move |inputs| {
        let text = inputs.text(0)?;
        inputs.numbers::<Int64Type>(|row| Ok(count(text(row)) as i64))
    })
}

/// Whether a test of two texts holds.
pub(crate) fn test(holds: fn(&str, &str) -> bool) -> Prepared {
    Prepared::infallible(DataType::Boolean, move |inputs| {
        let (text, part) = (inputs.text(0)?, inputs.text(1)?);
        inputs.booleans(|row| Ok(holds(text(row), part(row))))
    })
}

/// `contains` of a text.
pub(crate) fn contains() -> Prepared {
    test(|text, part| text.contains(part))
}

/// The element of a text: a character, by its position.
pub(crate) fn character(arguments: &[Node]) -> Prepared {
    gives_text(arguments, false, |inputs| {
        let (text, number) = (inputs.text(0)?, inputs.integers(1)?);
        inputs.texts(|row| {
            // In DuckDB, position 0 is not a character.
            let length = i128::from(number(row) != 0);
            Ok(Cow::Borrowed(part(text(row), number(row), Some(length))))
        })
    })
}

fn trim(arguments: &mut Vec<Node>, start: bool, end: bool) -> Result<Prepared, CallError> {
    Ok(gives_text(arguments, false, move |inputs| {
        let text = inputs.text(0)?;
        let characters = if inputs.has(1) { Some(inputs.text(1)?) } else { None };
        inputs.texts(|row| {
            let listed = characters.as_ref().map(|characters| characters(row));
            let unwanted =
                |c: char| listed.map_or_else(|| is_blank(c), |listed| listed.contains(c));
            let mut text = text(row);
            if start {
                text = text.trim_start_matches(unwanted);
            }
            if end {
                text = text.trim_end_matches(unwanted);
            }
            Ok(Cow::Borrowed(text))
        })
    }))
}

/// Unicode's space separators, which DuckDB trims: no tabs, no line breaks.
fn is_blank(letter: char) -> bool {
    let is_control = matches!(letter, '\t'..='\r' | '\u{85}' | '\u{2028}' | '\u{2029}');
    letter.is_whitespace() && !is_control
}

fn substr(arguments: &mut Vec<Node>) -> Result<Prepared, CallError> {
    Ok(gives_text(arguments, false, |inputs| {
        let (text, start) = (inputs.text(0)?, inputs.integers(1)?);
        let length = if inputs.has(2) { Some(inputs.integers(2)?) } else { None };
        inputs.texts(|row| {
            let length = length.as_ref().map(|length| length(row));
            Ok(Cow::Borrowed(part(text(row), start(row), length)))
        })
    }))
}

/// The characters from a position on; the first is 1, the last is -1. A negative length runs
/// towards the front, from before the position.
fn part(text: &str, start: i128, length: Option<i128>) -> &str {
    let start = match start {
        1.. => start - 1,
        0 => -1,
        _ => text.chars().count() as i128 + start,
    };
    let (start, end) = match length {
        None => (start, i128::MAX),
        Some(length) if length < 0 => (start + length, start),
        Some(length) => (start, start + length),
    };
    let from = start.max(0);
    if end <= from {
        return "";
    }
    let count = usize::try_from(end - from).unwrap_or(usize::MAX);
    let place = |text: &str, number: usize| -> usize {
        if text.is_ascii() {
            number.min(text.len())
        } else {
            text.char_indices().nth(number).map_or(text.len(), |(place, _)| place)
        }
    };
    let rest = &text[place(text, usize::try_from(from).unwrap_or(usize::MAX))..];
    &rest[..place(rest, count)]
}

fn replace(arguments: &mut Vec<Node>) -> Result<Prepared, CallError> {
    Ok(gives_text(arguments, true, |inputs| {
        let (text, from, to) = (inputs.text(0)?, inputs.text(1)?, inputs.text(2)?);
        inputs.texts(|row| {
            let (text, from) = (text(row), from(row));
            if from.is_empty() || !text.contains(from) {
                return Ok(Cow::Borrowed(text));
            }
            let to = to(row);
            // The size is checked before the text is built: nested calls multiply.
            let added = text.matches(from).count().saturating_mul(to.len());
            check_length(text.len().saturating_add(added))?;
            Ok(Cow::Owned(text.replace(from, to)))
        })
    }))
}

/// Parts are numbered from 1, or from the end with -1; with an empty separator, the text is split
/// into characters.
fn split_part(arguments: &mut Vec<Node>) -> Result<Prepared, CallError> {
    Ok(gives_text(arguments, false, |inputs| {
        let (text, separator, number) = (inputs.text(0)?, inputs.text(1)?, inputs.integers(2)?);
        inputs.texts(|row| {
            let (text, separator, number) = (text(row), separator(row), number(row));
            let place = usize::try_from(number.unsigned_abs()).unwrap_or(usize::MAX);
            let mut letters = separator.chars();
            let part = match (letters.next(), letters.next(), place.checked_sub(1)) {
                (_, _, None) => None,
                (None, _, Some(_)) => Some(part(text, number, Some(1))),
                // To start a search for a text takes longer than to find a character.
                (Some(letter), None, Some(place)) if number > 0 => text.split(letter).nth(place),
                (_, _, Some(place)) if number > 0 => text.split(separator).nth(place),
                (_, _, Some(place)) => text.rsplit(separator).nth(place),
            };
            Ok(Cow::Borrowed(part.unwrap_or_default()))
        })
    }))
}
