//! Text to dates, times and timestamps, exactly: days, and nanoseconds in 128 bits.
//!
//! Arrow's own parser is not used: it holds timestamps in 64 bits of nanoseconds (years 1677 to
//! 2262), and applies a time zone offset without reporting that there was one.

use crate::time::calendar::{civil, days};

/// Nanoseconds per day.
pub(crate) const DAY_NANOSECONDS: i128 = 86_400_000_000_000;

/// The parts of a text such as `2024-02-29 12:30:00.5+02:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Instant {
    /// Days since 1970-01-01.
    pub(crate) days: i64,
    /// Nanoseconds since midnight.
    pub(crate) time_nanoseconds: i128,
    /// Seconds east of UTC, if the text has an offset (`Z` is 0).
    pub(crate) offset_seconds: Option<i64>,
}

impl Instant {
    /// Reads `YYYY-MM-DD`, alone or followed by a blank or `T`, a time and an offset.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        // The year's own sign is not a separator.
        let date_end = text.find([' ', 'T', 't']).unwrap_or(text.len());
        let days = parse_date(&text[..date_end])?;
        let rest = text[date_end..].trim_start_matches([' ', 'T', 't']);
        if rest.is_empty() {
            let complete = date_end == text.len();
            return complete.then_some(Self { days, time_nanoseconds: 0, offset_seconds: None });
        }
        let (time, offset_seconds) = split_offset(rest)?;
        Some(Self { days, time_nanoseconds: parse_time(time)?, offset_seconds })
    }

    /// Nanoseconds since 1970-01-01 00:00:00 UTC.
    pub(crate) fn nanoseconds(&self) -> i128 {
        let offset = i128::from(self.offset_seconds.unwrap_or(0)) * 1_000_000_000;
        i128::from(self.days) * DAY_NANOSECONDS + self.time_nanoseconds - offset
    }
}

/// Reads `HH:MM`, `HH:MM:SS` or `HH:MM:SS.fraction` as nanoseconds since midnight.
pub(crate) fn parse_time(text: &str) -> Option<i128> {
    let mut parts = text.trim().split(':');
    let hours = digits(parts.next()?, 1, 2)?;
    let minutes = digits(parts.next()?, 1, 2)?;
    let (seconds, fraction) = match parts.next() {
        Some(seconds) => seconds.split_once('.').unwrap_or((seconds, "")),
        None => ("0", ""),
    };
    let seconds = digits(seconds, 1, 2)?;
    let complete = parts.next().is_none();
    let midnight = hours == 24 && minutes == 0 && seconds == 0;
    if !complete || (hours > 23 && !midnight) || minutes > 59 || seconds > 59 {
        return None;
    }
    let nanoseconds = if fraction.is_empty() {
        0
    } else {
        digits(fraction, 1, 9)? * 10_i64.pow(9 - fraction.len() as u32)
    };
    let seconds = (hours * 60 + minutes) * 60 + seconds;
    Some(i128::from(seconds) * 1_000_000_000 + i128::from(nanoseconds))
}

fn parse_date(text: &str) -> Option<i64> {
    let (sign, text) = text.strip_prefix('-').map_or((1, text), |text| (-1, text));
    let mut parts = text.split('-');
    let year = sign * digits(parts.next()?, 1, 6)?;
    let month = digits(parts.next()?, 1, 2)?;
    let day = digits(parts.next()?, 1, 2)?;
    if parts.next().is_some() || !(1..=12).contains(&month) || day < 1 {
        return None;
    }
    let number = days(year, month, day);
    // A day that the month does not have would become one of the next month.
    (civil(number) == (year, month as u32, day as u32)).then_some(number)
}

fn split_offset(text: &str) -> Option<(&str, Option<i64>)> {
    let text = text.trim();
    if let Some(time) = text.strip_suffix(['Z', 'z']) {
        return Some((time, Some(0)));
    }
    if let Some(time) = text.strip_suffix("UTC") {
        return Some((time, Some(0)));
    }
    let Some(place) = text.find(['+', '-']) else { return Some((text, None)) };
    let sign = if text[place..].starts_with('-') { -1 } else { 1 };
    let offset = &text[place + 1..];
    let (hours, rest) = match offset.split_once(':') {
        Some((hours, rest)) => (hours, rest),
        None if offset.len() == 4 && offset.is_ascii() => offset.split_at(2),
        None => (offset, "0"),
    };
    let (minutes, seconds) = rest.split_once(':').unwrap_or((rest, "0"));
    let (hours, minutes, seconds) =
        (digits(hours, 1, 2)?, digits(minutes, 1, 2)?, digits(seconds, 1, 2)?);
    (hours <= 18 && minutes <= 59 && seconds <= 59)
        .then_some((&text[..place], Some(sign * ((hours * 60 + minutes) * 60 + seconds))))
}

fn digits(text: &str, least: usize, most: usize) -> Option<i64> {
    let fits = (least..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if fits { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let nanoseconds = |text: &str| Instant::parse(text).map(|at| at.nanoseconds());
        assert_eq!(nanoseconds("1970-01-01T00:00:01Z"), Some(1_000_000_000));
        assert_eq!(nanoseconds("1970-01-01 02:00:00.5+02"), Some(500_000_000));
        assert_eq!(nanoseconds("1970-01-01 00:00-0130"), Some(5400 * 1_000_000_000));
        assert_eq!(nanoseconds("1970-01-01 00:53:28+00:53:28"), Some(0));
        assert_eq!(Instant::parse("1970-01-01 00:00").unwrap().offset_seconds, None);
        for wrong in ["1970-01-01T", "1970-01-01T25:00", "1970-01-01 1:2:3:4", "x", ""] {
            assert_eq!(Instant::parse(wrong), None, "{wrong}");
        }
    }
}
