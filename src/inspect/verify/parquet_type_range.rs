//! The range that a type allows within its physical type, as 8 of 32 bits.
//!
//! Source: LogicalTypes.md: integers of a bit width, the digits of a decimal, the time of a day.

use super::parquet_found::Found;
use super::parquet_order::Stored;
use super::parquet_statistics::ColumnType;
use crate::inspect::parquet_type::Meaning;
use crate::time::unit::units_per_day;
use std::ops::RangeInclusive;

/// A clause about a value that the type of its column does not have.
pub(super) fn wrong_value<T: Stored>(column: &ColumnType, found: &Found<T>) -> Option<String> {
    let range = range(column.meaning)?;
    let is_wrong = |value: &&T| integer(&value.stored()).is_some_and(|v| !range.contains(&v));
    let value = found.min.iter().chain(&found.max).find(is_wrong)?;
    let value = column.text(value);
    let [least, most] = [range.start(), range.end()];
    Some(format!("value {value} is outside of its type, which holds {least} to {most} as stored"))
}

/// The stored integers that are values of a type; none if all are, or if it is no integer.
fn range(meaning: Meaning) -> Option<RangeInclusive<i64>> {
    match meaning {
        Meaning::Signed { bits } if bits < 32 => {
            let half = 1_i64 << (bits.max(1) - 1);
            Some(-half..=half - 1)
        }
        Meaning::Unsigned { bits } if bits < 32 => Some(0..=(1_i64 << bits) - 1),
        Meaning::Decimal { precision, .. } => {
            let beyond = 10_i64.checked_pow(u32::try_from(precision).ok()?)?;
            Some(1 - beyond..=beyond - 1)
        }
        Meaning::Time(unit) => Some(0..=units_per_day(unit) - 1),
        _ => None,
    }
}

/// A stored INT32 or INT64.
fn integer(stored: &[u8]) -> Option<i64> {
    match stored.len() {
        4 => Some(i32::from_le_bytes(stored.try_into().ok()?).into()),
        8 => Some(i64::from_le_bytes(stored.try_into().ok()?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::datatypes::TimeUnit;

    #[test]
    fn ranges_are_those_of_the_types() {
        assert_eq!(range(Meaning::Signed { bits: 8 }), Some(-128..=127));
        assert_eq!(range(Meaning::Unsigned { bits: 16 }), Some(0..=65_535));
        assert_eq!(range(Meaning::Signed { bits: 32 }), None);
        assert_eq!(range(Meaning::Decimal { precision: 2, scale: 1 }), Some(-99..=99));
        assert_eq!(range(Meaning::Decimal { precision: 38, scale: 1 }), None);
        assert_eq!(range(Meaning::Time(TimeUnit::Millisecond)), Some(0..=86_399_999));
    }
}
