//! Functions and operators of bits: `&`, `|`, `~`, `<<`, `>>`, `xor`, `bit_count`.

use super::call::{Body, Failure, Inputs};
use super::number::{TOO_LARGE, exact_results};
use super::{Function, Parameter, Prepared, Wrong};
use crate::expression::common_type::common_type;
use crate::expression::kind::{Kind, describe};
use crate::expression::node::Node;
use crate::expression::read::Reader;
use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, Int8Type, i256};
use std::sync::Arc;

use Parameter::Integer;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(&["bit_and"], "a & b", &[Integer, Integer], |a| both(a, |a, b| Ok(a & b))),
    Function::new(&["bit_or"], "a | b", &[Integer, Integer], |a| both(a, |a, b| Ok(a | b))),
    Function::new(&["xor"], "xor(a, b)", &[Integer, Integer], |a| both(a, |a, b| Ok(a ^ b))),
    Function::new(&["bit_not"], "~ a", &[Integer], inverted),
    Function::new(&["bit_shift_left"], "a << count", &[Integer, Integer], |a| both(a, shift_left)),
    Function::new(&["bit_shift_right"], "a >> count", &[Integer, Integer], |arguments| {
        both(arguments, |value, count| match u32::try_from(count) {
            Ok(count) if count < 128 => Ok(value >> count),
            _ => Ok(0),
        })
    }),
    Function::new(&["bit_count"], "bit_count(integer)", &[Integer], |arguments| {
        let bits = bits_of(arguments[0].data_type());
        let body: Body = Arc::new(move |inputs| {
            let value = inputs.integers(0)?;
            let mask = u128::MAX >> (128 - bits);
            let count = |row| (value(row).cast_unsigned() & mask).count_ones() as i8;
            Ok(Arc::new(inputs.numbers::<Int8Type>(|row| Ok(count(row)))?))
        });
        Ok(Prepared { data_type: DataType::Int8, body, can_fail: false })
    }),
];

fn bits_of(data_type: &DataType) -> u32 {
    data_type.primitive_width().unwrap_or(8) as u32 * 8
}

/// Integers in the type in which both meet.
fn both(
    arguments: &mut Vec<Node>,
    compute: fn(i128, i128) -> Result<i128, String>,
) -> Result<Prepared, Wrong> {
    let types = (arguments[0].data_type(), arguments[1].data_type());
    let to = common_type(types.0, types.1).filter(|to| Kind::of(to) == Kind::Integer);
    let to = to.ok_or_else(|| {
        let (first, second) = (describe(types.0), describe(types.1));
        Wrong::at(1, format!("{first} and {second} have no bits in common; CAST one of them"))
    })?;
    let data_type = to.clone();
    let body: Body = Arc::new(move |inputs| {
        let (a, b) = (inputs.integers(0)?, inputs.integers(1)?);
        results(inputs, &to, |row| compute(a(row), b(row)))
    });
    Ok(Prepared { data_type, body, can_fail: true })
}

fn inverted(arguments: &mut Vec<Node>) -> Result<Prepared, Wrong> {
    let to = arguments[0].data_type().clone();
    let data_type = to.clone();
    let body: Body = Arc::new(move |inputs| {
        let value: Reader<'_, i128> = inputs.integers(0)?;
        let largest = if to.is_unsigned_integer() { (1 << bits_of(&to)) - 1 } else { -1 };
        results(inputs, &to, |row| Ok(largest - value(row)))
    });
    Ok(Prepared { data_type, body, can_fail: false })
}

/// As in DuckDB, a bit that would be lost is an error.
fn shift_left(value: i128, count: i128) -> Result<i128, String> {
    if value < 0 {
        return Err("a negative number has no left shift".to_owned());
    }
    match u32::try_from(count) {
        Ok(count) if value == 0 || count < value.leading_zeros() => Ok(value << count.min(127)),
        Ok(_) => Err(TOO_LARGE.to_owned()),
        Err(_) => Err("the count is negative".to_owned()),
    }
}

fn results(
    inputs: &Inputs<'_>,
    to: &DataType,
    each: impl Fn(usize) -> Result<i128, String>,
) -> Result<ArrayRef, Failure> {
    exact_results(inputs, to, |row| each(row).map(i256::from_i128))
}
