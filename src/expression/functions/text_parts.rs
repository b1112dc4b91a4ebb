//! Text functions that cut, pad, join and search. A character is a Unicode code point, as in
//! DuckDB.

use super::function::{CallError, Function, Parameter};
use super::text::{changed, check_length, counted, gives_text};
use crate::expression::evaluate::call::{Failure, Prepared};
use crate::expression::evaluate::node::Node;
use crate::expression::values::kind::describe;
use crate::expression::values::lists::{NOT_CONCATENATED, element_type};
use crate::expression::values::nested_text::has_text;
use crate::expression::values::value_text;
use arrow::array::{Array, ArrayRef, StringBuilder};
use arrow::datatypes::{DataType, Int32Type, Int64Type};
use std::borrow::Cow;
use std::fmt::Write;
use std::sync::Arc;

use Parameter::{Any, Integer, Text};

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new(&["left"], "left(text, count)", &[Text, Integer], |a| {
        Ok(piece(a, |text, count| &text[..place(text, kept(text, count))]))
    })
    .help("the first or last characters; with a negative count, all but that many")
    .examples(&["left('hello', 2) = 'he'", "right('hello', -2) = 'llo'"]),
    Function::new(&["right"], "right(text, count)", &[Text, Integer], |arguments| {
        Ok(piece(arguments, |text, count| {
            &text[place(text, text.chars().count() - kept(text, count))..]
        }))
    }),
    Function::new(&["lpad"], "lpad(text, length, filling)", &[Text, Integer, Text], |a| {
        Ok(padded(a, true))
    })
    .help("padded at the start or the end, or cut, to a length")
    .examples(&["lpad('7', 3, '0') = '007'", "rpad('ab', 4, '.') = 'ab..'"]),
    Function::new(&["rpad"], "rpad(text, length, filling)", &[Text, Integer, Text], |a| {
        Ok(padded(a, false))
    }),
    Function::new(&["repeat"], "repeat(text, count)", &[Text, Integer], repeated)
        .help("text repeated, or reversed")
        .examples(&["repeat('ab', 2) = 'abab'", "reverse('abc') = 'cba'"]),
    Function::new(&["reverse"], "reverse(text)", &[Text], |arguments| {
        Ok(changed(arguments, |text| Cow::Owned(text.chars().rev().collect())))
    }),
    Function::new(&["initcap"], "initcap(text)", &[Text], |arguments| {
        Ok(changed(arguments, |text| Cow::Owned(capitalized(text))))
    })
    .help("the first letter of each word in upper case, the others in lower case")
    .examples(&["initcap('new york') = 'New York'"]),
    Function::new(&["translate"], "translate(text, from, to)", &[Text, Text, Text], |arguments| {
        Ok(gives_text(arguments, false, |inputs| {
            let (text, from, to) = (inputs.text(0)?, inputs.text(1)?, inputs.text(2)?);
            inputs.texts(|row| Ok(Cow::Owned(translated(text(row), from(row), to(row)))))
        }))
    })
    .help("replaces each character of from by the one at the same position in to")
    .examples(&["translate('hello', 'el', 'ip') = 'hippo'"]),
    Function::new(&["concat"], "concat(value, ...)", &[Any], |arguments| joined(arguments, false))
        .repeats()
        .help("concatenated as text; nulls are skipped")
        .examples(&["concat('a', NULL, 1) = 'a1'", "concat_ws('-', 'a', NULL, 1) = 'a-1'"]),
    Function::new(&["concat_ws"], "concat_ws(separator, value, ...)", &[Text, Any], |a| {
        joined(a, true)
    })
    .repeats(),
    Function::new(&["instr", "strpos", "position"], "instr(text, part)", &[Text, Text], |_| {
        Ok(Prepared::infallible(DataType::Int64, |inputs| {
            let (text, part) = (inputs.text(0)?, inputs.text(1)?);
            inputs.numbers::<Int64Type>(|row| {
                let found = text(row).find(part(row));
                Ok(found.map_or(0, |at| text(row)[..at].chars().count() as i64 + 1))
            })
        }))
    })
    .help("the position of the first occurrence, int64, 0 if there is none")
    .examples(&["instr('hello', 'l') = 3", "position('l' IN 'hello') = 3"]),
    Function::new(&["strlen"], "strlen(text)", &[Text], |_| Ok(counted(str::len)))
        .help("the number of bytes, int64")
        .examples(&["strlen('é') = 2"]),
    Function::new(&["ascii"], "ascii(text)", &[Text], |_| Ok(code_point(0)))
        .help(
            "the code point of the first character, int32; for an empty text, ascii gives 0 \
             and unicode -1",
        )
        .examples(&["ascii('A') = 65", "unicode('') = -1"]),
    Function::new(&["unicode", "ord"], "unicode(text)", &[Text], |_| Ok(code_point(-1))),
    Function::new(&["chr"], "chr(code point)", &[Integer], |_| {
        Ok(Prepared::fallible(DataType::Utf8, |inputs| {
            let code = inputs.integers(0)?;
            inputs.texts(|row| {
                let letter = u32::try_from(code(row)).ok().and_then(char::from_u32);
                let letter = letter.ok_or_else(|| "not a Unicode code point".to_owned())?;
                Ok(Cow::Owned(letter.to_string()))
            })
        }))
    })
    .help("the character with this code point")
    .examples(&["chr(65) = 'A'"]),
];

/// The code point of the first character; `of_nothing` if there is none.
fn code_point(of_nothing: i32) -> Prepared {
    Prepared::infallible(DataType::Int32, move |inputs| {
        let text = inputs.text(0)?;
        inputs.numbers::<Int32Type>(|row| {
            Ok(text(row).chars().next().map_or(of_nothing, |c| u32::from(c) as i32))
        })
    })
}

/// How many characters `left` and `right` keep: all but `-count`, if the count is negative.
fn kept(text: &str, count: i128) -> usize {
    let all = text.chars().count();
    let wanted = if count < 0 { all as i128 + count } else { count };
    usize::try_from(wanted.max(0)).unwrap_or(usize::MAX).min(all)
}

/// The byte offset of the character at this position.
fn place(text: &str, number: usize) -> usize {
    text.char_indices().nth(number).map_or(text.len(), |(place, _)| place)
}

fn piece(arguments: &[Node], cut: fn(&str, i128) -> &str) -> Prepared {
    gives_text(arguments, false, move |inputs| {
        let (text, count) = (inputs.text(0)?, inputs.integers(1)?);
        inputs.texts(|row| Ok(Cow::Borrowed(cut(text(row), count(row)))))
    })
}

/// A text cut or padded to a length.
fn padded(arguments: &[Node], at_start: bool) -> Prepared {
    gives_text(arguments, true, move |inputs| {
        let (text, length, filling) = (inputs.text(0)?, inputs.integers(1)?, inputs.text(2)?);
        inputs.texts(|row| {
            let (text, filling) = (text(row), filling(row));
            let length = usize::try_from(length(row).max(0)).unwrap_or(usize::MAX);
            let own = text.chars().count();
            let Some(missing) = length.checked_sub(own).filter(|missing| *missing > 0) else {
                return Ok(Cow::Borrowed(&text[..place(text, length)]));
            };
            if filling.is_empty() {
                return Err("the padding text is empty".to_owned());
            }
            let letters = filling.chars().count();
            let rest = &filling[..place(filling, missing % letters)];
            let whole = (missing / letters).saturating_mul(filling.len());
            check_length(whole.saturating_add(rest.len()).saturating_add(text.len()))?;
            let filling = filling.repeat(missing / letters) + rest;
            Ok(Cow::Owned(if at_start { filling + text } else { text.to_owned() + &filling }))
        })
    })
}

fn repeated(arguments: &mut Vec<Node>) -> Result<Prepared, CallError> {
    Ok(gives_text(arguments, true, |inputs| {
        let (text, count) = (inputs.text(0)?, inputs.integers(1)?);
        inputs.texts(|row| {
            let count = usize::try_from(count(row).max(0)).unwrap_or(usize::MAX);
            check_length(text(row).len().saturating_mul(count))?;
            Ok(Cow::Owned(text(row).repeat(count)))
        })
    }))
}

/// The first letter of each word in upper case, the others in lower case.
fn capitalized(text: &str) -> String {
    let mut is_inside = false;
    let letter = |letter: char| {
        let changed: String = if is_inside {
            letter.to_lowercase().collect()
        } else {
            letter.to_uppercase().collect()
        };
        is_inside = letter.is_alphanumeric();
        changed
    };
    text.chars().map(letter).collect()
}

/// Replaces each character of `from` by the one at the same position in `to`, or drops it if there
/// is none.
fn translated(text: &str, from: &str, to: &str) -> String {
    let letter = |letter: char| match from.chars().position(|c| c == letter) {
        Some(place) => to.chars().nth(place),
        None => Some(letter),
    };
    text.chars().filter_map(letter).collect()
}

/// `concat` and `concat_ws`: nulls are skipped.
fn joined(arguments: &mut Vec<Node>, has_separator: bool) -> Result<Prepared, CallError> {
    for (place, argument) in arguments.iter().enumerate() {
        let data_type = argument.data_type();
        if element_type(data_type).is_some() {
            return Err(CallError::at(place, NOT_CONCATENATED));
        }
        if !has_text(data_type) {
            let message = format!("{} cannot be joined to text", describe(data_type));
            return Err(CallError::at(place, message));
        }
    }
    Ok(Prepared::fallible(DataType::Utf8, move |inputs| {
        let texts = (0..inputs.values.len())
            .map(|argument| inputs.by_row(argument, value_text::texts(inputs.array(argument))))
            .collect::<Result<Vec<_>, _>>()?;
        let nulls: Vec<_> = inputs.values.iter().map(|v| v.array.logical_nulls()).collect();
        let is_null = |argument: usize, row: usize| {
            let row = inputs.values[argument].place(row);
            nulls[argument].as_ref().is_some_and(|nulls| nulls.is_null(row))
        };
        let mut builder = StringBuilder::with_capacity(inputs.count, 0);
        for row in 0..inputs.count {
            if has_separator && is_null(0, row) {
                builder.append_null();
                continue;
            }
            let separator = if has_separator { texts[0](row) } else { String::new() };
            let first = usize::from(has_separator);
            let mut parts = (first..texts.len()).filter(|argument| !is_null(*argument, row));
            let mut append = |text: &str| -> Result<(), Failure> {
                let bytes = builder.values_slice().len().saturating_add(text.len());
                check_length(bytes).map_err(|why| Failure { row, why })?;
                // Writing to a builder cannot fail.
                let _ = builder.write_str(text);
                Ok(())
            };
            if let Some(first) = parts.next() {
                append(&texts[first](row))?;
            }
            for argument in parts {
                append(&separator)?;
                append(&texts[argument](row))?;
            }
            builder.append_value("");
        }
        Ok(Arc::new(builder.finish()) as ArrayRef)
    }))
}
