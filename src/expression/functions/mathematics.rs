//! Signs, logarithms, angles and tests of numbers.
//!
//! Not here: rounding (`rounding`), and functions that keep the type of their argument (`number`).

use super::function::{Function, Parameter, Wrong};
use super::number::{double, units};
use crate::expression::evaluate::call::Prepared;
use crate::expression::evaluate::node::Node;
use crate::expression::values::kind::Kind;
use arrow::array::Float64Array;
use arrow::datatypes::{DataType, Float64Type, Int8Type};
use std::sync::Arc;

use Parameter::Number;

/// A function of one double, with its results.
macro_rules! of_double {
    ($names:expr, $signature:expr, $compute:expr) => {
        Function::new($names, $signature, &[Number], |_| {
            let compute: fn(f64) -> f64 = $compute;
            Ok(of_one(compute))
        })
    };
}

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new(&["sign"], "sign(number)", &[Number], sign)
        .help("-1, 0 or 1, int8")
        .examples(&["sign(-2.5) = -1"]),
    of_double!(&["cbrt"], "cbrt(number)", f64::cbrt)
        .help("cube root and logarithms (default base: 10)")
        .examples(&["log10(100) = 2", "log(2, 8) = 3"]),
    of_double!(&["log10"], "log10(number)", f64::log10),
    of_double!(&["log2"], "log2(number)", f64::log2),
    Function::new(&["log"], "log([base,] number)", &[Number, Number], log).requires(1),
    of_double!(&["sin"], "sin(radians)", f64::sin)
        .help("trigonometric and hyperbolic functions; angles are in radians")
        .examples(&["sin(0) = 0", "atan2(0, 1) = 0"]),
    of_double!(&["cos"], "cos(radians)", f64::cos),
    of_double!(&["tan"], "tan(radians)", f64::tan),
    of_double!(&["cot"], "cot(radians)", |angle| angle.tan().recip()),
    of_double!(&["asin"], "asin(number)", f64::asin),
    of_double!(&["acos"], "acos(number)", f64::acos),
    of_double!(&["atan"], "atan(number)", f64::atan),
    Function::new(&["atan2"], "atan2(y, x)", &[Number, Number], |_| Ok(double(f64::atan2))),
    of_double!(&["sinh"], "sinh(number)", f64::sinh),
    of_double!(&["cosh"], "cosh(number)", f64::cosh),
    of_double!(&["tanh"], "tanh(number)", f64::tanh),
    of_double!(&["degrees"], "degrees(radians)", f64::to_degrees)
        .help("an angle in degrees or in radians, and the number pi")
        .examples(&["degrees(pi()) = 180"]),
    of_double!(&["radians"], "radians(degrees)", f64::to_radians),
    Function::new(&["pi"], "pi()", &[], |_| {
        Ok(Prepared::infallible(DataType::Float64, |_| {
            Ok(Arc::new(Float64Array::from(vec![std::f64::consts::PI])))
        }))
    }),
    Function::new(&["isnan"], "isnan(number)", &[Number], |_| Ok(test(f64::is_nan)))
        .help("boolean")
        .examples(&["isnan('nan'::DOUBLE)"]),
    Function::new(&["isinf"], "isinf(number)", &[Number], |_| Ok(test(f64::is_infinite))),
    Function::new(&["isfinite"], "isfinite(number)", &[Number], |_| Ok(test(f64::is_finite))),
];

fn of_one(compute: fn(f64) -> f64) -> Prepared {
    Prepared::infallible(DataType::Float64, move |inputs| {
        let number = inputs.floats(0)?;
        inputs.numbers::<Float64Type>(|row| Ok(compute(number(row))))
    })
}

fn test(holds: fn(f64) -> bool) -> Prepared {
    Prepared::infallible(DataType::Boolean, move |inputs| {
        let number = inputs.floats(0)?;
        inputs.booleans(|row| Ok(holds(number(row))))
    })
}

/// -1, 0 or 1; 0 for NaN.
fn sign(arguments: &mut Vec<Node>) -> Result<Prepared, Wrong> {
    let is_float = Kind::of(arguments[0].data_type()) == Kind::Float;
    Ok(Prepared::infallible(DataType::Int8, move |inputs| {
        if is_float {
            let number = inputs.floats(0)?;
            let sign = |number: f64| i8::from(number > 0.0) - i8::from(number < 0.0);
            return inputs.numbers::<Int8Type>(|row| Ok(sign(number(row))));
        }
        let units = units(inputs)?.0;
        inputs.numbers::<Int8Type>(|row| Ok(units(row).signum().as_i128() as i8))
    }))
}

/// `log(number)` to base 10, `log(base, number)`.
fn log(arguments: &mut Vec<Node>) -> Result<Prepared, Wrong> {
    if arguments.len() == 1 {
        return Ok(of_one(f64::log10));
    }
    Ok(double(|base, number| number.log10() / base.log10()))
}
