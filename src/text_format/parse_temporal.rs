//! Dates, times, timestamps, durations and intervals from text: ISO 8601, as counts of a unit or
//! refused. `temporal` is the inverse.

use super::conversion_error::ConversionError;
use crate::time::parse::{Form, TimeOfDay, Timestamp};
use crate::time::span::Span;
use crate::time::unit::unit_nanoseconds;
use crate::time::zone::Zone;
use arrow::datatypes::{IntervalMonthDayNano, TimeUnit};
use chrono::MappedLocalTime;

/// Days since 1970-01-01.
pub(crate) fn date(text: &str) -> Result<i64, ConversionError> {
    let date = Timestamp::parse(text, Form::Iso).and_then(|at| at.date());
    date.ok_or(ConversionError::Malformed)
}

/// Units since midnight.
pub(crate) fn time(text: &str, unit: TimeUnit) -> Result<i64, ConversionError> {
    count(TimeOfDay::parse(text, Form::Iso).ok_or(ConversionError::Malformed)?, 0, unit)
}

/// Units since 1970-01-01 00:00:00, in UTC for a type with a time zone.
pub(crate) fn timestamp(
    text: &str,
    unit: TimeUnit,
    zone: Option<Zone>,
) -> Result<i64, ConversionError> {
    let at = Timestamp::parse(text, Form::Iso).ok_or(ConversionError::Malformed)?;
    timestamp_count(&at, unit, zone)
}

/// Converts a parsed timestamp to a count of a unit.
pub(crate) fn timestamp_count(
    at: &Timestamp,
    unit: TimeUnit,
    zone: Option<Zone>,
) -> Result<i64, ConversionError> {
    let time = at.time.unwrap_or_default();
    let midnight = i128::from(at.days) * 86_400;
    let offset = match (at.offset_seconds, zone) {
        (Some(_), None) => return Err(ConversionError::HasOffset),
        (Some(seconds), Some(_)) => seconds,
        (None, None) => 0,
        (None, Some(zone)) => offset_seconds(zone, midnight + i128::from(time.seconds))?,
    };
    count(time, midnight - i128::from(offset), unit)
}

/// Units of a time of day that begins after some seconds.
fn count(time: TimeOfDay, start: i128, unit: TimeUnit) -> Result<i64, ConversionError> {
    if !time.fits(unit) {
        return Err(ConversionError::TooFine);
    }
    let nanoseconds = unit_nanoseconds(unit);
    let seconds = start + i128::from(time.seconds);
    let units = i128::from(i64::from(time.nanoseconds) / nanoseconds);
    let count = seconds * i128::from(1_000_000_000 / nanoseconds) + units;
    i64::try_from(count).map_err(|_| ConversionError::OutOfRange)
}

/// How far a local time, in seconds, is ahead of UTC.
fn offset_seconds(zone: Zone, local: i128) -> Result<i64, ConversionError> {
    let local = i64::try_from(local).map_err(|_| ConversionError::OutOfRange)?;
    match zone.offset_of_local(local) {
        MappedLocalTime::Single(offset) => Ok(offset),
        _ => Err(ConversionError::NotOneInstant),
    }
}

/// Reads `PT1.5S`, `-P1DT2H`, or a whole number of units, as pyarrow writes durations.
pub(crate) fn duration(text: &str, unit: TimeUnit) -> Result<i64, ConversionError> {
    if let Ok(count) = text.parse() {
        return Ok(count);
    }
    let (span, is_finer) =
        Span::parse(text).filter(|(span, _)| span.months == 0).ok_or(ConversionError::Malformed)?;
    let (nanoseconds, unit) = (span.length(), i128::from(unit_nanoseconds(unit)));
    if is_finer || nanoseconds % unit != 0 {
        return Err(ConversionError::TooFine);
    }
    i64::try_from(nanoseconds / unit).map_err(|_| ConversionError::OutOfRange)
}

/// Reads `P1M-2DT0.5S`.
pub(crate) fn interval(text: &str) -> Result<IntervalMonthDayNano, ConversionError> {
    let (span, is_finer) = Span::parse(text).ok_or(ConversionError::Malformed)?;
    if is_finer {
        return Err(ConversionError::TooFine);
    }
    span.value().ok_or(ConversionError::OutOfRange)
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::datatypes::IntervalMonthDayNano;

    fn stamp(text: &str, unit: TimeUnit, zone: Option<&str>) -> Result<i64, ConversionError> {
        timestamp(text, unit, zone.map(|name| Zone::named(name).unwrap()))
    }

    #[test]
    fn timestamps_are_exact_or_refused() {
        let (micro, second) = (TimeUnit::Microsecond, TimeUnit::Second);
        assert_eq!(stamp("1970-01-01", micro, None), Ok(0));
        assert_eq!(stamp("2024-02-29 12:30", second, None), Ok(1_709_209_800));
        assert_eq!(stamp("1969-12-31T23:59:59.999999000", micro, None), Ok(-1));
        assert_eq!(
            stamp("1970-01-01T00:00:00.0000001", micro, None),
            Err(ConversionError::TooFine)
        );
        assert_eq!(stamp("1970-01-01T00:00:00.1", second, None), Err(ConversionError::TooFine));
        assert_eq!(stamp("1970-01-01T00:00:00Z", micro, None), Err(ConversionError::HasOffset));
        assert_eq!(stamp("1970-01-01T02:00:00+02:00", micro, Some("UTC")), Ok(0));
        assert_eq!(stamp("1970-01-01 02:00:00 UTC", second, Some("+01:00")), Ok(7200));
        assert_eq!(stamp("2024-07-01 02:00", second, Some("Europe/Berlin")), Ok(1_719_792_000));
        let twice = stamp("2024-10-27 02:30", second, Some("Europe/Berlin"));
        assert_eq!(twice, Err(ConversionError::NotOneInstant));
        assert_eq!(stamp("-290308-12-21T19:59:05.224192", micro, None), Ok(i64::MIN));
        assert_eq!(
            stamp("-290308-12-21T19:59:05.224191", micro, None),
            Err(ConversionError::OutOfRange)
        );
        assert_eq!(stamp("+292277026596-12-04T15:30:07Z", second, Some("UTC")), Ok(i64::MAX));
        for wrong in [
            "",
            "2024",
            "2024-02-30",
            "2024-13-01",
            "2024-02-29T",
            "2024-02-29 24:00",
            "12-02-29",
            "10000-01-01",
            "2024-02-29 1",
            "2024-02-29 01:02:03.",
            "2024-02-29 01:02.5",
            "2024-02-29 01:02:03+2",
            "2024-02-29x",
            "2024-02-29 01:02:03Zz",
            "é",
        ] {
            assert_eq!(stamp(wrong, micro, None), Err(ConversionError::Malformed), "{wrong}");
        }
    }

    #[test]
    fn spans_are_exact_or_refused() {
        let milli = TimeUnit::Millisecond;
        assert_eq!(duration("-PT1.5S", milli), Ok(-1500));
        assert_eq!(duration("P1DT2H3M4S", TimeUnit::Second), Ok(93_784));
        assert_eq!(duration("42", milli), Ok(42));
        assert_eq!(duration("PT0.0001S", milli), Err(ConversionError::TooFine));
        assert_eq!(duration("P1M", milli), Err(ConversionError::Malformed));
        assert_eq!(duration("PT99999999999999999999S", milli), Err(ConversionError::OutOfRange));
        assert_eq!(interval("P1M-2DT-0.000000003S"), Ok(IntervalMonthDayNano::new(1, -2, -3)));
        for wrong in ["P", "PT", "P1", "PT1D", "P1.5D", "1S", "P-D", "PTT1S", "é"] {
            assert_eq!(interval(wrong), Err(ConversionError::Malformed), "{wrong}");
        }
    }
}
