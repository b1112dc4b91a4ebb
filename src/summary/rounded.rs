//! Numbers and times as people like them: with few digits.

use arrow::datatypes::DataType;

/// The most characters of a number.
const WIDEST: usize = 12;

/// A number of a column with at most six significant digits, unless it is whole and short.
pub(super) fn rounded(text: &str, data_type: &DataType) -> String {
    let is_short = text.len() <= WIDEST && !data_type.is_floating();
    if !data_type.is_numeric() {
        return text.to_owned();
    }
    match text.parse::<f64>() {
        Ok(number) if !is_short && number.is_finite() => short(number),
        _ => text.to_owned(),
    }
}

/// A number with six significant digits.
pub(super) fn short(number: f64) -> String {
    const DIGITS: i32 = 6;
    let magnitude = number.abs().log10().floor();
    if number == 0.0 {
        return "0".to_owned();
    }
    if !(-5.0..=9.0).contains(&magnitude) {
        return format!("{number:.4e}");
    }
    let decimals = (DIGITS - 1 - magnitude as i32).max(0) as usize;
    let text = format!("{number:.decimals$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// A time without the fraction of its second.
pub(super) fn without_fraction(time: &str) -> String {
    let Some((whole, fraction)) = time.split_once('.') else { return time.to_owned() };
    format!("{whole}{}", fraction.trim_start_matches(|c: char| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_six_digits() {
        for (number, text) in [
            (0.0, "0"),
            (1.0, "1"),
            (0.123_456_789, "0.123457"),
            (-1234.5678, "-1234.57"),
            (1_234_567.8, "1234568"),
            (0.000_012_345_67, "0.0000123457"),
            (1e-9, "1.0000e-9"),
            (-9.223e18, "-9.2230e18"),
        ] {
            assert_eq!(short(number), text);
        }
        assert_eq!(without_fraction("2020-01-01T00:00:01.25Z"), "2020-01-01T00:00:01Z");
        assert_eq!(without_fraction("2020-01-01"), "2020-01-01");
    }
}
