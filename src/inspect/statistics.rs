//! Converts the statistics of Parquet column chunks and pages to exact values.
//! `parquet_file::statistics_validity` decides whether they are trusted.

use super::bounds::{Bounds, Ignored};
use super::parquet_type::Meaning;
use super::value::Value;
use crate::parquet_file::statistics_validity::{ColumnTrust, Doubt};
use arrow::datatypes::{ArrowPrimitiveType, Float16Type, i256};
use parquet::basic::Type as Physical;
use parquet::data_type::ByteArray;
use parquet::file::statistics::Statistics;

/// The minimum and maximum, if they are trusted. None if either is NaN, which says nothing, or if
/// values of the type are meaningless to people.
pub(super) fn bounds(
    statistics: &Statistics,
    meaning: Meaning,
    trusted: Result<(), Doubt>,
) -> Bounds {
    let (min, max) = (statistics.min_bytes_opt(), statistics.max_bytes_opt());
    if matches!(meaning, Meaning::Opaque(_)) || (min.is_none() && max.is_none()) {
        return Bounds::default();
    }
    if let Err(doubt) = trusted {
        return Bounds::ignored(doubt);
    }
    let value = |bytes: &[u8]| value(bytes, statistics.physical_type(), meaning);
    let (min, max) = (min.and_then(value), max.and_then(value));
    if is_nan(&min) || is_nan(&max) {
        return Bounds::default();
    }
    Bounds { min, max, ..Bounds::default() }.in_order()
}

/// The minimum and maximum of a page as its header or the page index states them.
#[derive(Debug, Clone, Copy)]
pub(super) struct PageBounds<'a> {
    pub(super) min: Option<&'a [u8]>,
    pub(super) max: Option<&'a [u8]>,
    /// Whether they are from the older fields, whose order was not defined for all types.
    pub(super) are_old: bool,
}

impl PageBounds<'_> {
    /// The bounds as values, likewise.
    pub(super) fn values(
        self,
        physical: Physical,
        meaning: Meaning,
        trust: &ColumnTrust,
    ) -> Bounds {
        // They are not shown.
        if physical == Physical::INT96 {
            return Bounds::default();
        }
        let stated = self.statistics(physical);
        let fits = |bound: Option<&[u8]>, kept: Option<&[u8]>| bound.is_some() == kept.is_some();
        if !fits(self.min, stated.min_bytes_opt()) || !fits(self.max, stated.max_bytes_opt()) {
            return Bounds::ignored(Ignored::Length);
        }
        bounds(&stated, meaning, trust.page_bounds(&stated))
    }

    /// The bounds as statistics of their physical type, without those of the wrong length.
    pub(super) fn statistics(self, physical: Physical) -> Statistics {
        macro_rules! of {
            ($make:ident, $value:expr) => {{
                let (min, max) = (self.min.and_then($value), self.max.and_then($value));
                Statistics::$make(min, max, None, None, self.are_old)
            }};
        }
        match physical {
            Physical::BOOLEAN => of!(boolean, |bytes| fixed(bytes).map(|[byte]| byte != 0)),
            Physical::INT32 => of!(int32, |bytes| fixed(bytes).map(i32::from_le_bytes)),
            Physical::INT64 => of!(int64, |bytes| fixed(bytes).map(i64::from_le_bytes)),
            Physical::FLOAT => of!(float, |bytes| fixed(bytes).map(f32::from_le_bytes)),
            Physical::DOUBLE => of!(double, |bytes| fixed(bytes).map(f64::from_le_bytes)),
            Physical::BYTE_ARRAY | Physical::INT96 => {
                of!(byte_array, |bytes| Some(ByteArray::from(bytes.to_vec())))
            }
            Physical::FIXED_LEN_BYTE_ARRAY => {
                of!(fixed_len_byte_array, |bytes| Some(ByteArray::from(bytes.to_vec()).into()))
            }
        }
    }
}

/// A value in the encoding PLAIN, without the length of a byte array; none for INT96.
pub(super) fn value(bytes: &[u8], physical: Physical, meaning: Meaning) -> Option<Value> {
    match physical {
        Physical::BOOLEAN => Some(Value::Boolean(bytes != [0])),
        Physical::INT32 => integer(fixed(bytes).map(i32::from_le_bytes)?.into(), 32, meaning),
        Physical::INT64 => integer(fixed(bytes).map(i64::from_le_bytes)?, 64, meaning),
        Physical::FLOAT => fixed(bytes).map(f32::from_le_bytes).map(Value::Float32),
        Physical::DOUBLE => fixed(bytes).map(f64::from_le_bytes).map(Value::Float64),
        Physical::INT96 => None,
        Physical::BYTE_ARRAY | Physical::FIXED_LEN_BYTE_ARRAY => binary(bytes, meaning),
    }
}

fn fixed<const N: usize>(bytes: &[u8]) -> Option<[u8; N]> {
    bytes.try_into().ok()
}

fn integer(value: i64, stored_bits: u32, meaning: Meaning) -> Option<Value> {
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

fn binary(bytes: &[u8], meaning: Meaning) -> Option<Value> {
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
