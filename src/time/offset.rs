//! Offsets of time zones from UTC, for any year.
//!
//! `chrono` ends at the year 262,143, and the rules of `chrono-tz` at the year 2100: after that no
//! zone would have summer time. Here the rules of a zone's last years continue.

use crate::time::calendar::{civil, days};
use arrow::array::timezone::Tz;
use chrono::{DateTime, MappedLocalTime, NaiveDateTime, Offset, TimeZone};

const DAY_SECONDS: i64 = 86_400;

/// The first year that the rules do not cover.
const END_YEAR: i64 = 2100;

/// Seconds ahead of UTC at a point in time, in seconds since 1970-01-01 00:00:00 UTC.
pub(crate) fn offset_at(zone: &Tz, utc_seconds: i64) -> i64 {
    let at = chrono_time(within_rules(zone, utc_seconds));
    seconds(&zone.offset_from_utc_datetime(&at))
}

/// Seconds ahead of UTC at a local time, in seconds since 1970-01-01 00:00:00 local time. Two
/// values where clocks are put back, the earlier point in time first; none where they are put
/// forward.
pub(crate) fn offset_of_local(zone: &Tz, local_seconds: i64) -> MappedLocalTime<i64> {
    let at = chrono_time(within_rules(zone, local_seconds));
    zone.offset_from_local_datetime(&at).map(|offset| seconds(&offset))
}

fn seconds(offset: &<Tz as TimeZone>::Offset) -> i64 {
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
    seconds(&winter) != seconds(&summer)
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
        offset_at(&zone.parse().unwrap(), days(year, month, day) * DAY_SECONDS + 43_200) / 3600
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
            let zone = "Europe/Berlin".parse().unwrap();
            let change = days(year, 3, sunday) * DAY_SECONDS + 3600;
            assert_eq!([offset_at(&zone, change - 1), offset_at(&zone, change)], [3600, 7200]);
            assert_eq!(offset_of_local(&zone, change + 3600), MappedLocalTime::None);
        }
        let new_york = "America/New_York".parse().unwrap();
        let back = days(2100, 11, 7) * DAY_SECONDS + 2 * 3600 - 1;
        assert_eq!(offset_of_local(&new_york, back), MappedLocalTime::Ambiguous(-14_400, -18_000));
    }

    #[test]
    fn any_count_of_seconds_has_an_offset() {
        let zone = "Europe/Berlin".parse().unwrap();
        assert_eq!([i64::MIN, i64::MAX].map(|at| offset_at(&zone, at) / 60 % 2), [1, 0]);
    }
}
