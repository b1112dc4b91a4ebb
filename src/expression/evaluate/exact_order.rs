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
fn exact_order(units: i256, scale: i8, float: f64) -> Ordering {
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
fn exact_order_of_text(units: i256, scale: i32, float: f64) -> Ordering {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn units(text: &str) -> i256 {
        i256::from_string(text).unwrap()
    }

    #[test]
    fn decimals_of_any_scale_are_ordered_by_value() {
        let wide = units(&"9".repeat(76));
        let least = wide.checked_neg().unwrap();
        for (a, b, order) in [
            ((units("150"), 2), (units("15"), 1), Ordering::Equal),
            ((units("-150"), 2), (units("-149"), 2), Ordering::Less),
            ((units("2"), -3), (units("2000"), 0), Ordering::Equal),
            // Neither fits into 256 bits at the other's scale.
            ((wide, 0), (wide, 76), Ordering::Greater),
            ((least, 0), (wide, 76), Ordering::Less),
            ((i256::ZERO, -128), (units("1"), 76), Ordering::Less),
            ((i256::ZERO, -128), (i256::ZERO, 76), Ordering::Equal),
        ] {
            assert_eq!(decimal_order(a, b), order, "{a:?} {b:?}");
            assert_eq!(decimal_order(b, a), order.reverse(), "{b:?} {a:?}");
        }
    }

    #[test]
    fn decimals_and_floats_are_ordered_exactly() {
        for (text, scale, float, order) in [
            ("1", 1, 0.1, Ordering::Less),
            ("5", 1, 0.5, Ordering::Equal),
            ("-5", 1, -0.5, Ordering::Equal),
            ("0", 5, -0.0, Ordering::Equal),
            ("9007199254740993", 0, 9007199254740992.0, Ordering::Greater),
            ("-9007199254740993", 0, -9007199254740992.0, Ordering::Less),
            ("9223372036854775807", 0, 9223372036854775808.0, Ordering::Less),
            ("1", 0, f64::INFINITY, Ordering::Less),
            ("1", 0, f64::NEG_INFINITY, Ordering::Greater),
            ("1", 0, f64::NAN, Ordering::Less),
            ("1", 76, 1e-76, Ordering::Greater),
            ("1", -22, 1e22, Ordering::Equal),
            ("1", -23, 1e23, Ordering::Greater),
        ] {
            assert_eq!(decimal_float_order((units(text), scale), float), order, "{text} {float}");
        }
    }

    #[test]
    fn both_exact_methods_agree() {
        for step in 1..500_i32 {
            let float = f64::from(step) * 0.01 * 10_f64.powi(step % 30 - 15);
            for scale in [0_i8, 3, 20, 40] {
                let text = format!("{float:.0$}", scale as usize).replace('.', "");
                let units = units(&text);
                assert_eq!(
                    exact_order(units, scale, float),
                    exact_order_of_text(units, i32::from(scale), float),
                    "{text} {float}"
                );
            }
        }
    }
}
