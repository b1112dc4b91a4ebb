//! A time zone: points in time as its clock shows them, and back, for any year.
//!
//! Local times count from 1970-01-01 00:00:00 of that clock.
//!
//! `chrono` ends at the year 262,143, and the rules of `chrono-tz` at the year 2100: after that no
//! zone would have summer time. Here the rules of a zone's last years continue.

use super::calendar::{DAY_NANOSECONDS, civil, days};
use arrow::array::timezone::Tz;
use arrow::datatypes::DataType;
use chrono::{DateTime, MappedLocalTime, NaiveDateTime, Offset, TimeZone};

/// The time zone of a column; none is UTC.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Zone(Option<Tz>);

const SECOND_NANOSECONDS: i128 = 1_000_000_000;
const DAY_SECONDS: i64 = 86_400;

/// The first year that the rules do not cover.
const END_YEAR: i64 = 2100;

impl Zone {
    /// The zone of a type.
    ///
    /// # Errors
    /// An unknown time zone.
    pub(crate) fn of(data_type: &DataType) -> Result<Self, String> {
        match data_type {
            DataType::Timestamp(_, Some(name)) => Self::named(name),
            _ => Ok(Self(None)),
        }
    }

    /// The zone with a name such as `Europe/Berlin` or `+02:00`.
    ///
    /// # Errors
    /// An unknown name.
    pub(crate) fn named(name: &str) -> Result<Self, String> {
        if matches!(name, "UTC" | "Z" | "+00:00" | "Etc/UTC") {
            return Ok(Self(None));
        }
        let zone = name.parse();
        zone.map(|zone| Self(Some(zone)))
            .map_err(|_| format!("unknown time zone \"{}\"", crate::text::escaped(name)))
    }

    /// The name of a zone in its usual spelling: `UTC` for `utc`.
    pub(crate) fn proper_name(name: &str) -> &str {
        let mut known = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
        known.find(|known| known.eq_ignore_ascii_case(name)).unwrap_or(name)
    }

    /// Whether this zone is UTC.
    pub(crate) fn is_utc(self) -> bool {
        self.0.is_none()
    }

    /// Seconds ahead of UTC at a point in time, in seconds.
    pub(crate) fn offset_at(self, utc_seconds: i64) -> i64 {
        let offset = |zone: Tz| {
            let at = chrono_time(within_rules(&zone, utc_seconds));
            seconds_ahead(&zone.offset_from_utc_datetime(&at))
        };
        self.0.map_or(0, offset)
    }

    /// Seconds ahead of UTC at a local time, in seconds. Two where clocks are set back, the earlier
    /// point in time first; none where they are set forward.
    pub(crate) fn offset_of_local(self, local_seconds: i64) -> MappedLocalTime<i64> {
        let Some(zone) = self.0 else { return MappedLocalTime::Single(0) };
        let at = chrono_time(within_rules(&zone, local_seconds));
        zone.offset_from_local_datetime(&at).map(|offset| seconds_ahead(&offset))
    }

    /// Seconds ahead of UTC at a point in time, in nanoseconds.
    pub(crate) fn offset_seconds(self, utc: i128) -> i64 {
        self.offset_at(seconds(utc))
    }

    /// The local time of a point in time, in nanoseconds.
    pub(crate) fn local(self, utc: i128) -> i128 {
        utc + i128::from(self.offset_seconds(utc)) * SECOND_NANOSECONDS
    }

    /// The point in time at which the local time occurs, in nanoseconds. If there are two, the one
    /// with the offset of `near`. A skipped local time has the offset before the change.
    pub(crate) fn utc_near(self, local: i128, near: i128) -> i128 {
        let before = self.offset_seconds(near);
        self.utc_by(local, |first, second| if second == before { second } else { first })
    }

    /// The point in time at which the local time occurs, in nanoseconds. If there are two, the
    /// later one, as in DuckDB. A skipped local time has the offset before the change.
    pub(crate) fn utc(self, local: i128) -> i128 {
        self.utc_by(local, |_, second| second)
    }

    fn utc_by(self, local: i128, of_two: impl FnOnce(i64, i64) -> i64) -> i128 {
        let offset = match self.offset_of_local(seconds(local)) {
            MappedLocalTime::Single(offset) => offset,
            MappedLocalTime::Ambiguous(first, second) => of_two(first, second),
            MappedLocalTime::None => self.offset_seconds(local - DAY_NANOSECONDS),
        };
        local - i128::from(offset) * SECOND_NANOSECONDS
    }
}

/// Seconds of a point in time; 64 bits hold those of all timestamps.
fn seconds(nanoseconds: i128) -> i64 {
    nanoseconds.div_euclid(SECOND_NANOSECONDS).clamp(i64::MIN.into(), i64::MAX.into()) as i64
}

fn seconds_ahead(offset: &<Tz as TimeZone>::Offset) -> i64 {
    i64::from(offset.fix().local_minus_utc())
}

/// Maps a time to the same time of a year that the rules cover. That year begins with the same day
/// of the week and has the same length, so that the last Sunday of March is the same day. Any 28
/// years contain one of each kind.
fn within_rules(zone: &Tz, at: i64) -> i64 {
    // No zone is more than a day ahead of UTC.
    const END: i64 = 47_482 * DAY_SECONDS;
    if at < END - DAY_SECONDS {
        return at;
    }
    let day = at.div_euclid(DAY_SECONDS);
    let (year, ..) = civil(day);
    if year < END_YEAR || !has_summer_time(zone) {
        return at;
    }
    let start = days(year, 1, 1);
    let is_alike = |known: &i64| {
        let (known_start, known_end) = (days(*known, 1, 1), days(known + 1, 1, 1));
        (start - known_start) % 7 == 0 && known_end - known_start == days(year + 1, 1, 1) - start
    };
    let known = (END_YEAR - 28..END_YEAR).find(is_alike).unwrap_or(END_YEAR - 1);
    at - (start - days(known, 1, 1)) * DAY_SECONDS
}

/// Whether clocks change in the last year of the rules. (Morocco's change until 2087, by a calendar
/// with years of another length.)
fn has_summer_time(zone: &Tz) -> bool {
    let midnight = |month| chrono_time(days(END_YEAR - 1, month, 15) * DAY_SECONDS);
    let [winter, summer] = [1, 7].map(|month| zone.offset_from_utc_datetime(&midnight(month)));
    seconds_ahead(&winter) != seconds_ahead(&summer)
}

/// A time in `chrono`, clamped to its range, which is smaller than 64 bits of seconds. No zone
/// changes so late.
fn chrono_time(seconds: i64) -> NaiveDateTime {
    const END: i64 = 8_000_000_000_000;
    DateTime::from_timestamp(seconds.clamp(-END, END), 0).unwrap_or_default().naive_utc()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(zone: &str, year: i64, month: i64, day: i64) -> i64 {
        Zone::named(zone).unwrap().offset_at(days(year, month, day) * DAY_SECONDS + 43_200) / 3600
    }

    #[test]
    fn summer_time_does_not_end_with_the_rules() {
        for year in [2024, 2099, 2100, 2101, 2400, 9999, 300_000] {
            assert_eq!(hours("Europe/Berlin", year, 1, 15), 1, "{year}");
            assert_eq!(hours("Europe/Berlin", year, 7, 15), 2, "{year}");
            assert_eq!(hours("Australia/Sydney", year, 1, 15), 11, "{year}");
            assert_eq!(hours("Asia/Tokyo", year, 7, 15), 9, "{year}");
            assert_eq!(hours("Africa/Casablanca", year.max(2100), 3, 15), 1, "{year}");
        }
    }

    #[test]
    fn clocks_change_on_the_sunday_of_that_year() {
        // 2100-03-28, 2101-03-27 and 2400-03-26 are the last Sundays of March.
        for (year, sunday) in [(2100, 28), (2101, 27), (2400, 26)] {
            let zone = Zone::named("Europe/Berlin").unwrap();
            let change = days(year, 3, sunday) * DAY_SECONDS + 3600;
            assert_eq!([zone.offset_at(change - 1), zone.offset_at(change)], [3600, 7200]);
            assert_eq!(zone.offset_of_local(change + 3600), MappedLocalTime::None);
        }
        let new_york = Zone::named("America/New_York").unwrap();
        let back = days(2100, 11, 7) * DAY_SECONDS + 2 * 3600 - 1;
        assert_eq!(new_york.offset_of_local(back), MappedLocalTime::Ambiguous(-14_400, -18_000));
    }

    #[test]
    fn any_count_of_seconds_has_an_offset() {
        let zone = Zone::named("Europe/Berlin").unwrap();
        assert_eq!([i64::MIN, i64::MAX].map(|at| zone.offset_at(at) / 60 % 2), [1, 0]);
    }
}
