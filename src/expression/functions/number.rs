//! Functions of numbers.
//!
//! Integers and decimals are computed exactly, and a result that does not fit is an error; roots,
//! logarithms and powers are computed in double precision.

use super::function::{CallError, Function, Parameter};
use crate::expression::evaluate::call::{Body, Failure, Inputs, Prepared};
use crate::expression::evaluate::node::Node;
use crate::expression::values::kind::{Kind, decimal_digits};
use crate::expression::values::value_reader::{self, Reader};
use arrow::array::{ArrayRef, downcast_integer};
use arrow::datatypes::{
    ArrowPrimitiveType, DataType, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type,
    Float16Type, Float32Type, Float64Type, i256,
};
use std::sync::Arc;

use Parameter::Number;

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new(&["abs"], "abs(number)", &[Number], abs)
        .help("the absolute value")
        .examples(&["abs(-5) = 5"]),
    Function::new(&["floor"], "floor(number)", &[Number], |a| Ok(whole(a, i256::ZERO, f64::floor)))
        .help("rounded down to an integer")
        .examples(&["floor(-2.5) = -3"]),
    Function::new(&["ceil", "ceiling"], "ceil(number)", &[Number], |a| {
        Ok(whole(a, i256::ONE, f64::ceil))
    })
    .help("rounded up to an integer")
    .examples(&["ceil(2.1) = 3"]),
    Function::new(&["sqrt"], "sqrt(number)", &[Number], |_| Ok(of_one(f64::sqrt)))
        .help("the square root; NaN for negative numbers")
        .examples(&["sqrt(2.25) = 1.5"]),
    Function::new(&["ln"], "ln(number)", &[Number], |_| Ok(of_one(f64::ln)))
        .help("the natural logarithm; NaN for negative numbers")
        .examples(&["ln(1) = 0"]),
    Function::new(&["exp"], "exp(number)", &[Number], |_| Ok(of_one(f64::exp)))
        .help("e raised to this power")
        .examples(&["exp(0) = 1"]),
    Function::new(&["power", "pow"], "power(base, exponent)", &[Number, Number], |_| {
        Ok(of_two(f64::powf))
    })
    .help("base raised to the exponent")
    .examples(&["power(2, 10) = 1024"]),
];

pub(crate) const TOO_LARGE: &str = "the result is too large";

/// A function of one double.
pub(crate) fn of_one(compute: fn(f64) -> f64) -> Prepared {
    Prepared::infallible(DataType::Float64, move |inputs| {
        let number = inputs.floats(0)?;
        inputs.numbers::<Float64Type>(|row| Ok(compute(number(row))))
    })
}

/// A function of two doubles.
pub(crate) fn of_two(compute: fn(f64, f64) -> f64) -> Prepared {
    Prepared::infallible(DataType::Float64, move |inputs| {
        let (a, b) = (inputs.floats(0)?, inputs.floats(1)?);
        inputs.numbers::<Float64Type>(|row| Ok(compute(a(row), b(row))))
    })
}

fn abs(arguments: &mut Vec<Node>) -> Result<Prepared, CallError> {
    let data_type = arguments[0].data_type().clone();
    let body: Body = match Kind::of(&data_type) {
        Kind::Float => Arc::new(|inputs| {
            let number = inputs.floats(0)?;
            float_results(inputs, |row| number(row).abs())
        }),
        _ => Arc::new(|inputs| {
            let units = units(inputs)?.0;
            exact_results(inputs, |row| Ok(units(row).wrapping_abs()))
        }),
    };
    let can_fail = data_type.is_signed_integer();
    Ok(Prepared { data_type, body, can_fail })
}

/// `floor` and `ceil`; `step` is added to the whole part of a decimal if it has a fraction.
fn whole(arguments: &[Node], step: i256, of_float: fn(f64) -> f64) -> Prepared {
    let from = arguments[0].data_type();
    let data_type = if scale_of(from) > 0 { with_scale(from, 0) } else { from.clone() };
    let body: Body = match Kind::of(from) {
        Kind::Float => Arc::new(move |inputs| {
            let number = inputs.floats(0)?;
            float_results(inputs, |row| of_float(number(row)))
        }),
        _ => Arc::new(move |inputs| {
            let (units, scale) = units(inputs)?;
            let one = i256::from_i128(10).checked_pow(scale.max(0) as u32).unwrap_or(i256::MAX);
            exact_results(inputs, |row| {
                let (quotient, rest) = (units(row) / one, units(row) % one);
                let below = if rest.is_negative() { i256::MINUS_ONE } else { i256::ZERO };
                let above = if rest == i256::ZERO { i256::ZERO } else { step };
                Ok(quotient + below + above)
            })
        }),
    };
    Prepared { data_type, body, can_fail: false }
}

pub(crate) fn scale_of(data_type: &DataType) -> i8 {
    decimal_digits(data_type).map_or(0, |(_, scale)| scale)
}

pub(crate) fn with_scale(data_type: &DataType, scale: i8) -> DataType {
    match data_type {
        DataType::Decimal32(precision, _) => DataType::Decimal32(*precision, scale),
        DataType::Decimal64(precision, _) => DataType::Decimal64(*precision, scale),
        DataType::Decimal128(precision, _) => DataType::Decimal128(*precision, scale),
        DataType::Decimal256(precision, _) => DataType::Decimal256(*precision, scale),
        other => other.clone(),
    }
}

/// The first argument, an integer or decimal, as counts of 10^-scale, and that scale.
pub(crate) fn units<'a>(inputs: &Inputs<'a>) -> Result<(Reader<'a, i256>, i8), Failure> {
    let (reader, scale) = value_reader::decimals(inputs.array(0)).unzip();
    Ok((inputs.by_row(0, reader)?, scale.unwrap_or(0)))
}

pub(crate) fn float_results(
    inputs: &Inputs<'_>,
    each: impl Fn(usize) -> f64,
) -> Result<ArrayRef, Failure> {
    type Half = <Float16Type as ArrowPrimitiveType>::Native;
    match inputs.data_type {
        DataType::Float16 => inputs.numbers::<Float16Type>(|row| Ok(Half::from_f64(each(row)))),
        DataType::Float32 => inputs.numbers::<Float32Type>(|row| Ok(each(row) as f32)),
        _ => inputs.numbers::<Float64Type>(|row| Ok(each(row))),
    }
}

/// Results of an integer or decimal type; a result that does not fit is an error.
pub(crate) fn exact_results(
    inputs: &Inputs<'_>,
    each: impl Fn(usize) -> Result<i256, String>,
) -> Result<ArrayRef, Failure> {
    // Compiled once, and not for each function with each type.
    from_units(inputs, &each)
}

fn from_units(
    inputs: &Inputs<'_>,
    each: &dyn Fn(usize) -> Result<i256, String>,
) -> Result<ArrayRef, Failure> {
    let limit = decimal_digits(inputs.data_type)
        .and_then(|(precision, _)| i256::from_i128(10).checked_pow(u32::from(precision)));
    let too_large = || TOO_LARGE.to_owned();
    let each = |row| {
        let units = each(row)?;
        match limit {
            Some(limit) if units >= limit || units <= -limit => Err(too_large()),
            _ => Ok(units),
        }
    };
    let narrow = |row| each(row)?.to_i128().ok_or_else(too_large);
    macro_rules! narrowed {
        ($type:ty) => {
            inputs.numbers::<$type>(|row| narrow(row)?.try_into().map_err(|_| too_large()))
        };
    }
    downcast_integer! {
        inputs.data_type => (narrowed),
        DataType::Decimal32(..) => narrowed!(Decimal32Type),
        DataType::Decimal64(..) => narrowed!(Decimal64Type),
        DataType::Decimal128(..) => inputs.numbers::<Decimal128Type>(narrow),
        _ => inputs.numbers::<Decimal256Type>(each),
    }
}
