//! `lower` and `upper`.

use super::function::{Function, Parameter};
use super::text::gives_text;
use crate::expression::evaluate::call::Prepared;
use crate::expression::evaluate::contains::ascii_mapped;
use crate::expression::evaluate::node::Node;
use std::borrow::Cow;

use Parameter::Text;

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new(&["lower", "lcase"], "lower(text)", &[Text], |arguments| {
        Ok(mapped(arguments, <[u8]>::to_ascii_lowercase, lower))
    })
    .help("lower case")
    .examples(&["lower('ABC d') = 'abc d'"]),
    Function::new(&["upper", "ucase"], "upper(text)", &[Text], |arguments| {
        Ok(mapped(arguments, <[u8]>::to_ascii_uppercase, upper))
    })
    .help("upper case")
    .examples(&["upper('abc D') = 'ABC D'"]),
];

/// Maps all texts as a whole if they are ASCII, else letter by letter.
fn mapped(arguments: &[Node], ascii: fn(&[u8]) -> Vec<u8>, letter: fn(char) -> char) -> Prepared {
    gives_text(arguments, false, move |inputs| {
        let array = inputs.array(0);
        if array.data_type() == inputs.data_type
            && let Some(mapped) = ascii_mapped(array, ascii)
        {
            return Ok(mapped);
        }
        let text = inputs.text(0)?;
        inputs.texts(|row| {
            let text = text(row);
            Ok(if text.chars().all(|c| letter(c) == c) {
                Cow::Borrowed(text)
            } else {
                Cow::Owned(text.chars().map(letter).collect())
            })
        })
    })
}

/// Maps letters one to one, like Unicode's simple mapping and DuckDB: Rust's own mapping turns some
/// letters into two.
fn lower(letter: char) -> char {
    if letter == '\u{130}' { 'i' } else { letter.to_lowercase().next().unwrap_or(letter) }
}

/// Likewise; lists the letters that have a simple mapping although their full mapping has several
/// letters.
fn upper(letter: char) -> char {
    let mut letters = letter.to_uppercase();
    match (letters.next(), letters.next()) {
        (Some(single), None) => single,
        _ => match letter {
            'ß' => 'ẞ',
            '\u{1f80}'..='\u{1f87}' | '\u{1f90}'..='\u{1f97}' | '\u{1fa0}'..='\u{1fa7}' => {
                char::from_u32(u32::from(letter) + 8).unwrap_or(letter)
            }
            '\u{1fb3}' | '\u{1fc3}' | '\u{1ff3}' => {
                char::from_u32(u32::from(letter) + 9).unwrap_or(letter)
            }
            other => other,
        },
    }
}
