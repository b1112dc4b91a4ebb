//! Dates and times in a format given by a pattern such as `%d.%m.%Y`.

use crate::error::{Error, Result};
use crate::text::escaped;
use crate::time;
use chrono::format::{Item, Parsed, StrftimeItems, parse};
use chrono::{Datelike, NaiveTime};
use std::fmt::Write;

/// A format of dates and times, given as a strftime pattern.
#[derive(Debug, Clone, PartialEq)]
pub struct TemporalFormat {
    items: Vec<Item<'static>>,
    /// Whether the year is written in full.
    has_long_year: bool,
}

impl TemporalFormat {
    /// Parses a strftime pattern.
    ///
    /// # Errors
    /// An unknown letter after a percent sign; no percent sign.
    pub fn parse(pattern: &str) -> Result<Self> {
        let items = StrftimeItems::new(pattern).parse_to_owned();
        let items = items.ok().filter(|_| pattern.contains('%')).ok_or_else(|| {
            Error::usage(format!(
                "invalid pattern \"{}\": use a strftime pattern such as %d.%m.%Y or %m/%d/%y %H:%M",
                escaped(pattern)
            ))
        })?;
        Ok(Self { items, has_long_year: pattern.contains("%Y") })
    }

    /// The date or time in ISO 8601; `None` for a text that does not match the pattern. Midnight if
    /// the pattern has no time.
    pub(crate) fn iso<'s>(
        &self,
        text: &str,
        is_date: bool,
        scratch: &'s mut String,
    ) -> Option<&'s str> {
        let mut parsed = Parsed::new();
        parse(&mut parsed, text, self.items.iter()).ok()?;
        let offset = parsed.offset();
        let has_time = parsed.hour_mod_12().is_some() || parsed.timestamp().is_some();
        let moment = if has_time {
            parsed.to_naive_datetime_with_offset(offset.unwrap_or(0)).ok()?
        } else {
            parsed.to_naive_date().ok()?.and_time(NaiveTime::MIN)
        };
        let date = moment.date();
        // %Y also accepts two digits: "24" would be the year 24, which is never meant.
        if self.has_long_year
            && date.year() < 1000
            && !text.contains(&format!("{:04}", date.year()))
        {
            return None;
        }
        scratch.clear();
        if is_date {
            write!(scratch, "{date}").ok()?;
        } else {
            write!(scratch, "{moment:?}").ok()?;
            if let Some(seconds) = offset {
                scratch.push_str(&time::format::offset(seconds.into(), false));
            }
        }
        Some(scratch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_describe_dates_and_times() {
        for (pattern, text, is_date, expected) in [
            ("%d.%m.%Y", "29.02.2024", true, Some("2024-02-29")),
            ("%d.%m.%Y", "1.2.2024", true, Some("2024-02-01")),
            ("%d.%m.%Y", "29.02.2023", true, None),
            ("%d.%m.%Y", "29.02.24", true, None),
            ("%d.%m.%Y", "29.02.0024", true, Some("0024-02-29")),
            ("%d.%m.%y", "29.02.24", true, Some("2024-02-29")),
            ("%d.%m.%Y", "29.02.2024 ", true, None),
            ("%d.%m.%Y", "2024-02-29", true, None),
            ("%Y%m%d", "20240229", true, Some("2024-02-29")),
            ("%b %d, %Y", "Feb 29, 2024", true, Some("2024-02-29")),
            ("%d.%m.%Y", "29.02.2024", false, Some("2024-02-29T00:00:00")),
            ("%d/%m/%Y %H:%M", "29/02/2024 12:30", false, Some("2024-02-29T12:30:00")),
            ("%m/%d/%Y %I:%M:%S %p", "02/29/2024 01:02:03 PM", false, Some("2024-02-29T13:02:03")),
            (
                "%Y-%m-%d %H:%M:%S%.f",
                "2024-02-29 12:30:00.25",
                false,
                Some("2024-02-29T12:30:00.250"),
            ),
            (
                "%Y-%m-%d %H:%M:%S%z",
                "2024-02-29 12:30:00-0330",
                false,
                Some("2024-02-29T12:30:00-03:30"),
            ),
            ("%s", "0", false, Some("1970-01-01T00:00:00")),
        ] {
            let format = TemporalFormat::parse(pattern).unwrap();
            let mut scratch = String::new();
            assert_eq!(format.iso(text, is_date, &mut scratch), expected, "{pattern} {text}");
        }
        for wrong in ["", "DD.MM.YYYY", "%d.%Q"] {
            assert_eq!(TemporalFormat::parse(wrong).unwrap_err().exit_status(), 2, "{wrong}");
        }
    }
}
