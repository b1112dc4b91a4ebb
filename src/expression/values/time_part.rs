//! The parts of a date or time, by the names that DuckDB has for them.

use crate::text::{did_you_mean, escaped, similar};
use crate::time::calendar::DAY_NANOSECONDS;

/// A part of a point in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TimePart {
    Millennium,
    Century,
    Decade,
    Year,
    Quarter,
    Month,
    Week,
    Day,
    Hour,
    Minute,
    Second,
    Millisecond,
    Microsecond,
    Weekday,
    IsoWeekday,
    DayOfYear,
    IsoYear,
    YearWeek,
    Era,
    Zone,
    ZoneHour,
    ZoneMinute,
    Epoch,
    Julian,
}

/// The names of the parts. Source: DuckDB's manual, sql/functions/datepart.
const NAMES: &[(TimePart, &str)] = &[
    (TimePart::Millennium, "millennium millennia millenniums mil mils millenium"),
    (TimePart::Century, "century centuries cent c"),
    (TimePart::Decade, "decade decades dec decs"),
    (TimePart::Year, "year years yr yrs y"),
    (TimePart::Quarter, "quarter quarters"),
    (TimePart::Month, "month months mon mons"),
    (TimePart::Week, "week weeks w weekofyear"),
    (TimePart::Day, "day days d dayofmonth"),
    (TimePart::Hour, "hour hours hr hrs h"),
    (TimePart::Minute, "minute minutes min mins m"),
    (TimePart::Second, "second seconds sec secs s"),
    (TimePart::Millisecond, "milliseconds millisecond ms msec msecs msecond mseconds"),
    (TimePart::Microsecond, "microseconds microsecond us usec usecs usecond useconds"),
    (TimePart::Weekday, "dow dayofweek weekday"),
    (TimePart::IsoWeekday, "isodow"),
    (TimePart::DayOfYear, "doy dayofyear"),
    (TimePart::IsoYear, "isoyear"),
    (TimePart::YearWeek, "yearweek"),
    (TimePart::Era, "era"),
    (TimePart::Zone, "timezone"),
    (TimePart::ZoneHour, "timezone_hour"),
    (TimePart::ZoneMinute, "timezone_minute"),
    (TimePart::Epoch, "epoch"),
    (TimePart::Julian, "julian"),
];

impl TimePart {
    /// Months and nanoseconds of a part that is a unit of intervals; one of them is 0.
    pub(crate) fn length(self) -> Option<(i128, i128)> {
        Some(match self {
            Self::Millennium => (12_000, 0),
            Self::Century => (1_200, 0),
            Self::Decade => (120, 0),
            Self::Year => (12, 0),
            Self::Quarter => (3, 0),
            Self::Month => (1, 0),
            Self::Week => (0, 7 * DAY_NANOSECONDS),
            Self::Day => (0, DAY_NANOSECONDS),
            Self::Hour => (0, 3_600_000_000_000),
            Self::Minute => (0, 60_000_000_000),
            Self::Second => (0, 1_000_000_000),
            Self::Millisecond => (0, 1_000_000),
            Self::Microsecond => (0, 1_000),
            _ => return None,
        })
    }

    /// The part with this name, regardless of case.
    pub(crate) fn parse(name: &str) -> Result<Self, String> {
        let names =
            || NAMES.iter().flat_map(|(part, names)| names.split(' ').map(move |n| (n, part)));
        if let Some((_, part)) = names().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
            return Ok(*part);
        }
        let hint = did_you_mean(similar(name, names().map(|(known, _)| known)));
        Err(format!("unknown date part \"{}\"{hint}", escaped(name)))
    }
}
