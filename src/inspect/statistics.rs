//! Converts the statistics of a Parquet column chunk to exact values.

use super::bounds::Bounds;
use super::parquet_type::Meaning;
use super::value::Value;
use crate::parquet_file::statistics_validity::Doubt;
use arrow::datatypes::{ArrowPrimitiveType, Float16Type, i256};
use parquet::file::statistics::Statistics;

/// The minimum and maximum, if `parquet_file::statistics_validity` trusts them. None if either is
/// NaN, which says nothing, or if values of the type are meaningless to people.
pub(super) fn bounds(
    statistics: &Statistics,
    meaning: Meaning,
    trusted: Result<(), Doubt>,
) -> Bounds {
    let is_stated = statistics.min_bytes_opt().is_some() || statistics.max_bytes_opt().is_some();
    if matches!(meaning, Meaning::Opaque(_)) || !is_stated {
        return Bounds::default();
    }
    if let Err(doubt) = trusted {
        return Bounds::ignored(doubt);
    }
    let (min, max) = match statistics {
        Statistics::Boolean(s) => both(s.min_opt(), s.max_opt(), |v| Some(Value::Boolean(*v))),
        Statistics::Int32(s) => {
            both(s.min_opt(), s.max_opt(), |v| integer(i64::from(*v), 32, meaning))
        }
        Statistics::Int64(s) => both(s.min_opt(), s.max_opt(), |v| integer(*v, 64, meaning)),
        Statistics::Float(s) => both(s.min_opt(), s.max_opt(), |v| Some(Value::Float32(*v))),
        Statistics::Double(s) => both(s.min_opt(), s.max_opt(), |v| Some(Value::Float64(*v))),
        Statistics::ByteArray(s) => both(s.min_opt(), s.max_opt(), |v| bytes(v.data(), meaning)),
        Statistics::FixedLenByteArray(s) => {
            both(s.min_opt(), s.max_opt(), |v| bytes(v.data(), meaning))
        }
        Statistics::Int96(_) => (None, None),
    };
    if is_nan(&min) || is_nan(&max) {
        return Bounds::default();
    }
    Bounds { min, max, ..Bounds::default() }.in_order()
}

fn both<T>(
    min: Option<&T>,
    max: Option<&T>,
    convert: impl Fn(&T) -> Option<Value>,
) -> (Option<Value>, Option<Value>) {
    (min.and_then(&convert), max.and_then(&convert))
}

pub(super) fn integer(value: i64, stored_bits: u32, meaning: Meaning) -> Option<Value> {
    Some(match meaning {
        // Narrow unsigned integers use the same 32 or 64 bits, read without a sign.
        Meaning::Unsigned { .. } if stored_bits == 32 => Value::Unsigned(u64::from(value as u32)),
        Meaning::Unsigned { .. } => Value::Unsigned(value as u64),
        Meaning::Decimal { scale, .. } => {
            Value::Decimal { unscaled: i256::from_i128(i128::from(value)), scale }
        }
        Meaning::Date => Value::Date(value),
        Meaning::Time(unit) => Value::Time(value, unit),
        Meaning::Timestamp { unit, utc } => Value::Timestamp(value, unit, utc),
        _ => Value::Signed(value),
    })
}

pub(super) fn bytes(bytes: &[u8], meaning: Meaning) -> Option<Value> {
    Some(match meaning {
        Meaning::Text(_) => Value::Text(bytes.to_vec()),
        Meaning::Decimal { scale, .. } => Value::Decimal { unscaled: big_endian(bytes)?, scale },
        Meaning::Uuid => Value::Uuid(bytes.try_into().ok()?),
        Meaning::Float16 => {
            type Half = <Float16Type as ArrowPrimitiveType>::Native;
            Value::Float32(Half::from_le_bytes(bytes.try_into().ok()?).to_f32())
        }
        _ => Value::Binary(bytes.to_vec()),
    })
}

/// A two's complement integer of any length, most significant byte first; none if it needs more
/// than 256 bits.
fn big_endian(bytes: &[u8]) -> Option<i256> {
    let sign = match bytes.first() {
        Some(first) if first & 0x80 != 0 => 0xff,
        _ => 0,
    };
    let excess = bytes.len().saturating_sub(32);
    if bytes[..excess].iter().any(|byte| *byte != sign) {
        return None;
    }
    let bytes = &bytes[excess..];
    let mut whole = [sign; 32];
    whole[32 - bytes.len()..].copy_from_slice(bytes);
    let negative = whole[0] & 0x80 != 0;
    (negative == (sign == 0xff)).then(|| i256::from_be_bytes(whole))
}

fn is_nan(value: &Option<Value>) -> bool {
    match value {
        Some(Value::Float32(value)) => value.is_nan(),
        Some(Value::Float64(value)) => value.is_nan(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unsigned_values_are_read_without_a_sign() {
        let statistics = Statistics::int32(Some(1), Some(-1), None, None, false);
        let meaning = Meaning::Unsigned { bits: 32 };
        let bounds = bounds(&statistics, meaning, Ok(()));
        assert_eq!(bounds.min, Some(Value::Unsigned(1)));
        assert_eq!(bounds.max, Some(Value::Unsigned(u64::from(u32::MAX))));
    }

    #[test]
    fn a_nan_says_nothing() {
        let statistics = Statistics::double(Some(1.0), Some(f64::NAN), None, None, false);
        assert_eq!(bounds(&statistics, Meaning::Float64, Ok(())), Bounds::default());
    }

    #[test]
    fn decimals_of_any_length_are_exact() {
        assert_eq!(big_endian(&[0xff]), Some(i256::from_i128(-1)));
        assert_eq!(big_endian(&[0x00, 0x80]), Some(i256::from_i128(128)));
        assert_eq!(big_endian(&[]), Some(i256::ZERO));
        assert!(big_endian(&[&[0; 9][..], &[0x7f; 31]].concat()).is_some());
        assert_eq!(big_endian(&[0x01; 33]), None);
        // 33 bytes whose sign byte hides a set top bit: too large for 256 bits.
        assert_eq!(big_endian(&[&[0x00][..], &[0x80; 32]].concat()), None);
    }
}
