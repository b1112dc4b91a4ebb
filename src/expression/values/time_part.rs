//! The parts of a date or time, by the names that DuckDB has for them.

use crate::text::{did_you_mean, escaped, similar};
use crate::time::calendar::DAY_NANOSECONDS;

/// A part of a point in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
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
const NAMES: &[(Part, &str)] = &[
    (Part::Millennium, "millennium millennia millenniums mil mils millenium"),
    (Part::Century, "century centuries cent c"),
    (Part::Decade, "decade decades dec decs"),
    (Part::Year, "year years yr yrs y"),
    (Part::Quarter, "quarter quarters"),
    (Part::Month, "month months mon mons"),
    (Part::Week, "week weeks w weekofyear"),
    (Part::Day, "day days d dayofmonth"),
    (Part::Hour, "hour hours hr hrs h"),
    (Part::Minute, "minute minutes min mins m"),
    (Part::Second, "second seconds sec secs s"),
    (Part::Millisecond, "milliseconds millisecond ms msec msecs msecond mseconds"),
    (Part::Microsecond, "microseconds microsecond us usec usecs usecond useconds"),
    (Part::Weekday, "dow dayofweek weekday"),
    (Part::IsoWeekday, "isodow"),
    (Part::DayOfYear, "doy dayofyear"),
    (Part::IsoYear, "isoyear"),
    (Part::YearWeek, "yearweek"),
    (Part::Era, "era"),
    (Part::Zone, "timezone"),
    (Part::ZoneHour, "timezone_hour"),
    (Part::ZoneMinute, "timezone_minute"),
    (Part::Epoch, "epoch"),
    (Part::Julian, "julian"),
];

impl Part {
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
