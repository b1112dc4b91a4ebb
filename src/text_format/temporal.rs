//! Formats dates, times, timestamps, durations and intervals: ISO 8601, exact to the unit.
//!
//! Not arrow's own formatter, which ends at the year 262,143, writes an error text into the data
//! instead of failing, and rounds a zone's offset to minutes.

use crate::error::{Error, Result};
use crate::time::format::{append_date, append_time_of_day, append_timestamp, seconds};
use crate::time::span::spans;
use crate::time::unit::{second_digits, unit_symbol, units_per_day};
use crate::time::zone::Zone;
use arrow::array::{Array, AsArray, downcast_temporal};
use arrow::datatypes::{
    DataType, DurationMicrosecondType, DurationMillisecondType, DurationNanosecondType,
    DurationSecondType, TimeUnit,
};

/// Appends the text of a row's value, which must not be null. Fails for a time of day outside the
/// day, which has no text.
pub(crate) type AppendText<'a> = Box<dyn Fn(usize, &mut Vec<u8>) -> Result<()> + 'a>;

/// The texts of a temporal column.
///
/// # Errors
/// An unknown time zone; a type that is not temporal.
pub(crate) fn temporal_texts(array: &dyn Array) -> Result<AppendText<'_>> {
    let data_type = array.data_type();
    if let DataType::Interval(unit) = data_type
        && let Some(spans) = spans(array)
    {
        return Ok(Box::new(move |row, text| {
            text.extend(spans(row).iso(*unit).bytes());
            Ok(())
        }));
    }
    let zone = Zone::of(data_type).map_err(Error::failed)?;
    macro_rules! counts {
        ($type:ty) => {{
            let values = array.as_primitive::<$type>().values();
            Box::new(move |row, text| append(data_type, zone, values[row].into(), text))
        }};
    }
    Ok(downcast_temporal! {
        data_type => (counts),
        DataType::Duration(TimeUnit::Second) => counts!(DurationSecondType),
        DataType::Duration(TimeUnit::Millisecond) => counts!(DurationMillisecondType),
        DataType::Duration(TimeUnit::Microsecond) => counts!(DurationMicrosecondType),
        DataType::Duration(TimeUnit::Nanosecond) => counts!(DurationNanosecondType),
        other => return Err(not_temporal(other)),
    })
}

/// Appends the text of a number of a type's units.
fn append(data_type: &DataType, zone: Zone, number: i64, text: &mut Vec<u8>) -> Result<()> {
    match data_type {
        DataType::Date32 => append_date(number, text),
        DataType::Date64 if number % 86_400_000 == 0 => append_date(number / 86_400_000, text),
        DataType::Date64 => append_timestamp(number, 3, None, text),
        DataType::Time32(unit) | DataType::Time64(unit) => {
            if !(0..units_per_day(*unit)).contains(&number) {
                return Err(outside_a_day(number, *unit));
            }
            append_time_of_day(number, second_digits(*unit), text);
        }
        DataType::Timestamp(unit, name) => {
            append_timestamp(number, second_digits(*unit), name.as_ref().map(|_| zone), text);
        }
        DataType::Duration(unit) => {
            let sign = if number < 0 { "-" } else { "" };
            let seconds = seconds(i128::from(number).abs(), second_digits(*unit));
            text.extend(format!("{sign}PT{seconds}S").bytes());
        }
        other => return Err(not_temporal(other)),
    }
    Ok(())
}

fn not_temporal(data_type: &DataType) -> Error {
    Error::failed(format!("{data_type} is not a temporal type"))
}

/// Arrow counts times of day from midnight, but does not limit the count.
fn outside_a_day(number: i64, unit: TimeUnit) -> Error {
    let unit = match unit {
        TimeUnit::Microsecond => "µs",
        other => unit_symbol(other),
    };
    Error::failed(format!(
        "{number} {unit} is not a time of day, from 00:00:00 to before 24:00:00 (stream-select \
         '* EXCLUDE (...)' drops the column)"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{
        ArrayRef, DurationMillisecondArray, IntervalMonthDayNanoArray, TimestampMicrosecondArray,
        TimestampSecondArray,
    };
    use arrow::datatypes::IntervalMonthDayNano;
    use std::sync::Arc;

    fn texts(array: ArrayRef) -> Vec<String> {
        let append = temporal_texts(&array).unwrap();
        let text = |row| {
            let mut text = Vec::new();
            append(row, &mut text).unwrap();
            String::from_utf8(text).unwrap()
        };
        (0..array.len()).map(text).collect()
    }

    #[test]
    fn timestamps_are_exact_at_every_end() {
        let stamps = TimestampMicrosecondArray::from(vec![0, -1, 1_600_000_000_500_000, i64::MIN]);
        assert_eq!(
            texts(Arc::new(stamps.slice(1, 3))),
            [
                "1969-12-31T23:59:59.999999",
                "2020-09-13T12:26:40.5",
                "-290308-12-21T19:59:05.224192"
            ]
        );
        let berlin = stamps.with_timezone("Europe/Berlin");
        assert_eq!(texts(Arc::new(berlin.slice(2, 1))), ["2020-09-13T14:26:40.5+02:00"]);
        let seconds = TimestampSecondArray::from(vec![i64::MAX, 0]).with_timezone("UTC");
        assert_eq!(
            texts(Arc::new(seconds)),
            ["+292277026596-12-04T15:30:07Z", "1970-01-01T00:00:00Z"]
        );
        let last = TimestampMicrosecondArray::from(vec![i64::MAX]).with_timezone("+14:00");
        assert_eq!(texts(Arc::new(last)), ["+294247-01-10T18:00:54.775807+14:00"]);
        // Berlin's local mean time was 53 minutes and 28 seconds ahead.
        let old = TimestampSecondArray::from(vec![-3_000_000_000]).with_timezone("Europe/Berlin");
        assert_eq!(texts(Arc::new(old)), ["1874-12-07T18:40:00Z"]);
    }

    #[test]
    fn spans_keep_their_signs() {
        let durations = DurationMillisecondArray::from(vec![0, -1500, 86_400_000]);
        assert_eq!(texts(Arc::new(durations)), ["PT0S", "-PT1.5S", "PT86400S"]);
        let interval = IntervalMonthDayNano::new(1, -2, -3);
        let interval = IntervalMonthDayNanoArray::from(vec![interval]);
        assert_eq!(texts(Arc::new(interval)), ["P1M-2DT-0.000000003S"]);
    }
}
