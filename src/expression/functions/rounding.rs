//! `round` and `trunc`: `round` gives the nearest number with a given number of digits, halves away
//! from zero; `trunc` rounds towards zero.
//!
//! `round` takes the exact value of a double, as DuckDB does since 2.0.1: 2.675 is a little less
//! than it appears, and gives 2.67. `trunc` does not, here or in DuckDB.

use super::function::{CallError, Function, Parameter};
use super::number::{TOO_LARGE, exact_results, float_results, scale_of, units, with_scale};
use crate::expression::evaluate::call::Prepared;
use crate::expression::evaluate::node::Node;
use crate::expression::values::kind::Kind;
use crate::expression::values::value_reader;
use arrow::array::Array;
use arrow::datatypes::{DataType, i256};

use Parameter::{Integer, Number};

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new(&["round"], "round(number [, digits])", &[Number, Integer], |a| {
        rounded(a, Cut::Nearest)
    })
    .requires(1)
    .help(
        "rounded half away from zero to this number of decimal places (default 0; a \
             negative number rounds before the point); for a decimal the number must be a \
             constant and becomes the scale of the result; unsigned integers of up to 32 bits \
             give int64",
    )
    .examples(&[
        "round(2.5) = 3",
        "round(-2.5) = -3",
        "round(2.675, 2) = 2.68",
        "round(2.675::DOUBLE, 2) = 2.67",
        "round(1250, -2) = 1300",
    ]),
    Function::new(&["trunc"], "trunc(number [, digits])", &[Number, Integer], |a| {
        rounded(a, Cut::TowardsZero)
    })
    .requires(1)
    .help("the same, truncated towards zero; integers keep their type")
    .examples(&["trunc(-2.7) = -2"]),
];

/// Which of the two numbers around a value is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cut {
    Nearest,
    TowardsZero,
}

/// A negative number of digits counts digits before the point.
fn rounded(arguments: &[Node], cut: Cut) -> Result<Prepared, CallError> {
    let from = arguments[0].data_type().clone();
    match Kind::of(&from) {
        Kind::Float => {
            let round = if cut == Cut::Nearest { round_float } else { cut_float };
            Ok(Prepared::infallible(from, move |inputs| {
                let (number, digits) = (inputs.floats(0)?, inputs.integers_or(1, 0)?);
                float_results(inputs, |row| round(number(row), digits(row)))
            }))
        }
        Kind::Integer => {
            // An unsigned integer may round up beyond its own width.
            let to = match from {
                DataType::UInt8 | DataType::UInt16 | DataType::UInt32 if cut == Cut::Nearest => {
                    DataType::Int64
                }
                same => same,
            };
            Ok(Prepared::fallible(to, move |inputs| {
                let (units, digits) = (units(inputs)?.0, inputs.integers_or(1, 0)?);
                exact_results(inputs, |row| {
                    round_units(units(row), digits(row).min(0).unsigned_abs(), cut)
                })
            }))
        }
        _ => round_decimal(arguments, &from, cut),
    }
}

/// The digits determine the type of the result, so they must be known in advance.
fn round_decimal(arguments: &[Node], from: &DataType, cut: Cut) -> Result<Prepared, CallError> {
    let digits = match arguments.get(1) {
        None => Some(0),
        Some(Node::Constant(value)) => {
            value_reader::integers(value).map(|digits| if value.is_null(0) { 0 } else { digits(0) })
        }
        Some(_) => None,
    };
    let digits =
        digits.ok_or_else(|| CallError::at(1, "the digits of a decimal must be a constant"))?;
    let scale = i128::from(scale_of(from));
    let kept = digits.max(0).min(scale).max(scale.min(0));
    let dropped = (scale - digits).max(0).unsigned_abs();
    let may_carry = cut == Cut::Nearest && dropped > 0 && kept == scale;
    let wide = if may_carry { with_a_digit_more(from) } else { from.clone() };
    let to = with_scale(&wide, kept as i8);
    let factor = (scale - kept).max(0) as u32;
    Ok(Prepared::fallible(to, move |inputs| {
        let units = units(inputs)?.0;
        let factor = i256::from_i128(10).checked_pow(factor).unwrap_or(i256::MAX);
        exact_results(inputs, |row| Ok(round_units(units(row), dropped, cut)? / factor))
    }))
}

/// 99 rounds to 100.
fn with_a_digit_more(decimal: &DataType) -> DataType {
    match *decimal {
        DataType::Decimal32(precision @ ..=8, scale) => DataType::Decimal32(precision + 1, scale),
        DataType::Decimal32(precision, scale) | DataType::Decimal64(precision @ ..=17, scale) => {
            DataType::Decimal64(precision + 1, scale)
        }
        DataType::Decimal64(precision, scale) | DataType::Decimal128(precision @ ..=37, scale) => {
            DataType::Decimal128(precision + 1, scale)
        }
        DataType::Decimal128(precision, scale) | DataType::Decimal256(precision @ ..=75, scale) => {
            DataType::Decimal256(precision + 1, scale)
        }
        ref largest => largest.clone(),
    }
}

/// A multiple of a power of ten.
fn round_units(units: i256, places: u128, cut: Cut) -> Result<i256, String> {
    let power =
        u32::try_from(places).ok().and_then(|places| i256::from_i128(10).checked_pow(places));
    // Beyond 76 places every number becomes zero.
    let Some(power) = power else { return Ok(i256::ZERO) };
    let rest = units % power;
    let base = units - rest;
    let half = cut == Cut::Nearest && rest.wrapping_abs() >= power - rest.wrapping_abs();
    let step = match half {
        false => i256::ZERO,
        true if units.is_negative() => -power,
        true => power,
    };
    base.checked_add(step).ok_or_else(|| TOO_LARGE.to_owned())
}

/// From here on, all doubles are integers.
const LARGEST_FRACTION: f64 = 9_007_199_254_740_992.0;

/// Powers of ten up to this exponent are exact doubles.
const EXACT_POWER: u32 = 22;

/// Truncates a double as DuckDB does: through its product with a power of ten, which is rounded.
fn cut_float(number: f64, digits: i128) -> f64 {
    let places = digits.clamp(-400, 400) as i32;
    let (product, power) = if places < 0 {
        (number / 10_f64.powi(-places), 10_f64.powi(-places))
    } else {
        (number * 10_f64.powi(places), 10_f64.powi(places))
    };
    let cut = product.trunc();
    match places < 0 {
        // The power may be infinite.
        true if cut == 0.0 => cut,
        true => cut * power,
        // More digits than a double of this size has.
        false if product.abs() >= LARGEST_FRACTION || !product.is_finite() => number,
        false => cut / power,
    }
}

/// The double nearest to the exact value after rounding.
fn round_float(number: f64, digits: i128) -> f64 {
    if !number.is_finite() {
        return number;
    }
    let places = u32::try_from(digits.unsigned_abs()).unwrap_or(u32::MAX);
    let power = 10_f64.powi(places.min(EXACT_POWER) as i32);
    match (digits < 0, places <= EXACT_POWER) {
        (false, true) => {
            let product = number * power;
            // More digits than a double of this size has.
            if product.abs() >= LARGEST_FRACTION {
                return number;
            }
            integer(product, number.mul_add(power, -product)) / power
        }
        (true, true) => {
            let quotient = number / power;
            if quotient.abs() >= LARGEST_FRACTION {
                return number;
            }
            let rest = (-quotient).mul_add(power, number) / power;
            integer(quotient, rest) * power
        }
        // Halves require exact powers, so Rust's ties to even do not occur.
        (false, false) if places < 1100 => {
            format!("{number:.*}", places as usize).parse().unwrap_or(number)
        }
        (false, false) => number,
        (true, false) if places <= 308 => {
            let quotient = integer(number / 10_f64.powi(places as i32), 0.0);
            format!("{quotient}e{places}").parse().unwrap_or(number)
        }
        (true, false) => 0.0_f64.copysign(number),
    }
}

/// The integer nearest to the sum of a computed `value` and the remainder that its rounding cut
/// off, halves away from zero.
fn integer(value: f64, rest: f64) -> f64 {
    let beyond = rest * value.signum();
    let rounded = value.round();
    if (rounded - value).abs() == 0.5 && beyond < 0.0 {
        return rounded - value.signum();
    }
    if rounded == value && beyond == 0.5 { rounded + value.signum() } else { rounded }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exact_value_of_a_double_is_rounded() {
        for (number, digits, rounded) in [
            (2.675, 2, 2.67),
            (1.005, 2, 1.0),
            (0.15, 1, 0.1),
            (0.125, 2, 0.13),
            (-0.125, 2, -0.13),
            (2.5, 0, 3.0),
            (0.49999999999999994, 0, 0.0),
            (4503599627370497.5, 0, 4503599627370498.0),
            (1e15 + 0.3, 1, 1e15 + 0.3),
            (1234.5678, -2, 1200.0),
            (1250.0, -2, 1300.0),
            (1e22, -22, 1e22),
            (5e-324, 5, 0.0),
            (1.6e-30, 30, 2e-30),
            (0.1, 400, 0.1),
            (0.1, 2000, 0.1),
            (1.6e200, -200, 2e200),
            (1.5, -400, 0.0),
            (1e300, 2, 1e300),
            (f64::INFINITY, 2, f64::INFINITY),
        ] {
            assert_eq!(round_float(number, digits), rounded, "{number} {digits}");
        }
    }

    #[test]
    fn digits_are_truncated_as_in_duckdb() {
        for (number, digits, cut_off) in [
            (2.789, 1, 2.7),
            (-2.789, 1, -2.7),
            (0.29, 2, 0.28),
            (0.3, 1, 0.3),
            (235.7, 4, 235.7),
            (4.35, 2, 4.34),
            (0.1, 400, 0.1),
            (128.0, -1, 120.0),
            (128.0, -400, 0.0),
            (1e300, 2, 1e300),
            (1e300, 200, 1e300),
            (f64::INFINITY, -1, f64::INFINITY),
        ] {
            assert_eq!(cut_float(number, digits), cut_off, "{number} {digits}");
        }
    }

    #[test]
    fn doubles_round_as_their_decimal_digits() {
        let mut state = 1_u64;
        for _ in 0..20_000 {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            let number = (state >> 11) as f64 / 10_f64.powi((state % 18) as i32);
            for digits in 0..12 {
                let exact = format!("{number:.1074}");
                let end = exact.find('.').unwrap_or(0) + 1 + digits;
                // A double has less than 1074 digits, so none ends in a half by chance.
                let is_half = exact[end..].trim_end_matches('0') == "5";
                let expected: f64 = format!("{number:.digits$}").parse().unwrap();
                assert!(
                    is_half || round_float(number, digits as i128) == expected,
                    "{number} {digits}"
                );
            }
        }
    }
}
