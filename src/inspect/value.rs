//! The exact values of minimum and maximum in a footer, and their text for people.

use crate::time::format::{date, time_of_day, timestamp};
use crate::time::unit::{second_digits, unit_symbol, units_per_day};
use crate::time::zone::Zone;
use arrow::datatypes::{Decimal256Type, DecimalType, TimeUnit, i256};
use std::fmt;
use uuid::Uuid;

/// A value of a column's type. Values of one variant (and, for decimals and times, of one scale or
/// unit) have the order of the column.
#[derive(Debug, Clone, PartialEq, PartialOrd)]
pub(super) enum Value {
    /// True or false.
    Boolean(bool),
    /// A signed integer of any width.
    Signed(i64),
    /// An unsigned integer of any width.
    Unsigned(u64),
    /// A float of 16 or 32 bits, shown with no more digits than it has.
    Float32(f32),
    /// A float of 64 bits.
    Float64(f64),
    /// `unscaled * 10^-scale`.
    Decimal {
        /// The digits as an integer.
        unscaled: i256,
        /// The number of fraction digits.
        scale: i32,
    },
    /// Days since 1970-01-01.
    Date(i64),
    /// A time of day, counted from midnight.
    Time(i64, TimeUnit),
    /// A point in time, counted from 1970-01-01; the flag is true for UTC and false for local time.
    Timestamp(i64, TimeUnit, bool),
    /// Text in UTF-8; a writer that shortened it may have cut a character.
    Text(Vec<u8>),
    /// A UUID of 16 bytes.
    Uuid([u8; 16]),
    /// Bytes without a meaning.
    Binary(Vec<u8>),
}

impl fmt::Display for Value {
    /// Formats dates and times as in ISO 8601, decimals with all their digits, text unchanged, and
    /// other bytes in quotes if they are printable ASCII, otherwise in hexadecimal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boolean(value) => write!(f, "{value}"),
            Self::Signed(value) => write!(f, "{value}"),
            Self::Unsigned(value) => write!(f, "{value}"),
            // The debug format keeps the point of 1.0 and uses an exponent for 1e300.
            Self::Float32(value) => write!(f, "{value:?}"),
            Self::Float64(value) => write!(f, "{value:?}"),
            Self::Decimal { unscaled, scale } => f.write_str(&decimal(*unscaled, *scale)),
            Self::Date(days) => f.write_str(&date(*days)),
            Self::Time(value, unit) if (0..units_per_day(*unit)).contains(value) => {
                f.write_str(&time_of_day(*value, second_digits(*unit)))
            }
            // Not a time of day.
            Self::Time(value, unit) => write!(f, "{value} {}", unit_symbol(*unit)),
            Self::Timestamp(value, unit, utc) => {
                f.write_str(&timestamp(*value, second_digits(*unit), utc.then(Zone::default)))
            }
            Self::Text(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => f.write_str(text),
                Err(_) => f.write_str(&hexadecimal(bytes)),
            },
            Self::Uuid(bytes) => write!(f, "{}", Uuid::from_bytes(*bytes)),
            Self::Binary(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) if text.bytes().all(|b| matches!(b, b' '..=b'~')) => write!(f, "{text:?}"),
                _ => f.write_str(&hexadecimal(bytes)),
            },
        }
    }
}

/// Bytes as `0x` and two digits per byte.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16);
    let digits = bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0x0f)]);
    "0x".chars().chain(digits.flatten()).collect()
}

fn decimal(unscaled: i256, scale: i32) -> String {
    // A foreign footer may claim any scale; no more zeros are written than types can hold.
    let Some(scale) = i8::try_from(scale).ok().filter(|scale| (0..=76).contains(scale)) else {
        return format!("{unscaled}e{}", -i64::from(scale));
    };
    Decimal256Type::format_decimal(unscaled, Decimal256Type::MAX_PRECISION, scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(value: Value) -> String {
        value.to_string()
    }

    #[test]
    fn decimals_keep_all_digits() {
        let decimal = |unscaled: i64, scale| {
            shown(Value::Decimal { unscaled: i256::from_i128(unscaled.into()), scale })
        };
        assert_eq!(decimal(12345, 2), "123.45");
        assert_eq!(decimal(-5, 3), "-0.005");
        assert_eq!(decimal(7, 0), "7");
        assert_eq!(decimal(7, i32::MAX), "7e-2147483647");
        let most = Value::Decimal { unscaled: i256::MAX, scale: 76 };
        assert_eq!(shown(most).len(), 78);
    }

    #[test]
    fn dates_and_times_read_as_iso_8601() {
        assert_eq!(shown(Value::Date(0)), "1970-01-01");
        assert_eq!(shown(Value::Date(-1)), "1969-12-31");
        assert_eq!(shown(Value::Date(19_782)), "2024-02-29");
        assert_eq!(shown(Value::Date(11_016)), "2000-02-29");
        assert_eq!(shown(Value::Date(2_932_897)), "+10000-01-01");
        assert_eq!(shown(Value::Time(3_723_004_000, TimeUnit::Microsecond)), "01:02:03.004");
        assert_eq!(shown(Value::Time(86_400_000, TimeUnit::Millisecond)), "86400000 ms");
        assert_eq!(shown(Value::Time(-1, TimeUnit::Nanosecond)), "-1 ns");
        let stamp = |value, utc| shown(Value::Timestamp(value, TimeUnit::Millisecond, utc));
        assert_eq!(stamp(-1, true), "1969-12-31T23:59:59.999Z");
        assert_eq!(stamp(86_400_000, false), "1970-01-02T00:00:00");
        assert_eq!(stamp(i64::MAX, true), "+292278994-08-17T07:12:55.807Z");
    }

    #[test]
    fn bytes_are_quoted_or_hexadecimal() {
        assert_eq!(shown(Value::Binary(b"01/01/09".to_vec())), "\"01/01/09\"");
        assert_eq!(shown(Value::Binary(vec![0, 255])), "0x00ff");
        assert_eq!(shown(Value::Text("ä".into())), "ä");
        assert_eq!(shown(Value::Text(vec![0xc3])), "0xc3");
        assert_eq!(shown(Value::Uuid([0x12; 16])), "12121212-1212-1212-1212-121212121212");
    }

    #[test]
    fn floats_show_no_more_digits_than_they_have() {
        assert_eq!(shown(Value::Float32(0.1)), "0.1");
        assert_eq!(shown(Value::Float64(1.0)), "1.0");
    }
}
