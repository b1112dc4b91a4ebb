//! The order of decimals and floats by their exact values.

use crate::expression::values::value_reader;
use arrow::datatypes::i256;
use std::cmp::Ordering;

/// Orders counts of 10^-scale by their value.
pub(crate) fn decimal_order((a, a_scale): (i256, i8), (b, b_scale): (i256, i8)) -> Ordering {
    match a_scale.cmp(&b_scale) {
        Ordering::Equal => a.cmp(&b),
        Ordering::Greater => decimal_order((b, b_scale), (a, a_scale)).reverse(),
        Ordering::Less => {
            let places = (i32::from(b_scale) - i32::from(a_scale)) as u32;
            let widened =
                i256::from_i128(10).checked_pow(places).and_then(|factor| a.checked_mul(factor));
            match widened {
                Some(a) => a.cmp(&b),
                // Too large for 256 bits, so further from zero than `b`; zero is never too large.
                None if a == i256::ZERO => i256::ZERO.cmp(&b),
                None => a.cmp(&i256::ZERO),
            }
        }
    }
}

/// Orders a decimal and a double by their exact values.
pub(crate) fn decimal_float_order((units, scale): (i256, i8), float: f64) -> Ordering {
    let nearest = value_reader::decimal_as_float(units, scale);
    // Rounding never passes a double, so unequal doubles are in the order of the exact values.
    match float_order(nearest, float) {
        Ordering::Equal if float.is_finite() => exact_order(units, scale, float),
        Ordering::Equal if float == f64::INFINITY => Ordering::Less,
        Ordering::Equal if float == f64::NEG_INFINITY => Ordering::Greater,
        order => order,
    }
}

/// The order of a decimal and the double that it rounds to.
pub(crate) fn exact_order(units: i256, scale: i8, float: f64) -> Ordering {
    // float = mantissa × 2^exponent; compare units × 2^-exponent with mantissa × 10^scale.
    let bits = float.to_bits();
    let raw_exponent = ((bits >> 52) & 0x7ff) as i32;
    let fraction = i128::from(bits & ((1 << 52) - 1));
    let (mantissa, exponent) = if raw_exponent == 0 {
        (fraction, -1074)
    } else {
        (fraction | 1 << 52, raw_exponent - 1075)
    };
    let mantissa = if float.is_sign_negative() { -mantissa } else { mantissa };
    if mantissa == 0 {
        return units.cmp(&i256::ZERO);
    }
    let zeros = mantissa.trailing_zeros() as i32;
    let (mantissa, exponent) = (i256::from_i128(mantissa >> zeros), exponent + zeros);
    let power = |base: i128, power: i32| match power {
        ..=0 => Some(i256::ONE),
        power => i256::from_i128(base).checked_pow(power as u32),
    };
    let scale = i32::from(scale);
    let left = power(2, -exponent)
        .zip(power(10, -scale))
        .and_then(|(two, ten)| units.checked_mul(two)?.checked_mul(ten));
    let right = power(2, exponent)
        .zip(power(10, scale))
        .and_then(|(two, ten)| mantissa.checked_mul(two)?.checked_mul(ten));
    match (left, right) {
        (Some(left), Some(right)) => left.cmp(&right),
        _ => exact_order_of_text(units, scale, float),
    }
}

/// The same order by exact decimal text, if 256 bits are not enough.
pub(crate) fn exact_order_of_text(units: i256, scale: i32, float: f64) -> Ordering {
    // A double has at most 1074 decimal places, and Rust can print them all.
    const PLACES: usize = 1074;
    let digits = units.to_string();
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits.as_str()), |d| ("-", d));
    let mut decimal = digits.to_owned();
    decimal.extend(std::iter::repeat_n('0', (PLACES as i32 - scale).max(0) as usize));
    let exact = format!("{:.PLACES$}", float.abs()).replace('.', "");
    let (a, b) = (decimal.trim_start_matches('0'), exact.trim_start_matches('0'));
    let order = a.len().cmp(&b.len()).then_with(|| a.cmp(b));
    if sign.is_empty() { order } else { order.reverse() }
}

/// NaN equals NaN and is larger than all numbers; -0 equals 0.
pub(crate) fn float_order<T: PartialOrd + Copy>(a: T, b: T) -> Ordering {
    a.partial_cmp(&b).unwrap_or_else(|| is_nan(a).cmp(&is_nan(b)))
}

/// Only a NaN has no order with itself.
pub(crate) fn is_nan<T: PartialOrd + Copy>(value: T) -> bool {
    value.partial_cmp(&value).is_none()
}
