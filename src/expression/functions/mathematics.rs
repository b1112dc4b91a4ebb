//! Signs, logarithms, angles and tests of numbers.
//!
//! Not here: rounding (`rounding`), and functions that keep the type of their argument (`number`).

use super::function::{CallError, Function, Parameter};
use super::number::{of_one, of_two, units};
use crate::expression::evaluate::call::Prepared;
use crate::expression::evaluate::node::Node;
use crate::expression::values::kind::Kind;
use arrow::array::Float64Array;
use arrow::datatypes::{DataType, Int8Type};
use std::sync::Arc;

use Parameter::Number;

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new(&["sign"], "sign(number)", &[Number], sign)
        .help("-1, 0 or 1, int8")
        .examples(&["sign(-2.5) = -1"]),
    Function::new(&["cbrt"], "cbrt(number)", &[Number], |_| Ok(of_one(f64::cbrt)))
        .help("cube root and logarithms (default base: 10)")
        .examples(&["log10(100) = 2", "log(2, 8) = 3"]),
    Function::new(&["log10"], "log10(number)", &[Number], |_| Ok(of_one(f64::log10))),
    Function::new(&["log2"], "log2(number)", &[Number], |_| Ok(of_one(f64::log2))),
    Function::new(&["log"], "log([base,] number)", &[Number, Number], log).requires(1),
    Function::new(&["sin"], "sin(radians)", &[Number], |_| Ok(of_one(f64::sin)))
        .help("trigonometric and hyperbolic functions; angles are in radians")
        .examples(&["sin(0) = 0", "atan2(0, 1) = 0"]),
    Function::new(&["cos"], "cos(radians)", &[Number], |_| Ok(of_one(f64::cos))),
    Function::new(&["tan"], "tan(radians)", &[Number], |_| Ok(of_one(f64::tan))),
    Function::new(&["cot"], "cot(radians)", &[Number], |_| Ok(of_one(|angle| angle.tan().recip()))),
    Function::new(&["asin"], "asin(number)", &[Number], |_| Ok(of_one(f64::asin))),
    Function::new(&["acos"], "acos(number)", &[Number], |_| Ok(of_one(f64::acos))),
    Function::new(&["atan"], "atan(number)", &[Number], |_| Ok(of_one(f64::atan))),
    Function::new(&["atan2"], "atan2(y, x)", &[Number, Number], |_| Ok(of_two(f64::atan2))),
    Function::new(&["sinh"], "sinh(number)", &[Number], |_| Ok(of_one(f64::sinh))),
    Function::new(&["cosh"], "cosh(number)", &[Number], |_| Ok(of_one(f64::cosh))),
    Function::new(&["tanh"], "tanh(number)", &[Number], |_| Ok(of_one(f64::tanh))),
    Function::new(&["degrees"], "degrees(radians)", &[Number], |_| Ok(of_one(f64::to_degrees)))
        .help("an angle in degrees or in radians, and the number pi")
        .examples(&["degrees(pi()) = 180"]),
    Function::new(&["radians"], "radians(degrees)", &[Number], |_| Ok(of_one(f64::to_radians))),
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

fn test(holds: fn(f64) -> bool) -> Prepared {
    Prepared::infallible(DataType::Boolean, move |inputs| {
        let number = inputs.floats(0)?;
        inputs.booleans(|row| Ok(holds(number(row))))
    })
}

/// -1, 0 or 1; 0 for NaN.
fn sign(arguments: &mut Vec<Node>) -> Result<Prepared, CallError> {
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
fn log(arguments: &mut Vec<Node>) -> Result<Prepared, CallError> {
    if arguments.len() == 1 {
        return Ok(of_one(f64::log10));
    }
    Ok(of_two(|base, number| number.log10() / base.log10()))
}
