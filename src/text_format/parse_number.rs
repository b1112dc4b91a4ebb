//! Parses booleans, integers, floats and decimals exactly.

use super::conversion_error::ConversionError;
use arrow::datatypes::i256;
use std::str::FromStr;

/// Reads `true`, `false`, `t`, `f`, `1` or `0`, in any case.
pub(crate) fn boolean(text: &str) -> Result<bool, ConversionError> {
    match text {
        "true" | "1" => return Ok(true),
        "false" | "0" => return Ok(false),
        _ => {}
    }
    let is = |word: &str| text.eq_ignore_ascii_case(word);
    if is("true") || is("t") {
        Ok(true)
    } else if is("false") || is("f") {
        Ok(false)
    } else {
        Err(ConversionError::Malformed)
    }
}

/// Reads an integer of any width.
pub(crate) fn integer<N: FromStr<Err = std::num::ParseIntError>>(
    text: &str,
) -> Result<N, ConversionError> {
    use std::num::IntErrorKind::{NegOverflow, PosOverflow};
    text.parse().map_err(|error: std::num::ParseIntError| match error.kind() {
        PosOverflow | NegOverflow => ConversionError::OutOfRange,
        // Unsigned types do not distinguish a negative number from nonsense.
        _ if is_negative_integer(text) => ConversionError::OutOfRange,
        _ => ConversionError::Malformed,
    })
}

/// Reads the float nearest to a number, or `NaN`, `inf`, `-inf`, `infinity` in any case.
pub(crate) fn float<N: FromStr + Into<f64> + Copy>(text: &str) -> Result<N, ConversionError> {
    let number: N = text.parse().map_err(|_| ConversionError::Malformed)?;
    if number.into().is_infinite() && has_digit(text) {
        Err(ConversionError::OutOfRange)
    } else {
        Ok(number)
    }
}

/// Reads a decimal as a count of units of 10^-`scale`, of at most `precision` digits.
pub(crate) fn decimal(text: &str, precision: u8, scale: i8) -> Result<i256, ConversionError> {
    if let Some(units) = short_decimal(text.as_bytes(), precision, scale) {
        return Ok(i256::from(units));
    }
    let (negative, digits, exponent) = number(text).ok_or(ConversionError::Malformed)?;
    let significant = digits.trim_start_matches('0').trim_end_matches('0');
    if significant.is_empty() {
        return Ok(i256::ZERO);
    }
    let trailing = digits.len() - digits.trim_end_matches('0').len();
    let zeros = exponent + trailing as i64 + i64::from(scale);
    if zeros < 0 {
        return Err(ConversionError::TooFine);
    }
    if i64::from(precision) < zeros + significant.len() as i64 {
        return Err(ConversionError::OutOfRange);
    }
    let sign = if negative { "-" } else { "" };
    let units = format!("{sign}{significant}{}", "0".repeat(zeros as usize));
    i256::from_string(&units).ok_or(ConversionError::OutOfRange)
}

/// Reads most decimals: up to 17 characters, possibly with a point, and not too many digits.
fn short_decimal(text: &[u8], precision: u8, scale: i8) -> Option<i64> {
    let (negative, digits) = match text.split_first()? {
        (b'-', rest) => (true, rest),
        _ => (false, text),
    };
    if digits.is_empty() || digits.len() > 17 {
        return None;
    }
    let (mut number, mut behind_point, mut count) = (0_i64, None, 0_u8);
    for byte in digits {
        match byte {
            b'0'..=b'9' => {
                number = number * 10 + i64::from(byte - b'0');
                behind_point = behind_point.map(|digits: i8| digits + 1);
                count += 1;
            }
            b'.' if behind_point.is_none() => behind_point = Some(0),
            _ => return None,
        }
    }
    let missing = u8::try_from(scale.checked_sub(behind_point.unwrap_or(0))?).ok()?;
    // At most 18 digits, which fit in 64 bits.
    if count == 0 || precision.min(18) < count.checked_add(missing)? {
        return None;
    }
    let units = number * 10_i64.pow(u32::from(missing));
    Some(if negative { -units } else { units })
}

/// The sign, digits and exponent of a number such as `-12.5e3`.
fn number(text: &str) -> Option<(bool, String, i64)> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, power) = match unsigned.find(['e', 'E']) {
        Some(place) => (&unsigned[..place], unsigned[place + 1..].parse::<i32>().ok()?),
        None => (unsigned, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| (text.starts_with('-'), digits, i64::from(power) - fraction.len() as i64))
}

fn has_digit(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit())
}

fn is_negative_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or_default();
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact_or_refused() {
        let read = |text| decimal(text, 12, 2).map(|units| units.to_i128().unwrap());
        for (text, units) in [
            ("1", 100),
            ("-1.5", -150),
            ("0.05", 5),
            (".5", 50),
            ("5.", 500),
            ("+1.25", 125),
            ("1.2500000000000000000000", 125),
            ("1e3", 100_000),
            ("125e-2", 125),
            ("-0", 0),
            ("9999999999.99", 999_999_999_999),
            ("0000000000000000000000001", 100),
            ("0e999", 0),
        ] {
            assert_eq!(read(text), Ok(units), "{text}");
        }
        for (text, why) in [
            ("1.005", ConversionError::TooFine),
            ("10000000000", ConversionError::OutOfRange),
            ("1e-3", ConversionError::TooFine),
            ("1e999999999", ConversionError::OutOfRange),
            ("", ConversionError::Malformed),
            ("-", ConversionError::Malformed),
            (".", ConversionError::Malformed),
            ("1,5", ConversionError::Malformed),
            ("NaN", ConversionError::Malformed),
            ("1.2.3", ConversionError::Malformed),
            ("1e99999999999", ConversionError::Malformed),
        ] {
            assert_eq!(read(text), Err(why), "{text}");
        }
        let most = "9".repeat(76);
        assert_eq!(decimal(&most, 76, 0).unwrap().to_string(), most);
        assert_eq!(decimal("1200", 2, -2), Ok(i256::from(12_i64)));
        assert_eq!(decimal("1250", 2, -2), Err(ConversionError::TooFine));
    }

    #[test]
    fn numbers_that_a_type_does_not_hold_are_told_from_nonsense() {
        assert_eq!(integer::<i8>("-128"), Ok(-128));
        assert_eq!(integer::<i8>("128"), Err(ConversionError::OutOfRange));
        assert_eq!(integer::<u8>("-1"), Err(ConversionError::OutOfRange));
        for wrong in ["", "1.0", "1e3", "0x1", "1_000", "--1", "one"] {
            assert_eq!(integer::<i64>(wrong), Err(ConversionError::Malformed), "{wrong}");
        }
        assert_eq!(float::<f64>("1e400"), Err(ConversionError::OutOfRange));
        assert_eq!(float("-inf"), Ok(f64::NEG_INFINITY));
        assert_eq!(float::<f32>("1e39"), Err(ConversionError::OutOfRange));
        assert_eq!(float::<f64>("1,5"), Err(ConversionError::Malformed));
    }
}
