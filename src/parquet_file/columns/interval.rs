//! INTERVAL: months, days and milliseconds, as Arrow's months, days and nanoseconds.
//!
//! Source: LogicalTypes.md: three little-endian unsigned integers of 32 bits.

use arrow::array::{ArrayRef, FixedSizeBinaryArray, IntervalMonthDayNanoArray};
use arrow::datatypes::IntervalMonthDayNano;
use std::sync::Arc;

const NANOSECONDS: i64 = 1_000_000;

/// Values as intervals. Months and days beyond 2^31 are negative ones to the writers that make them
/// (DuckDB), and to those that read them.
pub(super) fn intervals(array: &FixedSizeBinaryArray) -> ArrayRef {
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
