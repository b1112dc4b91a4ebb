//! Parses dates, times and timestamps: ISO 8601, exact, for any year that the type holds.
//! `parse_span` parses durations and intervals; `temporal` is the inverse.
//!
//! Not arrow's own parser, which holds timestamps in 64 bits of nanoseconds, drops digits that the
//! unit does not have, and ends at the year 262,143.

use super::conversion_error::ConversionError;
use crate::time::calendar::{civil, days};
use crate::time::zone::Zone;
use arrow::datatypes::TimeUnit;
use chrono::MappedLocalTime;

/// A date, possibly with a time and an offset from UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    /// Days since 1970-01-01.
    days: i64,
    /// The time of that day, if given.
    pub(crate) clock: Option<Clock>,
    /// Seconds east of UTC, if given.
    pub(crate) offset_seconds: Option<i32>,
}

/// A time of day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Clock {
    seconds: u32,
    nanoseconds: u32,
    /// Whether nonzero digits follow the ninth.
    finer: bool,
}

impl Moment {
    /// Reads `YYYY-MM-DD`, alone or followed by a time (after a blank or `T`) and an offset.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.as_bytes();
        let (days, used) = date(text)?;
        let rest = &text[used..];
        let Some((b' ' | b'T' | b't', rest)) = rest.split_first() else {
            return rest.is_empty().then_some(Self { days, clock: None, offset_seconds: None });
        };
        let (clock, used) = clock(rest)?;
        let offset_seconds = match rest[used..].trim_ascii_start() {
            [] => None,
            offset => Some(offset_from(offset)?),
        };
        Some(Self { days, clock: Some(clock), offset_seconds })
    }

    /// Whether a unit is fine enough for all its digits.
    pub(crate) fn fits(&self, unit: TimeUnit) -> bool {
        self.clock.is_none_or(|clock| clock.fits(unit))
    }

    /// Units since 1970-01-01 00:00:00, in UTC for a type with a time zone.
    pub(crate) fn timestamp(
        &self,
        unit: TimeUnit,
        zone: Option<&Zone>,
    ) -> Result<i64, ConversionError> {
        let clock = self.clock.unwrap_or_default();
        let local = i128::from(self.days) * 86_400 + i128::from(clock.seconds);
        let offset = match (self.offset_seconds, zone) {
            (Some(_), None) => return Err(ConversionError::HasOffset),
            (Some(seconds), Some(_)) => seconds.into(),
            (None, None) => 0,
            (None, Some(zone)) => offset_seconds(*zone, local)?,
        };
        clock.count(local - i128::from(offset), unit)
    }

    /// Days since 1970-01-01, if there is no time.
    pub(crate) fn date(&self) -> Option<i64> {
        self.clock.is_none().then_some(self.days)
    }
}

impl Clock {
    /// Reads `HH:MM`, `HH:MM:SS` or `HH:MM:SS.fraction`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (clock, used) = clock(text.as_bytes())?;
        (used == text.len()).then_some(clock)
    }

    /// Whether a unit is fine enough for all its digits.
    pub(crate) fn fits(&self, unit: TimeUnit) -> bool {
        !self.finer && self.nanoseconds.is_multiple_of(nanoseconds_of(unit))
    }

    /// Units since midnight.
    pub(crate) fn time(&self, unit: TimeUnit) -> Result<i64, ConversionError> {
        self.count(i128::from(self.seconds), unit)
    }

    fn count(&self, seconds: i128, unit: TimeUnit) -> Result<i64, ConversionError> {
        if !self.fits(unit) {
            return Err(ConversionError::TooFine);
        }
        let unit_nanoseconds = nanoseconds_of(unit);
        let units = i128::from(self.nanoseconds / unit_nanoseconds);
        let per_second = i128::from(1_000_000_000 / unit_nanoseconds);
        i64::try_from(seconds * per_second + units).map_err(|_| ConversionError::OutOfRange)
    }
}

/// How far a local time, in seconds, is ahead of UTC.
fn offset_seconds(zone: Zone, local: i128) -> Result<i64, ConversionError> {
    let local = i64::try_from(local).map_err(|_| ConversionError::OutOfRange)?;
    match zone.offset_of_local(local) {
        MappedLocalTime::Single(offset) => Ok(offset),
        _ => Err(ConversionError::NotOneInstant),
    }
}

/// Days since 1970-01-01 of a date at the front, and its length in bytes.
fn date(text: &[u8]) -> Option<(i64, usize)> {
    let signed = matches!(text.first(), Some(b'-' | b'+'));
    let start = usize::from(signed);
    let (year, year_end) = digits(text, start, 15)?;
    let (month, month_end) = digits(text, behind(text, year_end, b'-')?, 2)?;
    let (day, end) = digits(text, behind(text, month_end, b'-')?, 2)?;
    let year = if text[0] == b'-' { -year } else { year };
    // A first number of one or two digits is most likely a day or a month. Years of more than four
    // digits carry a sign (ISO 8601): 10234-05-12 is more likely a key.
    let year_digits = year_end - start;
    if year_digits < 4 || 4 < year_digits && !signed || !(1..=12).contains(&month) || day == 0 {
        return None;
    }
    let number = days(year, month, day);
    // A day that the month does not have would become a day of the next month.
    let exists = day <= 28 || civil(number) == (year, month as u32, day as u32);
    exists.then_some((number, end))
}

/// A time of day at the front, and its length in bytes.
fn clock(text: &[u8]) -> Option<(Clock, usize)> {
    let (hours, hours_end) = digits(text, 0, 2)?;
    let (minutes, minutes_end) = digits(text, behind(text, hours_end, b':')?, 2)?;
    let (seconds, mut end) = match behind(text, minutes_end, b':') {
        Some(start) => digits(text, start, 2)?,
        None => (0, minutes_end),
    };
    let (mut nanoseconds, mut finer) = (0, false);
    if let Some(start) = behind(text, end, b'.').or_else(|| behind(text, end, b',')) {
        let fraction = &text[start..];
        let length = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if length == 0 || end == minutes_end {
            return None;
        }
        (nanoseconds, finer) = fraction_of(&fraction[..length]);
        end = start + length;
    }
    if 23 < hours || 59 < minutes || 59 < seconds {
        return None;
    }
    let seconds = ((hours * 60 + minutes) * 60 + seconds) as u32;
    Some((Clock { seconds, nanoseconds, finer }, end))
}

/// Fractional digits of a second as nanoseconds, and whether nonzero digits follow.
pub(crate) fn fraction_of(digits: &[u8]) -> (u32, bool) {
    let digit = |place: usize| digits.get(place).map_or(0, |digit| u32::from(digit - b'0'));
    let nanoseconds = (0..9).fold(0, |number, place| number * 10 + digit(place));
    (nanoseconds, digits.iter().skip(9).any(|digit| *digit != b'0'))
}

/// The offset `Z`, `UTC`, `+02`, `+0200` or `+02:00` in seconds.
fn offset_from(text: &[u8]) -> Option<i32> {
    let sign = match text {
        b"Z" | b"z" | b"UTC" => return Some(0),
        [b'+', ..] => 1,
        [b'-', ..] => -1,
        _ => return None,
    };
    let (hours, minutes) = match &text[1..] {
        [_, _] => (&text[1..3], &b"00"[..]),
        [_, _, _, _] => (&text[1..3], &text[3..5]),
        [_, _, b':', _, _] => (&text[1..3], &text[4..6]),
        _ => return None,
    };
    let (hours, minutes) = (digits(hours, 0, 2)?, digits(minutes, 0, 2)?);
    let whole = hours.1 == 2 && minutes.1 == 2 && hours.0 < 24 && minutes.0 < 60;
    whole.then_some(sign * (hours.0 * 60 + minutes.0) as i32 * 60)
}

/// A number of one to `most` digits, and where it ends.
pub(crate) fn digits(text: &[u8], start: usize, most: usize) -> Option<(i64, usize)> {
    let mut number = 0;
    let mut end = start;
    while let Some(digit @ b'0'..=b'9') = text.get(end)
        && end - start < most
    {
        number = number * 10 + i64::from(digit - b'0');
        end += 1;
    }
    (start < end).then_some((number, end))
}

/// The position after the character `sign`, if that is at `place`.
fn behind(text: &[u8], place: usize, sign: u8) -> Option<usize> {
    (text.get(place) == Some(&sign)).then_some(place + 1)
}

pub(crate) fn nanoseconds_of(unit: TimeUnit) -> u32 {
    match unit {
        TimeUnit::Second => 1_000_000_000,
        TimeUnit::Millisecond => 1_000_000,
        TimeUnit::Microsecond => 1_000,
        TimeUnit::Nanosecond => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text_format::parse_span::{duration, interval};
    use arrow::datatypes::IntervalMonthDayNano;

    fn stamp(text: &str, unit: TimeUnit, zone: Option<&str>) -> Result<i64, ConversionError> {
        let zone = zone.map(|name| Zone::named(name).unwrap());
        Moment::parse(text).ok_or(ConversionError::Malformed)?.timestamp(unit, zone.as_ref())
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
