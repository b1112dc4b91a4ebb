//! Literals as text writes them.

use super::kind::describe;
use super::number::Number;
use super::zone::has_zone;
use crate::error::Result;
use crate::text::escaped;
use crate::time::parse::{Form, Timestamp};
use crate::time::zone::Zone;
use arrow::datatypes::DataType;

/// The words that DuckDB reads as booleans.
pub(crate) fn parse_boolean(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "t" | "yes" | "y" | "1" => Some(true),
        "false" | "f" | "no" | "n" | "0" => Some(false),
        _ => None,
    }
}

/// A float read from text.
pub(crate) enum TextFloat {
    Special(f64),
    Number(Number),
}

/// Reads a number, `nan` or an infinity.
pub(crate) fn parse_float(text: &str) -> Option<TextFloat> {
    let text = text.trim();
    if let Some(number) = Number::parse(text) {
        return Some(TextFloat::Number(number));
    }
    let lower = text.to_ascii_lowercase();
    let (sign, word) = match lower.strip_prefix(['+', '-']) {
        Some(word) if lower.starts_with('-') => (-1.0, word),
        Some(word) => (1.0, word),
        None => (1.0, lower.as_str()),
    };
    match word {
        "nan" => Some(TextFloat::Special(f64::NAN)),
        "inf" | "infinity" => Some(TextFloat::Special(sign * f64::INFINITY)),
        _ => None,
    }
}

/// The bytes of a text, in which `\xAA` is the byte AA as in DuckDB.
pub(crate) fn unescape_bytes(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first != b'\\' {
            bytes.push(*first);
            rest = after;
            continue;
        }
        let (escape, after) = after.split_at_checked(3)?;
        let digits = str::from_utf8(escape.strip_prefix(b"x")?).ok()?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        rest = after;
    }
    Some(bytes)
}

/// Reads a point in time for a type, as nanoseconds since 1970-01-01 00:00:00. Without an offset it
/// is in the type's time zone; a type without a time zone accepts only offset 0. The error is
/// the reason, or None if the text is not a point in time at all.
pub(crate) fn read_instant(text: &str, data_type: &DataType) -> Result<i128, Option<String>> {
    let instant = Timestamp::parse(text, Form::Sql).ok_or(None)?;
    match instant.offset_seconds {
        None => Ok(Zone::of(data_type).map_err(Some)?.utc(instant.nanoseconds())),
        Some(offset) if offset != 0 && !has_zone(data_type) => Err(Some(format!(
            "'{}' has an offset from UTC, but {} has no time zone",
            escaped(text),
            describe(data_type)
        ))),
        Some(_) => Ok(instant.nanoseconds()),
    }
}
