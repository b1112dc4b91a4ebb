//! Conversion of INTERVAL (months, days and milliseconds) to Arrow months, days and nanoseconds.
//!
//! Source: LogicalTypes.md: three little-endian unsigned 32-bit integers.

use arrow::array::{ArrayRef, FixedSizeBinaryArray, IntervalMonthDayNanoArray};
use arrow::datatypes::IntervalMonthDayNano;
use std::sync::Arc;

const NANOSECONDS: i64 = 1_000_000;

/// Converts values to intervals. Months and days from 2^31 on are negative, as for the writers that
/// produce them (DuckDB) and for readers.
pub(crate) fn intervals(array: &FixedSizeBinaryArray) -> ArrayRef {
    let values = array.iter().map(|value| {
        let part = |number: usize| {
            let bytes = value?.get(number * 4..number * 4 + 4)?;
            Some(u32::from_le_bytes(bytes.try_into().ok()?))
        };
        let (months, days, milliseconds) = (part(0)?, part(1)?, part(2)?);
        Some(IntervalMonthDayNano::new(
            months.cast_signed(),
            days.cast_signed(),
            i64::from(milliseconds) * NANOSECONDS,
        ))
    });
    Arc::new(values.collect::<IntervalMonthDayNanoArray>())
}
