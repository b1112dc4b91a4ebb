//! Conversion of INT96, nanoseconds of a day and a Julian day, to timestamps.
//!
//! Source: the deprecated INT96 timestamps of Impala and Hive: eight bytes of nanoseconds, then
//! four bytes of the day, both little-endian. Day 2,440,588 is 1970-01-01.

use super::value_error::ValueError;
use crate::error::Result;
use crate::time::calendar::{DAY_NANOSECONDS, JULIAN_DAY_OF_1970};
use crate::time::unit::{unit_nanoseconds, unit_symbol};
use arrow::array::{ArrayRef, FixedSizeBinaryArray, PrimitiveArray};
use arrow::datatypes::{
    ArrowTimestampType, TimeUnit, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType,
};
use std::sync::Arc;

/// Converts values to timestamps of a unit. Digits beyond the unit are truncated, unless
/// `is_exact`.
///
/// # Errors
/// A value that the unit cannot hold.
pub(crate) fn timestamps(
    array: &FixedSizeBinaryArray,
    unit: TimeUnit,
    zone: Option<Arc<str>>,
    is_exact: bool,
) -> Result<ArrayRef, ValueError> {
    match unit {
        TimeUnit::Second => of_unit::<TimestampSecondType>(array, zone, is_exact),
        TimeUnit::Millisecond => of_unit::<TimestampMillisecondType>(array, zone, is_exact),
        TimeUnit::Microsecond => of_unit::<TimestampMicrosecondType>(array, zone, is_exact),
        TimeUnit::Nanosecond => of_unit::<TimestampNanosecondType>(array, zone, is_exact),
    }
}

fn of_unit<T: ArrowTimestampType>(
    array: &FixedSizeBinaryArray,
    zone: Option<Arc<str>>,
    is_exact: bool,
) -> Result<ArrayRef, ValueError> {
    let nanoseconds = i128::from(unit_nanoseconds(T::UNIT));
    let values = array.iter().enumerate().map(|(place, value)| {
        let Some(time) = value.and_then(nanoseconds_since_1970) else { return Ok(None) };
        let unit = unit_symbol(T::UNIT);
        if is_exact && time.rem_euclid(nanoseconds) != 0 {
            // Another timestamp of the file does not fit a finer unit.
            let what = format!(
                "an INT96 timestamp has digits that the unit {unit} cannot hold; --int96 {unit} truncates them"
            );
            return Err(ValueError::new(place, what));
        }
        let time = i64::try_from(time.div_euclid(nanoseconds)).map_err(|_| {
            let what = format!(
                "an INT96 timestamp does not fit the unit {unit}; choose a coarser one with --int96"
            );
            ValueError::new(place, what)
        });
        time.map(Some)
    });
    let values = values.collect::<Result<PrimitiveArray<T>, _>>()?;
    Ok(Arc::new(values.with_timezone_opt(zone)))
}

/// The finest unit in which timestamps hold all plain values in these bytes.
pub(crate) fn finest_unit(values: &[u8]) -> TimeUnit {
    let times = values.chunks_exact(12).filter_map(nanoseconds_since_1970);
    let most = times.map(i128::abs).max().unwrap_or(0);
    let fits = |nanoseconds: i128| i64::try_from(most.div_euclid(nanoseconds) + 1).is_ok();
    match () {
        () if fits(1) => TimeUnit::Nanosecond,
        () if fits(1_000) => TimeUnit::Microsecond,
        () if fits(1_000_000) => TimeUnit::Millisecond,
        () => TimeUnit::Second,
    }
}

/// The nanoseconds of one value; none if it has not 12 bytes.
pub(crate) fn nanoseconds_since_1970(value: &[u8]) -> Option<i128> {
    let (time, day) = value.split_first_chunk::<8>()?;
    let day = i32::from_le_bytes(day.try_into().ok()?);
    let day = i128::from(i64::from(day) - JULIAN_DAY_OF_1970);
    Some(day * DAY_NANOSECONDS + i128::from(i64::from_le_bytes(*time)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::AsArray;

    fn int96(day: i32, nanoseconds: i64) -> Vec<u8> {
        [&nanoseconds.to_le_bytes()[..], &day.to_le_bytes()].concat()
    }

    #[test]
    fn days_count_from_1970_and_overflow_is_reported() {
        // 9999-12-31, 0001-01-01, 1970-01-02 and 1 nanosecond.
        let values = [int96(5_373_484, 0), int96(1_721_426, 0), int96(2_440_589, 1)];
        let array = FixedSizeBinaryArray::try_from_iter(values.iter()).unwrap();
        let micros = timestamps(&array, TimeUnit::Microsecond, None, false).ok().unwrap();
        let micros = micros.as_primitive::<TimestampMicrosecondType>();
        assert_eq!(
            micros.values(),
            &[253_402_214_400_000_000, -62_135_596_800_000_000, 86_400_000_000]
        );
        let error = timestamps(&array, TimeUnit::Nanosecond, None, true).err();
        assert!(error.is_some());
        let nanos = timestamps(&array.slice(2, 1), TimeUnit::Nanosecond, None, true).ok().unwrap();
        assert_eq!(nanos.as_primitive::<TimestampNanosecondType>().value(0), 86_400_000_000_001);
        assert!(timestamps(&array, TimeUnit::Microsecond, None, true).is_err());
        assert_eq!(finest_unit(&values.concat()), TimeUnit::Microsecond);
        assert_eq!(finest_unit(&values[2]), TimeUnit::Nanosecond);
        assert_eq!(finest_unit(&int96(i32::MAX, 0)), TimeUnit::Millisecond);
    }
}
