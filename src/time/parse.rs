//! Parses dates, times of day, timestamps and offsets from UTC: ISO 8601, exact, for any year.
//! `span` parses durations; `format` is the inverse.
//!
//! Not arrow's own parser, which holds timestamps in 64 bits of nanoseconds (years 1677 to 2262),
//! drops digits that the unit does not have, and applies an offset without reporting that there
//! was one.

use super::calendar::{DAY_NANOSECONDS, existing_day};
use super::unit::unit_nanoseconds;
use arrow::datatypes::TimeUnit;

/// The texts that are accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// ISO 8601, where months, days, hours, minutes and seconds may have one digit.
    Iso,
    /// The text that DuckDB casts: years of one to six digits, the time 24:00:00, offsets such as
    /// `+2` or `+00:53:28`, blanks around it. No digits after the ninth of a fraction.
    Sql,
}

/// A date, possibly with a time of day and an offset from UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Timestamp {
    /// Days since 1970-01-01.
    pub(crate) days: i64,
    /// The time of that day, if given.
    pub(crate) time: Option<TimeOfDay>,
    /// Seconds east of UTC, if given (`Z` is 0).
    pub(crate) offset_seconds: Option<i64>,
}

/// A time of day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct TimeOfDay {
    pub(crate) seconds: u32,
    pub(crate) nanoseconds: u32,
    /// Whether nonzero digits follow the ninth.
    is_finer: bool,
}

impl Timestamp {
    /// Reads `YYYY-MM-DD`, alone or followed by a time (after a blank or `T`) and an offset.
    pub(crate) fn parse(text: &str, form: Form) -> Option<Self> {
        let (days, rest) = date(trimmed(text, form), form)?;
        let Some((b' ' | b'T' | b't', mut rest)) = rest.split_first() else {
            return rest.is_empty().then_some(Self { days, time: None, offset_seconds: None });
        };
        if form == Form::Sql {
            while let Some((b' ' | b'T' | b't', behind)) = rest.split_first() {
                rest = behind;
            }
            rest = rest.trim_ascii_start();
        }
        let (time, rest) = time_of_day(rest, form)?;
        let offset_seconds = match rest.trim_ascii_start() {
            [] => None,
            text => Some(offset(text, form)?),
        };
        Some(Self { days, time: Some(time), offset_seconds })
    }

    /// Nanoseconds since 1970-01-01 00:00:00 UTC; a time without an offset is in UTC.
    pub(crate) fn nanoseconds(&self) -> i128 {
        let offset = i128::from(self.offset_seconds.unwrap_or(0)) * 1_000_000_000;
        let time = self.time.unwrap_or_default().nanoseconds();
        i128::from(self.days) * DAY_NANOSECONDS + time - offset
    }

    /// Whether a unit is fine enough for all its digits.
    pub(crate) fn fits(&self, unit: TimeUnit) -> bool {
        self.time.is_none_or(|time| time.fits(unit))
    }

    /// Days since 1970-01-01, if there is no time.
    pub(crate) fn date(&self) -> Option<i64> {
        self.time.is_none().then_some(self.days)
    }
}

impl TimeOfDay {
    /// Reads `HH:MM`, `HH:MM:SS` or `HH:MM:SS.fraction`.
    pub(crate) fn parse(text: &str, form: Form) -> Option<Self> {
        let (time, rest) = time_of_day(trimmed(text, form), form)?;
        rest.is_empty().then_some(time)
    }

    /// Nanoseconds since midnight.
    pub(crate) fn nanoseconds(&self) -> i128 {
        i128::from(self.seconds) * 1_000_000_000 + i128::from(self.nanoseconds)
    }

    /// Whether a unit is fine enough for all its digits.
    pub(crate) fn fits(&self, unit: TimeUnit) -> bool {
        !self.is_finer && i64::from(self.nanoseconds) % unit_nanoseconds(unit) == 0
    }
}

/// Reads the offset `Z`, `UTC`, `+02`, `+0200` or `+02:00` as seconds.
pub(crate) fn offset(text: &[u8], form: Form) -> Option<i64> {
    let sign = match text {
        b"Z" | b"z" | b"UTC" => return Some(0),
        [b'+', ..] => 1,
        [b'-', ..] => -1,
        _ => return None,
    };
    let mut rest = &text[1..];
    let (hours, hour_digits) = digits(&mut rest, 2)?;
    let has_colon = skip(&mut rest, b':');
    let is_hour = rest.is_empty() && !has_colon;
    let (minutes, minute_digits) = if is_hour { (0, 2) } else { digits(&mut rest, 2)? };
    let has_seconds = form == Form::Sql && has_colon && skip(&mut rest, b':');
    let (seconds, _) = if has_seconds { digits(&mut rest, 2)? } else { (0, 2) };
    let is_loose = form == Form::Sql && (has_colon || is_hour);
    let most_hours = if form == Form::Sql { 18 } else { 23 };
    let fits = rest.is_empty()
        && (is_loose || hour_digits == 2 && minute_digits == 2)
        && hours <= most_hours
        && minutes <= 59
        && seconds <= 59;
    fits.then_some(sign * ((hours * 60 + minutes) * 60 + seconds))
}

/// Fractional digits of a second as nanoseconds, and whether nonzero digits follow.
pub(super) fn fraction(digits: &[u8]) -> (u32, bool) {
    let digit = |place: usize| digits.get(place).map_or(0, |digit| u32::from(digit - b'0'));
    let nanoseconds = (0..9).fold(0, |number, place| number * 10 + digit(place));
    (nanoseconds, digits.iter().skip(9).any(|digit| *digit != b'0'))
}

fn trimmed(text: &str, form: Form) -> &[u8] {
    if form == Form::Sql { text.trim().as_bytes() } else { text.as_bytes() }
}

/// Reads a date at the front, and returns the text after it.
fn date(mut rest: &[u8], form: Form) -> Option<(i64, &[u8])> {
    let is_negative = skip(&mut rest, b'-');
    let is_signed = is_negative || form == Form::Iso && skip(&mut rest, b'+');
    let (year, year_digits) = digits(&mut rest, 15)?;
    skip(&mut rest, b'-').then_some(())?;
    let (month, _) = digits(&mut rest, 2)?;
    skip(&mut rest, b'-').then_some(())?;
    let (day, _) = digits(&mut rest, 2)?;
    // In ISO 8601, a first number of one or two digits is most likely a day or a month. Years of
    // more than four digits carry a sign: 10234-05-12 is more likely a key.
    let is_year = match form {
        Form::Iso => year_digits == 4 || year_digits > 4 && is_signed,
        Form::Sql => year_digits <= 6,
    };
    let year = if is_negative { -year } else { year };
    if is_year { Some((existing_day(year, month, day)?, rest)) } else { None }
}

/// Reads a time of day at the front, and returns the text after it.
fn time_of_day(mut rest: &[u8], form: Form) -> Option<(TimeOfDay, &[u8])> {
    let (hours, _) = digits(&mut rest, 2)?;
    skip(&mut rest, b':').then_some(())?;
    let (minutes, _) = digits(&mut rest, 2)?;
    let (mut seconds, mut nanoseconds, mut is_finer) = (0, 0, false);
    if skip(&mut rest, b':') {
        (seconds, _) = digits(&mut rest, 2)?;
        if skip(&mut rest, b'.') || form == Form::Iso && skip(&mut rest, b',') {
            let length = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let is_fraction = if form == Form::Iso { length > 0 } else { length <= 9 };
            if !is_fraction {
                return None;
            }
            (nanoseconds, is_finer) = fraction(&rest[..length]);
            rest = &rest[length..];
        }
    }
    let is_end = form == Form::Sql && (hours, minutes, seconds) == (24, 0, 0);
    if hours > 23 && !is_end || minutes > 59 || seconds > 59 {
        return None;
    }
    let seconds = ((hours * 60 + minutes) * 60 + seconds) as u32;
    Some((TimeOfDay { seconds, nanoseconds, is_finer }, rest))
}

/// Reads a number of one to `most` digits at the front, and how many there are.
fn digits(rest: &mut &[u8], most: usize) -> Option<(i64, usize)> {
    let (mut number, mut count) = (0, 0);
    while let [digit @ b'0'..=b'9', behind @ ..] = *rest
        && count < most
    {
        number = number * 10 + i64::from(digit - b'0');
        count += 1;
        *rest = behind;
    }
    (count > 0).then_some((number, count))
}

/// Skips a character, if it is at the front.
fn skip(rest: &mut &[u8], sign: u8) -> bool {
    match rest {
        [first, behind @ ..] if *first == sign => {
            *rest = behind;
            true
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_date(text: &str) -> Option<i64> {
        Timestamp::parse(text, Form::Sql)?.date()
    }

    #[test]
    fn dates_follow_the_calendar() {
        assert_eq!(parse_date("1970-01-01"), Some(0));
        assert_eq!(parse_date("2024-2-29"), Some(19_782));
        for wrong in ["2023-02-29", "2024-13-01", "2024-00-01", "2024-01-00", "20240101", "a-b-c"] {
            assert_eq!(parse_date(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn offsets_are_distinguished_from_none() {
        let parse = |text: &str| Timestamp::parse(text, Form::Sql);
        let nanoseconds = |text: &str| parse(text).map(|at| at.nanoseconds());
        assert_eq!(nanoseconds("1970-01-01T00:00:01Z"), Some(1_000_000_000));
        assert_eq!(nanoseconds("1970-01-01 02:00:00.5+02"), Some(500_000_000));
        assert_eq!(nanoseconds("1970-01-01 00:00-0130"), Some(5400 * 1_000_000_000));
        assert_eq!(nanoseconds("1970-01-01 00:53:28+00:53:28"), Some(0));
        assert_eq!(parse("1970-01-01 00:00").unwrap().offset_seconds, None);
        for wrong in ["1970-01-01T", "1970-01-01T25:00", "1970-01-01 1:2:3:4", "x", ""] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn sql_accepts_more_forms_than_iso_8601() {
        for (text, iso, sql) in [
            ("2024-1-5 1:2:3", true, true),
            (" 2024-01-05  T 01:02 ", false, true),
            ("2024-01-05 \t01:02", false, true),
            ("1-1-1", false, true),
            ("10234-05-12", false, true),
            ("+10234-05-12", true, false),
            ("-1234567-05-12", true, false),
            ("2024-01-05 24:00:00", false, true),
            ("2024-01-05 24:00:01", false, false),
            ("2024-01-05 01:02:03.", false, true),
            ("2024-01-05 01:02:03,5", true, false),
            ("2024-01-05 01:02:03.0123456789", true, false),
            ("2024-01-05 01:02.5", false, false),
            ("2024-01-05 01:02:03 UTC", true, true),
            ("2024-01-05 01:02:03+2", false, true),
            ("2024-01-05 01:02:03+2:3", false, true),
            ("2024-01-05 01:02:03+0200", true, true),
            ("2024-01-05 01:02:03+020", false, false),
            ("2024-01-05 01:02:03+02:30:15", false, true),
            ("2024-01-05 01:02:03+0230:15", false, false),
            ("2024-01-05 01:02:03+19", true, false),
            ("2024-01-05 01:02:03+02:", false, false),
            ("2024-01-05Z", false, false),
        ] {
            let forms = [Form::Iso, Form::Sql];
            let found = forms.map(|form| Timestamp::parse(text, form).is_some());
            assert_eq!(found, [iso, sql], "{text}");
        }
    }
}
