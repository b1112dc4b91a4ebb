//! Compares values row by row, by their exact value, whatever their types.
//!
//! Floats are ordered as in DuckDB: NaN equals NaN and is larger than all numbers, -0 equals 0.
//! `bind::comparisons` decides beforehand which types can be compared.

use super::exact_order::{decimal_float_order, decimal_order, float_order, is_nan};
use crate::error::{Error, Result};
use crate::expression::values::interval;
use crate::expression::values::kind::Kind;
use crate::expression::values::value_reader::{self, Reader, Values};
use crate::expression::values::zone::Clock;
use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Datum, Scalar};
use arrow::buffer::{BooleanBuffer, NullBuffer};
use arrow::compute::kernels::cmp;
use arrow::datatypes::{ArrowPrimitiveType, DataType, Float16Type, Float32Type, Float64Type};
use std::cmp::Ordering;

/// A comparison operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Operator {
    /// The operator with the same meaning when the operands are swapped.
    pub(crate) fn flipped(self) -> Self {
        match self {
            Self::Less => Self::Greater,
            Self::LessOrEqual => Self::GreaterOrEqual,
            Self::Greater => Self::Less,
            Self::GreaterOrEqual => Self::LessOrEqual,
            same => same,
        }
    }

    fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }
}

/// Compares row by row; null where either side is. The result has `rows` rows.
///
/// # Errors
/// Types that cannot be compared.
pub(crate) fn compare(
    operator: Operator,
    left: &Values,
    right: &Values,
    rows: usize,
) -> Result<BooleanArray> {
    if left.constant && right.constant {
        let one = compare_arrays(operator, left, right, 1)?;
        return Ok(spread(&one, rows));
    }
    compare_arrays(operator, left, right, rows)
}

/// Repeats the only value of an array.
pub(crate) fn spread(one: &BooleanArray, rows: usize) -> BooleanArray {
    if one.is_null(0) {
        return BooleanArray::new_null(rows);
    }
    let values =
        if one.value(0) { BooleanBuffer::new_set(rows) } else { BooleanBuffer::new_unset(rows) };
    BooleanArray::new(values, None)
}

fn compare_arrays(
    operator: Operator,
    left: &Values,
    right: &Values,
    rows: usize,
) -> Result<BooleanArray> {
    let types = (left.array.data_type(), right.array.data_type());
    if types.0 == &DataType::Null || types.1 == &DataType::Null {
        return Ok(BooleanArray::new_null(rows));
    }
    if types.0 == types.1 {
        match types.0 {
            DataType::Float64 => return compare_floats::<Float64Type>(operator, left, right, rows),
            DataType::Float32 => return compare_floats::<Float32Type>(operator, left, right, rows),
            DataType::Float16 => return compare_floats::<Float16Type>(operator, left, right, rows),
            // Not field by field, as the kernels do.
            DataType::Interval(_) => {}
            _ => return compare_by_kernel(operator, left, right),
        }
    }
    let order = order_of(left, right).ok_or_else(|| {
        Error::failed(format!("values of {} and {} cannot be compared", types.0, types.1))
    })?;
    let answers = BooleanBuffer::collect_bool(rows, |row| operator.holds(order(row)));
    Ok(BooleanArray::new(answers, nulls(left, right, rows)))
}

/// Arrow's kernels are vectorised, but support only equal types and order floats differently.
fn compare_by_kernel(operator: Operator, left: &Values, right: &Values) -> Result<BooleanArray> {
    let datum = |values: &Values| -> Box<dyn Datum> {
        if values.constant {
            Box::new(Scalar::new(values.array.clone()))
        } else {
            Box::new(values.array.clone())
        }
    };
    let kernel = match operator {
        Operator::Equal => cmp::eq,
        Operator::NotEqual => cmp::neq,
        Operator::Less => cmp::lt,
        Operator::LessOrEqual => cmp::lt_eq,
        Operator::Greater => cmp::gt,
        Operator::GreaterOrEqual => cmp::gt_eq,
    };
    kernel(datum(left).as_ref(), datum(right).as_ref())
        .map_err(|error| Error::failed(format!("cannot compare: {error}")))
}

/// The float types, with the requirements of Rust's operators.
trait Float: ArrowPrimitiveType<Native: PartialOrd> {}
impl Float for Float16Type {}
impl Float for Float32Type {}
impl Float for Float64Type {}

fn compare_floats<T: Float>(
    operator: Operator,
    left: &Values,
    right: &Values,
    rows: usize,
) -> Result<BooleanArray> {
    let (a, b) = (left.array.as_primitive::<T>(), right.array.as_primitive::<T>());
    let equal = |a, b| a == b || (is_nan(a) && is_nan(b));
    let less = |a, b| a < b || (is_nan(b) && !is_nan(a));
    let pairs = (a.values().as_ref(), left.constant, b.values().as_ref(), right.constant, rows);
    let answers = match operator {
        Operator::Equal => collect(pairs, equal),
        Operator::NotEqual => collect(pairs, |a, b| !equal(a, b)),
        Operator::Less => collect(pairs, less),
        Operator::LessOrEqual => collect(pairs, |a, b| !less(b, a)),
        Operator::Greater => collect(pairs, |a, b| less(b, a)),
        Operator::GreaterOrEqual => collect(pairs, |a, b| !less(a, b)),
    };
    Ok(BooleanArray::new(answers, nulls(left, right, rows)))
}

/// One loop per shape, so that none branches on which side is constant.
fn collect<T: Copy>(
    (a, a_constant, b, b_constant, rows): (&[T], bool, &[T], bool, usize),
    holds: impl Fn(T, T) -> bool,
) -> BooleanBuffer {
    match (a_constant, b_constant) {
        (false, true) => {
            let b = b[0];
            packed(&a[..rows], |_, a| holds(a, b))
        }
        (true, false) => {
            let a = a[0];
            packed(&b[..rows], |_, b| holds(a, b))
        }
        _ => packed(&a[..rows], |row, a| holds(a, b[row])),
    }
}

/// A bit per value. Not `BooleanBuffer::collect_bool`, whose loop is a function of its own in crates
/// that are compiled in parts: it took 19 instructions per value instead of 7.
fn packed<T: Copy>(values: &[T], holds: impl Fn(usize, T) -> bool) -> BooleanBuffer {
    let mut words: Vec<u64> = Vec::with_capacity(values.len().div_ceil(64));
    for (place, chunk) in values.chunks(64).enumerate() {
        let mut word = 0;
        for (bit, value) in chunk.iter().enumerate() {
            word |= u64::from(holds(64 * place + bit, *value)) << bit;
        }
        words.push(word);
    }
    BooleanBuffer::new(words.into(), 0, values.len())
}

/// The rows that have a value on both sides.
fn nulls(left: &Values, right: &Values, rows: usize) -> Option<NullBuffer> {
    NullBuffer::union(left.nulls(rows).as_ref(), right.nulls(rows).as_ref())
}

/// The order of each row's two values, for different types.
fn order_of<'a>(left: &'a Values, right: &'a Values) -> Option<Reader<'a, Ordering>> {
    let arrays: (&ArrayRef, &ArrayRef) = (&left.array, &right.array);
    let kinds = (Kind::of(arrays.0.data_type()), Kind::of(arrays.1.data_type()));
    match kinds {
        (Kind::Integer, Kind::Integer) => {
            ordered(left, right, |array| value_reader::integers(array), Ord::cmp)
        }
        (Kind::Float, Kind::Float) => {
            ordered(left, right, |array| value_reader::floats(array), |a, b| float_order(*a, *b))
        }
        (Kind::Integer | Kind::Decimal, Kind::Integer | Kind::Decimal) => {
            let (a, a_scale) = value_reader::decimals(arrays.0)?;
            let (b, b_scale) = value_reader::decimals(arrays.1)?;
            let (a, b) = (left.by_row(a), right.by_row(b));
            Some(Box::new(move |row| decimal_order((a(row), a_scale), (b(row), b_scale))))
        }
        (Kind::Integer | Kind::Decimal, Kind::Float) => {
            let (a, scale) = value_reader::decimals(arrays.0)?;
            let a = left.by_row(a);
            let b = right.by_row(value_reader::floats(arrays.1)?);
            Some(Box::new(move |row| decimal_float_order((a(row), scale), b(row))))
        }
        (Kind::Float, Kind::Integer | Kind::Decimal) => {
            let order = order_of(right, left)?;
            Some(Box::new(move |row| order(row).reverse()))
        }
        (Kind::Interval, _) | (_, Kind::Interval) => {
            ordered(left, right, interval::lengths, Ord::cmp)
        }
        (Kind::Text, Kind::Text) | (Kind::Binary, Kind::Binary) => {
            ordered(left, right, |array| value_reader::bytes(array), Ord::cmp)
        }
        _ => {
            let types = (arrays.0.data_type(), arrays.1.data_type());
            let a_clock = Clock::against(types.0, types.1).ok()?;
            let b_clock = Clock::against(types.1, types.0).ok()?;
            let order = move |a: &i128, b: &i128| a_clock.apply(*a).cmp(&b_clock.apply(*b));
            ordered(left, right, |array| value_reader::nanoseconds(array), order)
        }
    }
}

/// The order of each row's two values, which are read in the same form.
fn ordered<'a, T: 'a>(
    left: &'a Values,
    right: &'a Values,
    read: impl Fn(&'a ArrayRef) -> Option<Reader<'a, T>>,
    order: impl Fn(&T, &T) -> Ordering + 'a,
) -> Option<Reader<'a, Ordering>> {
    let (a, b) = (left.by_row(read(&left.array)?), right.by_row(read(&right.array)?));
    Some(Box::new(move |row| order(&a(row), &b(row))))
}
