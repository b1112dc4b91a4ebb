//! Formats dates, times of day, timestamps and offsets from UTC as ISO 8601, for counts of any size.

use super::calendar::civil;
use super::zone::Zone;

/// Days since 1970-01-01 as `yyyy-mm-dd`. Years beyond four digits carry a sign, as in ISO 8601.
pub(crate) fn date(days: i64) -> String {
    as_string(|text| append_date(days, text))
}

/// A time of day as `hh:mm:ss`, then fractional digits without trailing zeros. `value` counts units
/// of 10^-`digits` seconds from midnight.
pub(crate) fn time_of_day(value: i64, digits: usize) -> String {
    as_string(|text| append_time_of_day(value, digits, text))
}

/// The text of [`append_timestamp`].
pub(crate) fn timestamp(value: i64, digits: usize, zone: Option<Zone>) -> String {
    as_string(|text| append_timestamp(value, digits, zone, text))
}

/// Appends the text of [`date`]. Formats digits by hand: for 10 million timestamps as CSV,
/// `format!` took 2.8 s of 3.3 s.
pub(crate) fn append_date(days: i64, text: &mut Vec<u8>) {
    let (year, month, day) = civil(days);
    if (0..=9999).contains(&year) {
        let [[a, b], [c, d]] = [two_digits(year / 100), two_digits(year % 100)];
        let [[e, f], [g, h]] = [two_digits(i64::from(month)), two_digits(i64::from(day))];
        text.extend_from_slice(&[a, b, c, d, b'-', e, f, b'-', g, h]);
    } else {
        text.extend_from_slice(format!("{year:+05}-{month:02}-{day:02}").as_bytes());
    }
}

/// Appends the text of [`time_of_day`].
pub(crate) fn append_time_of_day(value: i64, digits: usize, text: &mut Vec<u8>) {
    let scale = 10_i64.pow(digits as u32);
    let (seconds, mut fraction) = (value.div_euclid(scale), value.rem_euclid(scale));
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if (0..100).contains(&hours) && seconds >= 0 && minutes >= 0 {
        let [[a, b], [c, d], [e, f]] = [hours, minutes, seconds].map(two_digits);
        text.extend_from_slice(&[a, b, b':', c, d, b':', e, f]);
    } else {
        // Not a time of day, but shown nevertheless.
        text.extend_from_slice(format!("{hours:02}:{minutes:02}:{seconds:02}").as_bytes());
    }
    if fraction == 0 {
        return;
    }
    text.push(b'.');
    let start = text.len();
    text.resize(start + digits, b'0');
    for digit in text[start..].iter_mut().rev() {
        *digit = b'0' + (fraction % 10) as u8;
        fraction /= 10;
    }
    while text.last() == Some(&b'0') {
        text.pop();
    }
}

/// Appends the text of a timestamp, which counts units of 10^-`digits` seconds from 1970-01-01: its
/// date, `T`, its time, and its offset from UTC if it has a zone, with `Z` for none.
///
/// ISO 8601 cannot express offsets with seconds (from before time zones existed): such instants are
/// written in UTC, which is exact.
pub(crate) fn append_timestamp(value: i64, digits: usize, zone: Option<Zone>, text: &mut Vec<u8>) {
    let scale = 10_i64.pow(digits as u32);
    let day = scale * 86_400;
    let offset_seconds = zone.map_or(0, |zone| zone.offset_at(value.div_euclid(scale)));
    let offset_seconds = if offset_seconds % 60 == 0 { offset_seconds } else { 0 };
    let (days, rest) = match value.checked_add(offset_seconds * scale) {
        Some(local) => (local.div_euclid(day), local.rem_euclid(day)),
        // A local time may be out of the range of 64 bits.
        None => {
            let local = i128::from(value) + i128::from(offset_seconds * scale);
            let day = i128::from(day);
            (local.div_euclid(day) as i64, local.rem_euclid(day) as i64)
        }
    };
    append_date(days, text);
    text.push(b'T');
    append_time_of_day(rest, digits, text);
    match (zone, offset_seconds) {
        (None, _) => {}
        (_, 0) => text.push(b'Z'),
        (_, seconds) => text.extend(offset(seconds, false).bytes()),
    }
}

/// Seconds ahead of UTC as `+02:00`, with seconds if there are any. The short form leaves out zero
/// minutes, as DuckDB does: `+02`, `-03:30`.
pub(crate) fn offset(seconds: i64, is_short: bool) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let seconds = seconds.abs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (minutes, seconds) {
        (0, 0) if is_short => format!("{sign}{hours:02}"),
        (_, 0) => format!("{sign}{hours:02}:{minutes:02}"),
        _ => format!("{sign}{hours:02}:{minutes:02}:{seconds:02}"),
    }
}

/// Seconds without trailing zeros, from a count of units of 10^-`digits` seconds.
pub(crate) fn seconds(value: i128, digits: usize) -> String {
    let scale = 10_i128.pow(digits as u32);
    match value % scale {
        0 => (value / scale).to_string(),
        fraction => {
            let text = format!("{}.{fraction:0digits$}", value / scale);
            text.trim_end_matches('0').to_owned()
        }
    }
}

fn two_digits(number: i64) -> [u8; 2] {
    [b'0' + (number / 10 % 10) as u8, b'0' + (number % 10) as u8]
}

fn as_string(append: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut text = Vec::new();
    append(&mut text);
    // The text is digits and signs, so this cannot fail.
    String::from_utf8(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_beyond_four_digits_have_a_sign() {
        assert_eq!([date(0), date(2_932_896)], ["1970-01-01", "9999-12-31"]);
        assert_eq!([date(2_932_897), date(-719_529)], ["+10000-01-01", "-0001-12-31"]);
    }

    #[test]
    fn times_show_no_zeros_at_their_end() {
        assert_eq!(time_of_day(0, 3), "00:00:00");
        assert_eq!(time_of_day(10, 9), "00:00:00.00000001");
        assert_eq!(time_of_day(360_000_000, 3), "100:00:00");
        assert_eq!(time_of_day(-1, 0), "00:00:-1");
        assert_eq!(time_of_day(3_723_004_000, 6), "01:02:03.004");
        assert_eq!(time_of_day(86_399_999_999_999, 9), "23:59:59.999999999");
    }
}
