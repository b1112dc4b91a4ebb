//! Conversion of intervals to and from the Parquet type INTERVAL: 12 bytes of unsigned months, days
//! and milliseconds, little-endian (LogicalTypes.md).

use crate::schema::{holds, rebuild};
use crate::time::span::{Span, spans};
use arrow::array::{
    Array, ArrayRef, FixedSizeBinaryArray, FixedSizeBinaryBuilder, IntervalMonthDayNanoArray,
};
use arrow::datatypes::{DataType, IntervalMonthDayNano};
use arrow::error::ArrowError;
use arrow::util::display::array_value_to_string;
use std::sync::Arc;

/// The stored type of an interval.
pub(crate) const STORED_TYPE: DataType = DataType::FixedSizeBinary(12);

/// In nanoseconds.
const MILLISECOND: i64 = 1_000_000;

const WAYS_OUT: &str = "leave the column out, or write an Arrow file (stream-to-file)";

/// Whether the type contains an interval, at any depth.
pub(crate) fn holds_interval(data_type: &DataType) -> bool {
    holds(data_type, |inner| matches!(inner, DataType::Interval(_)))
}

/// The same values with intervals converted to their stored type, at any depth.
///
/// # Errors
/// An interval with a negative part, a part that does not fit in 32 bits, or a time that is not
/// whole milliseconds.
pub(crate) fn intervals_stored(array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    match array.data_type() {
        DataType::Interval(_) => bytes(array),
        other if holds_interval(other) => rebuild(array, other, |inner, _| intervals_stored(inner)),
        _ => Ok(array.clone()),
    }
}

fn bytes(array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let not_interval = || ArrowError::CastError("not an interval".to_owned());
    let spans = spans(array).ok_or_else(not_interval)?;
    let mut builder = FixedSizeBinaryBuilder::with_capacity(array.len(), 12);
    for row in 0..array.len() {
        if array.is_null(row) {
            builder.append_null();
            continue;
        }
        let bytes = three_numbers(spans(row)).map_err(|why| {
            let value = array_value_to_string(array, row).unwrap_or_default();
            ArrowError::CastError(format!("{value} {why}; {WAYS_OUT}"))
        })?;
        builder.append_value(bytes)?;
    }
    Ok(Arc::new(builder.finish()))
}

fn three_numbers(span: Span) -> Result<[u8; 12], &'static str> {
    if span.nanoseconds % i128::from(MILLISECOND) != 0 {
        return Err("is not whole milliseconds");
    }
    let mut bytes = [0; 12];
    let numbers = [span.months, span.days, span.nanoseconds / i128::from(MILLISECOND)];
    for (place, number) in bytes.chunks_exact_mut(4).zip(numbers) {
        let number = u32::try_from(number).map_err(|_| match number {
            ..0 => "has a negative part",
            _ => "has more milliseconds than fit in 32 bits",
        })?;
        place.copy_from_slice(&number.to_le_bytes());
    }
    Ok(bytes)
}

/// Converts stored values to intervals. Months and days from 2^31 on are negative, as for the
/// writers that produce them (DuckDB) and for readers.
pub(crate) fn intervals_read(array: &FixedSizeBinaryArray) -> ArrayRef {
    let values = array.iter().map(|value| {
        let part = |number: usize| {
            let bytes = value?.get(number * 4..number * 4 + 4)?;
            Some(u32::from_le_bytes(bytes.try_into().ok()?))
        };
        let (months, days, milliseconds) = (part(0)?, part(1)?, part(2)?);
        Some(IntervalMonthDayNano::new(
            months.cast_signed(),
            days.cast_signed(),
            i64::from(milliseconds) * MILLISECOND,
        ))
    });
    Arc::new(values.collect::<IntervalMonthDayNanoArray>())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MILLISECOND: i128 = super::MILLISECOND as i128;

    #[test]
    fn parts_are_three_numbers_or_do_not_fit() {
        let three_numbers =
            |(months, days, nanoseconds)| three_numbers(Span { months, days, nanoseconds });
        let numbers = |bytes: [u8; 12]| {
            [0, 4, 8].map(|at| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()))
        };
        assert_eq!(three_numbers((14, 2, 3 * MILLISECOND)).map(numbers), Ok([14, 2, 3]));
        let most = i128::from(u32::MAX);
        assert_eq!(three_numbers((0, 0, most * MILLISECOND)).map(numbers), Ok([0, 0, u32::MAX]));
        assert!(three_numbers((0, 0, (most + 1) * MILLISECOND)).is_err());
        for negative in [(-1, 0, 0), (0, -1, 0), (0, 0, -MILLISECOND)] {
            assert_eq!(three_numbers(negative), Err("has a negative part"));
        }
        assert_eq!(three_numbers((0, 0, 1)), Err("is not whole milliseconds"));
    }
}
