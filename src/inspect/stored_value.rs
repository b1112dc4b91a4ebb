//! Converts a value typed by the user to the bytes that a Parquet file stores for it.

use super::parquet_type::Meaning;
use crate::error::{Error, Result};
use crate::parquet_file::bloom_filter::stored_integer;
use crate::time::parse::{Form, TimeOfDay, Timestamp};
use crate::time::unit::unit_nanoseconds;
use arrow::datatypes::{ArrowPrimitiveType, Float16Type, i256};
use parquet::basic::Type as Physical;

/// A type to which values are converted.
#[derive(Debug, Clone, Copy)]
pub(super) struct StoredType {
    pub(super) physical: Physical,
    pub(super) meaning: Meaning,
    /// The length of a fixed-length byte array.
    pub(super) length: usize,
}

/// The stored bytes of a value: one sequence, or two if the value has two forms, like 0 among
/// floats.
///
/// # Errors
/// Text that is not a value of the type.
pub(super) fn stored(text: &str, stored: StoredType) -> Result<Vec<Vec<u8>>> {
    let no_value = || {
        let name = crate::inspect::parquet_type::name(stored.meaning);
        Error::failed(format!("\"{}\" is not a value of type {name}", crate::text::escaped(text)))
    };
    forms(text, stored).ok_or_else(no_value)
}

fn forms(text: &str, stored: StoredType) -> Option<Vec<Vec<u8>>> {
    let one = |bytes: Option<Vec<u8>>| bytes.map(|bytes| vec![bytes]);
    match (stored.physical, stored.meaning) {
        (Physical::FLOAT, _) => Some(zeros(text.parse::<f32>().ok()?, |v| v.to_le_bytes().into())),
        (Physical::DOUBLE, _) => Some(zeros(text.parse::<f64>().ok()?, |v| v.to_le_bytes().into())),
        (Physical::INT32 | Physical::INT64, meaning) => {
            let number = integer(text, meaning)?;
            one(stored_integer(number, stored.physical))
        }
        (_, Meaning::Float16) => {
            type Half = <Float16Type as ArrowPrimitiveType>::Native;
            Some(zeros(Half::from_f32(text.parse().ok()?), |v| v.to_le_bytes().into()))
        }
        (Physical::FIXED_LEN_BYTE_ARRAY, Meaning::Decimal { scale, .. }) => {
            one(big_endian(decimal(text, scale)?, stored.length))
        }
        // The fewest bytes that can hold it, as parquet-java writes it.
        (_, Meaning::Decimal { scale, .. }) => {
            let number = decimal(text, scale)?;
            one((1..=32).find_map(|length| big_endian(number, length)))
        }
        (_, Meaning::Uuid) => {
            let digits = text.replace('-', "");
            one(hexadecimal(&digits).filter(|bytes| bytes.len() == 16))
        }
        (Physical::BYTE_ARRAY, Meaning::Text(_)) => one(Some(text.as_bytes().to_vec())),
        (Physical::BYTE_ARRAY, _) => one(binary(text)),
        (Physical::FIXED_LEN_BYTE_ARRAY, _) => {
            one(binary(text).filter(|bytes| bytes.len() == stored.length))
        }
        _ => None,
    }
}

/// Bytes given in hexadecimal (0x...) or as text.
fn binary(text: &str) -> Option<Vec<u8>> {
    match text.strip_prefix("0x") {
        Some(digits) => hexadecimal(digits),
        None => Some(text.as_bytes().to_vec()),
    }
}

fn hexadecimal(digits: &str) -> Option<Vec<u8>> {
    let digits = digits.as_bytes();
    let byte = |pair: &[u8]| {
        let text = std::str::from_utf8(pair).ok().filter(|text| !text.starts_with('+'))?;
        u8::from_str_radix(text, 16).ok()
    };
    digits.len().is_multiple_of(2).then(|| digits.chunks(2).map(byte).collect())?
}

fn zeros<T: Copy + PartialEq + Default + std::ops::Neg<Output = T>>(
    value: T,
    bytes: impl Fn(T) -> Vec<u8>,
) -> Vec<Vec<u8>> {
    let zero = T::default();
    if value == zero { vec![bytes(zero), bytes(-zero)] } else { vec![bytes(value)] }
}

/// The integer that is stored for a value with this meaning.
fn integer(text: &str, meaning: Meaning) -> Option<i128> {
    match meaning {
        Meaning::Decimal { scale, .. } => decimal(text, scale)?.to_i128(),
        Meaning::Date => Timestamp::parse(text, Form::Iso)?.date().map(i128::from),
        Meaning::Time(unit) => {
            let time = TimeOfDay::parse(text, Form::Iso).filter(|time| time.fits(unit))?;
            Some(time.nanoseconds() / i128::from(unit_nanoseconds(unit)))
        }
        Meaning::Timestamp { unit, .. } => {
            let at = Timestamp::parse(text, Form::Iso).filter(|at| at.fits(unit))?;
            Some(at.nanoseconds() / i128::from(unit_nanoseconds(unit)))
        }
        _ => text.parse().ok(),
    }
}

/// The unscaled integer of a decimal at this scale; none if the text has more fraction digits.
fn decimal(text: &str, scale: i32) -> Option<i256> {
    let scale = usize::try_from(scale).ok().filter(|scale| *scale <= 76)?;
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_digits(whole) || !is_digits(fraction) || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    let missing = scale.checked_sub(fraction.len())?;
    let zeros = "0".repeat(missing);
    let digits = format!("{whole}{fraction}{zeros}");
    let digits = if digits.is_empty() { "0" } else { &digits };
    i256::from_string(&format!("{sign}{digits}"))
}

/// The two's complement in `length` bytes, most significant first; none if it does not fit.
fn big_endian(number: i256, length: usize) -> Option<Vec<u8>> {
    let whole = number.to_be_bytes();
    let sign = if number < i256::ZERO { 0xff } else { 0 };
    if whole.len() <= length {
        let mut bytes = vec![sign; length - whole.len()];
        bytes.extend_from_slice(&whole);
        return Some(bytes);
    }
    let (front, bytes) = whole.split_at(whole.len() - length);
    let fits = front.iter().all(|byte| *byte == sign)
        && bytes.first().is_some_and(|first| (first & 0x80 != 0) == (sign != 0));
    fits.then(|| bytes.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::datatypes::TimeUnit;

    fn of(text: &str, physical: Physical, meaning: Meaning, length: usize) -> Option<Vec<Vec<u8>>> {
        stored(text, StoredType { physical, meaning, length }).ok()
    }

    #[test]
    fn values_are_converted_by_type() {
        let one = |bytes: &[u8]| Some(vec![bytes.to_vec()]);
        let utc = Meaning::Timestamp { unit: TimeUnit::Millisecond, utc: true };
        let decimal = Meaning::Decimal { precision: 9, scale: 2 };
        let binary = Meaning::Binary { fixed_bytes: None };
        let signed = Meaning::Signed { bits: 32 };
        let table = [
            ("-2", Physical::INT32, signed, 0, one(&(-2_i32).to_le_bytes())),
            ("4294967295", Physical::INT32, Meaning::Unsigned { bits: 32 }, 0, one(&[0xff; 4])),
            ("x", Physical::INT32, signed, 0, None),
            ("99999999999", Physical::INT32, signed, 0, None),
            ("1970-01-02", Physical::INT32, Meaning::Date, 0, one(&1_i32.to_le_bytes())),
            ("1970-01-01T00:00:01Z", Physical::INT64, utc, 0, one(&1000_i64.to_le_bytes())),
            (
                "00:00:01.5",
                Physical::INT32,
                Meaning::Time(TimeUnit::Millisecond),
                0,
                one(&1500_i32.to_le_bytes()),
            ),
            ("1.50", Physical::INT32, decimal, 0, one(&150_i32.to_le_bytes())),
            ("1.505", Physical::INT32, decimal, 0, None),
            ("-0.01", Physical::FIXED_LEN_BYTE_ARRAY, decimal, 3, one(&[0xff; 3])),
            ("1.28", Physical::BYTE_ARRAY, decimal, 0, one(&[0, 128])),
            ("999999", Physical::FIXED_LEN_BYTE_ARRAY, decimal, 2, None),
            ("ä", Physical::BYTE_ARRAY, Meaning::Text("string"), 0, one("ä".as_bytes())),
            ("0x00fF", Physical::BYTE_ARRAY, binary, 0, one(&[0, 255])),
            ("0x0", Physical::BYTE_ARRAY, binary, 0, None),
            ("ab", Physical::FIXED_LEN_BYTE_ARRAY, binary, 2, one(b"ab")),
            ("abc", Physical::FIXED_LEN_BYTE_ARRAY, binary, 2, None),
            (
                "12121212-1212-1212-1212-121212121212",
                Physical::FIXED_LEN_BYTE_ARRAY,
                Meaning::Uuid,
                16,
                one(&[0x12; 16]),
            ),
            ("true", Physical::BOOLEAN, Meaning::Boolean, 0, None),
        ];
        for (text, physical, meaning, length, expected) in table {
            assert_eq!(of(text, physical, meaning, length), expected, "{text} {meaning:?}");
        }
    }

    #[test]
    fn zero_has_two_forms_among_floats() {
        let forms = of("0", Physical::DOUBLE, Meaning::Float64, 0).unwrap();
        assert_eq!(forms, [0.0_f64.to_le_bytes().to_vec(), (-0.0_f64).to_le_bytes().to_vec()]);
        assert_eq!(of("-0", Physical::FIXED_LEN_BYTE_ARRAY, Meaning::Float16, 2).unwrap().len(), 2);
        assert_eq!(of("1.5", Physical::FLOAT, Meaning::Float32, 0).unwrap().len(), 1);
    }
}
