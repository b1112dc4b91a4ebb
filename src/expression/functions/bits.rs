//! Bit functions and operators: `&`, `|`, `~`, `<<`, `>>`, `xor`, `bit_count`.

use super::function::{CallError, Function, Parameter};
use super::number::{TOO_LARGE, exact_results};
use crate::expression::evaluate::call::Prepared;
use crate::expression::evaluate::node::Node;
use crate::expression::values::common_type::common_type;
use crate::expression::values::kind::{Kind, describe};
use crate::expression::values::value_reader;
use arrow::array::{Array, ArrayRef};
use arrow::datatypes::{DataType, Int8Type, i256};

use Parameter::Integer;

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new(&["bit_and"], "a & b", &[Integer, Integer], |a| both(a, |a, b, _| Ok(a & b)))
        .help(
            "bitwise operations on integers, in their common type; a set bit shifted out to \
             the left is an error",
        )
        .examples(&["5 & 3 = 1", "xor(5, 3) = 6", "1 << 4 = 16"]),
    Function::new(&["bit_or"], "a | b", &[Integer, Integer], |a| both(a, |a, b, _| Ok(a | b))),
    Function::new(&["xor"], "xor(a, b)", &[Integer, Integer], |a| both(a, |a, b, _| Ok(a ^ b))),
    Function::new(&["bit_not"], "~ a", &[Integer], inverted),
    Function::new(&["bit_shift_left"], "a << count", &[Integer, Integer], |a| {
        Ok(shifted(a, |value, count, _| shift_left(value, count)))
    }),
    Function::new(&["bit_shift_right"], "a >> count", &[Integer, Integer], |a| {
        Ok(shifted(a, |value, count, bits| match u32::try_from(count) {
            Ok(count) if count < bits => Ok(value >> count),
            // Negative numbers included.
            _ => Ok(0),
        }))
    }),
    Function::new(&["bit_count"], "bit_count(integer)", &[Integer], |arguments| {
        let bits = bits_of(arguments[0].data_type());
        Ok(Prepared::infallible(DataType::Int8, move |inputs| {
            let value = inputs.integers(0)?;
            let mask = u128::MAX >> (128 - bits);
            let count = |row| (value(row).cast_unsigned() & mask).count_ones() as i8;
            inputs.numbers::<Int8Type>(|row| Ok(count(row)))
        }))
    })
    .help("the number of bits that are set, int8")
    .examples(&["bit_count(255) = 8"]),
];

fn bits_of(data_type: &DataType) -> u32 {
    data_type.primitive_width().unwrap_or(8) as u32 * 8
}

/// A function of two integers; the last argument is the width of their type in bits.
type Compute = fn(i128, i128, u32) -> Result<i128, String>;

fn both(arguments: &mut Vec<Node>, compute: Compute) -> Result<Prepared, CallError> {
    let to = common(arguments).ok_or_else(|| {
        let [first, second] = [0, 1].map(|place| describe(arguments[place].data_type()));
        CallError::at(
            1,
            format!("{first} and {second} have no common integer type; CAST one of them"),
        )
    })?;
    Ok(of_both(to, compute))
}

fn shifted(arguments: &[Node], compute: Compute) -> Prepared {
    of_both(common(arguments).unwrap_or_else(|| arguments[0].data_type().clone()), compute)
}

/// The common type of both integers; a literal takes the other's type if that type has its value.
fn common(arguments: &[Node]) -> Option<DataType> {
    let types = (arguments[0].data_type(), arguments[1].data_type());
    match (&arguments[0], &arguments[1]) {
        (_, Node::Constant(value)) if is_literal_of(types.0, value) => {
            return Some(types.0.clone());
        }
        (Node::Constant(value), _) if is_literal_of(types.1, value) => {
            return Some(types.1.clone());
        }
        _ => {}
    }
    common_type(types.0, types.1).filter(|to| Kind::of(to) == Kind::Integer)
}

/// Whether an array of one may be a literal whose value fits an integer type.
fn is_literal_of(data_type: &DataType, value: &ArrayRef) -> bool {
    let Some(number) = value_reader::integers(value) else { return false };
    let is_signed = data_type.is_signed_integer();
    let bits = bits_of(data_type) - u32::from(is_signed);
    let least = if is_signed { -(1_i128 << bits) } else { 0 };
    let fits = value.is_null(0) || (least..1 << bits).contains(&number(0));
    value.data_type() == &DataType::Int64 && fits
}

fn of_both(to: DataType, compute: Compute) -> Prepared {
    let bits = bits_of(&to);
    Prepared::fallible(to, move |inputs| {
        let (a, b) = (inputs.integers(0)?, inputs.integers(1)?);
        exact_results(inputs, |row| compute(a(row), b(row), bits).map(i256::from_i128))
    })
}

fn inverted(arguments: &mut Vec<Node>) -> Result<Prepared, CallError> {
    let to = arguments[0].data_type().clone();
    let largest = if to.is_unsigned_integer() { (1 << bits_of(&to)) - 1 } else { -1 };
    Ok(Prepared::infallible(to, move |inputs| {
        let value = inputs.integers(0)?;
        exact_results(inputs, |row| Ok(i256::from_i128(largest - value(row))))
    }))
}

/// As in DuckDB, losing a bit is an error.
fn shift_left(value: i128, count: i128) -> Result<i128, String> {
    if value < 0 {
        return Err("a negative number cannot be shifted left".to_owned());
    }
    match u32::try_from(count) {
        Ok(count) if value == 0 || count < value.leading_zeros() => Ok(value << count.min(127)),
        Ok(_) => Err(TOO_LARGE.to_owned()),
        Err(_) => Err("the count is negative".to_owned()),
    }
}
