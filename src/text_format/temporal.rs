//! Formats dates, times, timestamps, durations and intervals: ISO 8601, exact to the unit.
//!
//! Not arrow's own formatter, which ends at the year 262,143, writes an error text into the data
//! instead of failing, and rounds a zone's offset to minutes.

use crate::error::{Error, Result};
use crate::time::calendar::{append_date, append_time_of_day};
use crate::time::zone::Zone;
use arrow::array::{Array, AsArray};
use arrow::buffer::ScalarBuffer;
use arrow::datatypes::{
    DataType, IntervalDayTime, IntervalDayTimeType, IntervalMonthDayNano, IntervalMonthDayNanoType,
    IntervalUnit, TimeUnit,
};

/// The values of a temporal column.
#[derive(Debug)]
pub(crate) struct Moments {
    numbers: Numbers,
    kind: Kind,
}

#[derive(Debug)]
enum Numbers {
    Narrow(ScalarBuffer<i32>),
    Wide(ScalarBuffer<i64>),
    DayTime(ScalarBuffer<IntervalDayTime>),
    MonthDayNano(ScalarBuffer<IntervalMonthDayNano>),
}

/// The meaning of a number; `digits` is the number of fractional digits of a second in its unit.
#[derive(Debug)]
enum Kind {
    Days,
    DateMilliseconds,
    Time { digits: usize },
    Timestamp { digits: usize, zone: Option<Zone> },
    Duration { digits: usize },
    Interval,
}

impl Moments {
    /// The values of an array of a temporal type.
    ///
    /// # Errors
    /// An unknown time zone; a type that is not temporal.
    pub(crate) fn try_new(array: &dyn Array) -> Result<Self> {
        let kind = match array.data_type() {
            DataType::Date32 => Kind::Days,
            DataType::Date64 => Kind::DateMilliseconds,
            DataType::Time32(unit) | DataType::Time64(unit) => {
                Kind::Time { digits: second_digits(*unit) }
            }
            DataType::Timestamp(unit, zone) => {
                let zone = zone.as_deref().map(Zone::named).transpose().map_err(Error::failed)?;
                Kind::Timestamp { digits: second_digits(*unit), zone }
            }
            DataType::Duration(unit) => Kind::Duration { digits: second_digits(*unit) },
            DataType::Interval(_) => Kind::Interval,
            other => return Err(Error::failed(format!("{other} is not a temporal type"))),
        };
        Ok(Self { numbers: Numbers::of(array), kind })
    }

    /// Appends the text of a value that is not null.
    ///
    /// # Errors
    /// A time of day outside the day, which has no text.
    pub(crate) fn append(&self, row: usize, text: &mut Vec<u8>) -> Result<()> {
        let number = match &self.numbers {
            Numbers::Narrow(values) => i64::from(values[row]),
            Numbers::Wide(values) => values[row],
            Numbers::DayTime(values) => {
                text.extend(day_time(values[row]).bytes());
                return Ok(());
            }
            Numbers::MonthDayNano(values) => {
                text.extend(month_day_nano(values[row]).bytes());
                return Ok(());
            }
        };
        match &self.kind {
            Kind::Days => append_date(number, text),
            Kind::DateMilliseconds if number % 86_400_000 == 0 => {
                append_date(number / 86_400_000, text);
            }
            Kind::DateMilliseconds => append_timestamp(number, 3, None, text),
            Kind::Time { digits } => {
                if !(0..10_i64.pow(*digits as u32) * 86_400).contains(&number) {
                    return Err(outside_a_day(number, *digits));
                }
                append_time_of_day(number, *digits, text);
            }
            Kind::Timestamp { digits, zone } => append_timestamp(number, *digits, *zone, text),
            Kind::Duration { digits } => {
                let sign = if number < 0 { "-" } else { "" };
                let seconds = seconds(i128::from(number).abs(), *digits);
                text.extend(format!("{sign}PT{seconds}S").bytes());
            }
            Kind::Interval => text.extend(format!("P{number}M").bytes()),
        }
        Ok(())
    }
}

impl Numbers {
    fn of(array: &dyn Array) -> Self {
        match array.data_type() {
            DataType::Interval(IntervalUnit::DayTime) => {
                Self::DayTime(array.as_primitive::<IntervalDayTimeType>().values().clone())
            }
            DataType::Interval(IntervalUnit::MonthDayNano) => Self::MonthDayNano(
                array.as_primitive::<IntervalMonthDayNanoType>().values().clone(),
            ),
            narrow_or_wide => {
                let data = array.to_data();
                let (values, first, length) =
                    (data.buffers()[0].clone(), data.offset(), data.len());
                match narrow_or_wide.primitive_width() {
                    Some(4) => Self::Narrow(ScalarBuffer::new(values, first, length)),
                    _ => Self::Wide(ScalarBuffer::new(values, first, length)),
                }
            }
        }
    }
}

/// Arrow counts times of day from midnight, but does not limit the count.
fn outside_a_day(number: i64, digits: usize) -> Error {
    let unit = match digits {
        0 => "s",
        3 => "ms",
        6 => "µs",
        _ => "ns",
    };
    Error::failed(format!(
        "{number} {unit} is not a time of day, from 00:00:00 to before 24:00:00 (stream-select \
         '* EXCLUDE (...)' drops the column)"
    ))
}

/// The number of fractional digits of a second in a unit.
pub(crate) fn second_digits(unit: TimeUnit) -> usize {
    match unit {
        TimeUnit::Second => 0,
        TimeUnit::Millisecond => 3,
        TimeUnit::Microsecond => 6,
        TimeUnit::Nanosecond => 9,
    }
}

fn append_timestamp(value: i64, digits: usize, zone: Option<Zone>, text: &mut Vec<u8>) {
    let scale = 10_i64.pow(digits as u32);
    let day = scale * 86_400;
    let offset_seconds = zone.map_or(0, |zone| offset_seconds(value.div_euclid(scale), zone));
    let (days, rest) = match value.checked_add(offset_seconds * scale) {
        Some(local) => (local.div_euclid(day), local.rem_euclid(day)),
        // A local time may be out of the range of 64 bits.
        None => {
            let local = i128::from(value) + i128::from(offset_seconds * scale);
            let day = i128::from(day);
            (local.div_euclid(day) as i64, local.rem_euclid(day) as i64)
        }
    };
    append_date(days, text);
    text.push(b'T');
    append_time_of_day(rest, digits, text);
    match (zone, offset_seconds) {
        (None, _) => {}
        (_, 0) => text.push(b'Z'),
        (_, seconds) => {
            let (sign, minutes) = (if seconds < 0 { '-' } else { '+' }, seconds.abs() / 60);
            text.extend(format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60).bytes());
        }
    }
}

/// The offset of local time from UTC. ISO 8601 cannot express offsets with seconds (from before
/// time zones existed): such instants are written in UTC, which is exact.
fn offset_seconds(utc_seconds: i64, zone: Zone) -> i64 {
    let seconds = zone.offset_at(utc_seconds);
    if seconds % 60 == 0 { seconds } else { 0 }
}

fn day_time(value: IntervalDayTime) -> String {
    let milliseconds = i128::from(value.milliseconds);
    let sign = if milliseconds < 0 { "-" } else { "" };
    format!("P{}DT{sign}{}S", value.days, seconds(milliseconds.abs(), 3))
}

fn month_day_nano(value: IntervalMonthDayNano) -> String {
    let nanoseconds = i128::from(value.nanoseconds);
    let sign = if nanoseconds < 0 { "-" } else { "" };
    format!("P{}M{}DT{sign}{}S", value.months, value.days, seconds(nanoseconds.abs(), 9))
}

/// Seconds without trailing zeros, from a count of units of 10^-`digits` seconds.
fn seconds(value: i128, digits: usize) -> String {
    let scale = 10_i128.pow(digits as u32);
    match value % scale {
        0 => (value / scale).to_string(),
        fraction => {
            let text = format!("{}.{fraction:0digits$}", value / scale);
            text.trim_end_matches('0').to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{
        ArrayRef, DurationMillisecondArray, IntervalMonthDayNanoArray, TimestampMicrosecondArray,
        TimestampSecondArray,
    };
    use std::sync::Arc;

    fn texts(array: ArrayRef) -> Vec<String> {
        let moments = Moments::try_new(&array).unwrap();
        let text = |row| {
            let mut text = Vec::new();
            moments.append(row, &mut text).unwrap();
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
