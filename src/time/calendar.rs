//! Days of the proleptic Gregorian calendar, for counts of any size.
//!
//! Not `chrono`, which arrow uses: it ends at the year 262,143, but timestamps of 64 bits do not.
//! `format` and `parse` convert to and from text.

/// Nanoseconds per day.
pub(crate) const DAY_NANOSECONDS: i128 = 86_400_000_000_000;

/// The Julian day number of 1970-01-01.
pub(crate) const JULIAN_DAY_OF_1970: i64 = 2_440_588;

/// The year, month and day of a count of days since 1970-01-01.
///
/// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`: a year
/// that starts in March has its leap day at the end.
pub(crate) fn civil(days: i64) -> (i64, u32, u32) {
    // 1970-01-01 is day 135,080 of the era that starts on 1600-03-01. That is added to the
    // remainder of an era, so that no count of days overflows.
    let moved = days.rem_euclid(146_097) + 135_080;
    let era = days.div_euclid(146_097) + 4 + moved / 146_097;
    let day_of_era = moved % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month as u32, day as u32)
}

/// The inverse of [`civil`], for years of up to 15 digits; from the same source, `days_from_civil`.
/// A day that the month does not have is a day of the next month, and month 13 is the next January.
pub(crate) fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The number of a date, if the calendar has it.
pub(crate) fn existing_day(year: i64, month: i64, day: i64) -> Option<i64> {
    let exists =
        (1..=12).contains(&month) && day >= 1 && (day <= 28 || day <= month_length(year, month));
    exists.then(|| days(year, month, day))
}

/// The number of days in a month.
pub(crate) fn month_length(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 => 28 + i64::from(year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)),
        _ => 31,
    }
}

/// The day of the week; Sunday is 0.
pub(crate) fn weekday(days: i64) -> i64 {
    (days + 4).rem_euclid(7)
}

/// The Monday of the week that contains a day.
pub(crate) fn monday(days: i64) -> i64 {
    days - (days + 3).rem_euclid(7)
}

/// The year and number of the ISO week: week 1 contains the year's first Thursday.
pub(crate) fn iso_week(number: i64) -> (i64, i64) {
    let thursday = monday(number) + 3;
    let (year, ..) = civil(thursday);
    (year, (thursday - days(year, 1, 1)) / 7 + 1)
}

/// The Monday of a year's first ISO week.
pub(crate) fn iso_year_start(year: i64) -> i64 {
    monday(days(year, 1, 4))
}

/// Year, month, day, and nanoseconds since midnight, of nanoseconds since 1970-01-01 00:00:00.
pub(crate) fn fields(nanoseconds: i128) -> (i64, u32, u32, i128) {
    let (year, month, day) = civil(day_number(nanoseconds));
    (year, month, day, nanoseconds.rem_euclid(DAY_NANOSECONDS))
}

/// Days since 1970-01-01 of nanoseconds since then.
pub(crate) fn day_number(nanoseconds: i128) -> i64 {
    nanoseconds.div_euclid(DAY_NANOSECONDS) as i64
}

/// Midnight of a date, in nanoseconds since 1970-01-01 00:00:00.
pub(crate) fn midnight(year: i64, month: i64, day: i64) -> i128 {
    i128::from(days(year, month, day)) * DAY_NANOSECONDS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_their_numbers_agree() {
        for number in (-1_000_000..3_000_000).step_by(97) {
            let (year, month, day) = civil(number);
            let (month, day) = (i64::from(month), i64::from(day));
            assert_eq!(days(year, month, day), number);
            assert_eq!(existing_day(year, month, day), Some(number));
        }
        assert_eq!(civil(0), (1970, 1, 1));
        assert_eq!(civil(-1), (1969, 12, 31));
        assert_eq!(civil(19_782), (2024, 2, 29));
        // Any count of days has a year.
        assert_eq!(civil(i64::MAX).0, 25_252_734_927_768_524);
        assert_eq!(civil(i64::MIN).0, -25_252_734_927_764_585);
    }

    #[test]
    fn months_have_their_lengths() {
        for (year, month) in (-401..=2401).flat_map(|year| (1..=12).map(move |m| (year, m))) {
            assert_eq!(days(year, month + 1, 1) - days(year, month, 1), month_length(year, month));
        }
        assert_eq!([1, 2, 4, 12].map(|month| month_length(2023, month)), [31, 28, 30, 31]);
        assert_eq!([1900, 2000, 2024].map(|year| month_length(year, 2)), [28, 29, 29]);
        for (year, month, day) in [(2023, 2, 29), (2024, 0, 1), (2024, 13, 1), (2024, 1, 0)] {
            assert_eq!(existing_day(year, month, day), None);
        }
    }
}
