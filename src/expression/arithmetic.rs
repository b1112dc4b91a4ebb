//! `+ - * / // %` and the unary minus.
//!
//! Integers give at least Int64, decimals are exact up to 76 digits, and a result that does not fit
//! is an error. `/` divides doubles; `//` and `%` by zero are errors, for floats as well.

use super::common_type::{DECIMAL_DIGITS, decimal_type, digits};
use super::kind::Kind;
use super::node::{Node, Rows};
use super::read::{self, Reader, Values};
use crate::error::{Error, Result};
use arrow::array::{Array, ArrayRef, AsArray, Int64Array, PrimitiveArray};
use arrow::buffer::NullBuffer;
use arrow::compute::cast;
use arrow::datatypes::{
    ArrowPrimitiveType, DataType, Decimal128Type, Decimal256Type, Float32Type, Float64Type,
    Int64Type, UInt64Type, i256,
};
use arrow::util::display::array_value_to_string;
use std::sync::Arc;

/// An operator between two numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    Add,
    Subtract,
    Multiply,
    Divide,
    IntegerDivide,
    Modulo,
}

/// An operation between two bound operands.
#[derive(Debug, Clone)]
pub(super) struct Arithmetic {
    pub(super) left: Node,
    pub(super) operation: Operation,
    pub(super) right: Node,
    pub(super) data_type: DataType,
    domain: Domain,
    /// The expression's text, for messages.
    text: String,
}

/// The kind of numbers in which an operation is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Domain {
    Integers,
    /// Integers beyond Int64: results of UInt64, DuckDB's HUGEINT.
    HugeIntegers,
    /// Counts of 10^-scale.
    Decimals(i8),
    Singles,
    Doubles,
}

/// Why a row has no result.
type Why = &'static str;

const OVERFLOW: Why = "the result is too large";
const BY_ZERO: Why = "division by zero";

impl Arithmetic {
    /// Chooses how to compute; None if the operands are not both numbers, or if the result would
    /// need more decimal places than decimals have.
    pub(super) fn new(left: Node, operation: Operation, right: Node, text: String) -> Option<Self> {
        let domain = Domain::of(operation, left.data_type(), right.data_type())?;
        let data_type = match domain {
            Domain::Integers => DataType::Int64,
            Domain::HugeIntegers => DataType::Decimal128(38, 0),
            Domain::Decimals(scale) => decimal_result(operation, &left, &right, scale)?,
            Domain::Singles => DataType::Float32,
            Domain::Doubles => DataType::Float64,
        };
        Some(Self { left, operation, right, data_type, domain, text })
    }

    /// `-x`, of the same type, except that integers are computed in 64 bits. None if the operand is
    /// not a number.
    pub(super) fn negation(operand: Node, text: String) -> Option<Self> {
        let constant = |value: i64| Node::Constant(Arc::new(Int64Array::from(vec![value])));
        match Kind::of(operand.data_type()) {
            // 0 - 0.0 would be 0.0.
            Kind::Float => Self::new(constant(-1), Operation::Multiply, operand, text),
            Kind::Decimal => {
                let (precision, scale) = digits(operand.data_type())?;
                let mut negated = Self::new(constant(0), Operation::Subtract, operand, text)?;
                // HUGEINT needs no change.
                if let Domain::Decimals(_) = negated.domain {
                    negated.data_type = decimal_type(precision, scale)?;
                }
                Some(negated)
            }
            _ => Self::new(constant(0), Operation::Subtract, operand, text),
        }
    }

    pub(super) fn can_fail(&self) -> bool {
        let is_division = matches!(self.operation, Operation::IntegerDivide | Operation::Modulo);
        match self.domain {
            Domain::Singles | Domain::Doubles => is_division && !self.divides_by_other_than_zero(),
            // Decimals may not fit at the other's scale, nor does the smallest integer divided by
            // -1.
            Domain::Integers | Domain::HugeIntegers if self.operation == Operation::Modulo => {
                !self.divides_by_other_than_zero()
            }
            _ => true,
        }
    }

    /// Whether the divisor is a non-zero constant.
    fn divides_by_other_than_zero(&self) -> bool {
        match &self.right {
            Node::Constant(divisor) => {
                let number = read::numbers_as_floats(divisor);
                divisor.is_valid(0) && number.is_some_and(|number| number(0) != 0.0)
            }
            _ => false,
        }
    }

    /// The result for each row.
    ///
    /// # Errors
    /// Overflow and division by zero, naming the row and the operands.
    pub(super) fn values(&self, rows: &Rows) -> Result<Values> {
        let (left, right) = (self.left.values(rows)?, self.right.values(rows)?);
        let work = Work { arithmetic: self, rows, left: &left, right: &right };
        let array = match self.domain {
            Domain::Integers => work.integers()?,
            Domain::HugeIntegers => work.huge_integers()?,
            Domain::Decimals(scale) => work.decimals(scale)?,
            Domain::Singles => {
                let operation = self.operation;
                work.floats::<Float32Type>(|a, b| single(operation, a as f32, b as f32))?
            }
            Domain::Doubles => {
                let operation = self.operation;
                work.floats::<Float64Type>(|a, b| double(operation, a, b))?
            }
        };
        Ok(Values { array, constant: left.constant && right.constant })
    }
}

impl Domain {
    fn of(operation: Operation, left: &DataType, right: &DataType) -> Option<Self> {
        let is_huge = |data_type: &DataType| {
            matches!(data_type, DataType::UInt64 | DataType::Decimal128(38, 0))
        };
        let is_integer = |data_type: &DataType| data_type.is_integer() || is_huge(data_type);
        let kinds = (Kind::of(left), Kind::of(right));
        if !kinds.0.is_number() || !kinds.1.is_number() {
            return None;
        }
        if operation == Operation::Divide {
            return Some(Self::Doubles);
        }
        if is_integer(left) && is_integer(right) {
            let huge = is_huge(left) || is_huge(right);
            return Some(if huge { Self::HugeIntegers } else { Self::Integers });
        }
        // DuckDB divides non-integers as doubles, also with `//`.
        if operation == Operation::IntegerDivide {
            return Some(Self::Doubles);
        }
        if kinds.0 == Kind::Float || kinds.1 == Kind::Float {
            let double = [left, right].contains(&&DataType::Float64);
            return Some(if double { Self::Doubles } else { Self::Singles });
        }
        let scale = |data_type: &DataType| match data_type {
            DataType::Decimal32(_, scale)
            | DataType::Decimal64(_, scale)
            | DataType::Decimal128(_, scale)
            | DataType::Decimal256(_, scale) => *scale,
            _ => 0,
        };
        let scale = match operation {
            Operation::Multiply => scale(left).checked_add(scale(right))?,
            _ => scale(left).max(scale(right)),
        };
        (scale <= 76).then_some(Self::Decimals(scale))
    }
}

/// As many digits as any result can need, at most 76.
fn decimal_result(operation: Operation, left: &Node, right: &Node, scale: i8) -> Option<DataType> {
    let ((left, left_scale), (right, right_scale)) = (digits_of(left)?, digits_of(right)?);
    let whole = (left - left_scale).max(right - right_scale);
    let scale = i16::from(scale);
    let needed = match operation {
        Operation::Multiply => left + right,
        Operation::Modulo => whole + scale,
        _ => whole + scale + 1,
    };
    decimal_type(needed.min(DECIMAL_DIGITS), scale)
}

/// The precision and scale that an operand needs; a constant integer needs only its own digits.
fn digits_of(operand: &Node) -> Option<(i16, i16)> {
    if let Node::Constant(value) = operand
        && let Some(integer) = read::integers(value)
        && value.is_valid(0)
    {
        return Some((integer(0).unsigned_abs().to_string().len() as i16, 0));
    }
    digits(operand.data_type())
}

/// One evaluation of an operation.
struct Work<'a> {
    arithmetic: &'a Arithmetic,
    rows: &'a Rows,
    left: &'a Values,
    right: &'a Values,
}

impl Work<'_> {
    fn integers(&self) -> Result<ArrayRef> {
        let wide = |values: &Values| {
            cast(&values.array, &DataType::Int64)
                .map_err(|error| Error::failed(format!("cannot widen integers: {error}")))
        };
        let (left, right) = (wide(self.left)?, wide(self.right)?);
        let (a, b) = (left.as_primitive::<Int64Type>(), right.as_primitive::<Int64Type>());
        let (a, b) = (a.values(), b.values());
        let operation = self.arithmetic.operation;
        let compute = |a: i64, b: i64| match operation {
            Operation::Add => a.checked_add(b).ok_or(OVERFLOW),
            Operation::Subtract => a.checked_sub(b).ok_or(OVERFLOW),
            Operation::Multiply => a.checked_mul(b).ok_or(OVERFLOW),
            Operation::Modulo => {
                if b == 0 {
                    Err(BY_ZERO)
                } else {
                    Ok(a.wrapping_rem(b))
                }
            }
            _ if b == 0 => Err(BY_ZERO),
            _ => a.checked_div(b).ok_or(OVERFLOW),
        };
        match (self.left.constant, self.right.constant) {
            (false, true) => {
                let b = b[0];
                self.each::<Int64Type>(|row| compute(a[row], b))
            }
            (true, false) => {
                let a = a[0];
                self.each::<Int64Type>(|row| compute(a, b[row]))
            }
            _ => self.each::<Int64Type>(|row| compute(a[row], b[row])),
        }
    }

    /// The remainder of UInt64 by a constant, as in `hash(x) % 10`: no row can fail, and the
    /// numbers need not be widened before the division.
    fn remainders(&self) -> Option<PrimitiveArray<Decimal128Type>> {
        let (a, b) = (self.left.array.as_primitive_opt::<UInt64Type>()?, &self.right.array);
        let is_it = self.arithmetic.operation == Operation::Modulo
            && (self.left.constant, self.right.constant) == (false, true);
        if !is_it || b.is_null(0) {
            return None;
        }
        let b = u64::try_from(read::integers(b)?(0)).ok().filter(|b| *b != 0)?;
        let values: Vec<i128> = a.values().iter().map(|a| i128::from(a % b)).collect();
        Some(PrimitiveArray::new(values.into(), a.nulls().cloned()))
    }

    fn huge_integers(&self) -> Result<ArrayRef> {
        if let Some(remainders) = self.remainders() {
            return Ok(Arc::new(remainders.with_data_type(self.arithmetic.data_type.clone())));
        }
        let (a, b) = (self.units(self.left)?.0, self.units(self.right)?.0);
        let operation = self.arithmetic.operation;
        let largest = 10_i128.pow(38);
        let array = self.each_typed::<Decimal128Type>(|row| {
            let (a, b) = (a(row).as_i128(), b(row).as_i128());
            let result = match operation {
                Operation::Add => a.checked_add(b),
                Operation::Subtract => a.checked_sub(b),
                Operation::Multiply => a.checked_mul(b),
                _ if b == 0 => return Err(BY_ZERO),
                Operation::Modulo => Some(a.wrapping_rem(b)),
                _ => a.checked_div(b),
            };
            result.filter(|value| value.unsigned_abs() < largest as u128).ok_or(OVERFLOW)
        })?;
        Ok(Arc::new(array.with_data_type(self.arithmetic.data_type.clone())))
    }

    fn decimals(&self, scale: i8) -> Result<ArrayRef> {
        let ((a, a_scale), (b, b_scale)) = (self.units(self.left)?, self.units(self.right)?);
        let operation = self.arithmetic.operation;
        let ten = i256::from_i128(10);
        let factor = |own: i8| {
            let places = (i32::from(scale) - i32::from(own)).max(0) as u32;
            // A product's scale is the sum of the scales, and its operands are not widened.
            if operation == Operation::Multiply { Some(i256::ONE) } else { ten.checked_pow(places) }
        };
        let (a_factor, b_factor) = (factor(a_scale), factor(b_scale));
        let largest = ten.checked_pow(76).unwrap_or(i256::MAX);
        let compute = |row: usize| {
            let widen = |units: i256, factor: Option<i256>| {
                factor.and_then(|factor| units.checked_mul(factor)).ok_or(OVERFLOW)
            };
            let (a, b) = (widen(a(row), a_factor)?, widen(b(row), b_factor)?);
            let result = match operation {
                Operation::Add => a.checked_add(b),
                Operation::Subtract => a.checked_sub(b),
                Operation::Multiply => a.checked_mul(b),
                _ if b == i256::ZERO => return Err(BY_ZERO),
                _ => a.checked_rem(b),
            };
            result
                .filter(|value| *value < largest && value.wrapping_neg() < largest)
                .ok_or(OVERFLOW)
        };
        let data_type = self.arithmetic.data_type.clone();
        if let DataType::Decimal256(..) = data_type {
            let array = self.each_typed::<Decimal256Type>(compute)?;
            return Ok(Arc::new(array.with_data_type(data_type)));
        }
        // This check catches values with more digits than their type allows.
        let array =
            self.each_typed::<Decimal128Type>(|row| compute(row)?.to_i128().ok_or(OVERFLOW))?;
        Ok(Arc::new(array.with_data_type(data_type)))
    }

    fn floats<T: ArrowPrimitiveType>(
        &self,
        compute: impl Fn(f64, f64) -> Result<T::Native, Why>,
    ) -> Result<ArrayRef> {
        let left = read::numbers_as_floats(&self.left.array);
        let right = read::numbers_as_floats(&self.right.array);
        let (Some(a), Some(b)) = (left, right) else {
            return Err(self.not_numbers());
        };
        let (a, b) = (self.left.by_row(a), self.right.by_row(b));
        self.each::<T>(|row| compute(a(row), b(row)))
    }

    fn units<'a>(&self, values: &'a Values) -> Result<(Reader<'a, i256>, i8)> {
        let (units, scale) = read::decimals(&values.array).ok_or_else(|| self.not_numbers())?;
        Ok((values.by_row(units), scale))
    }

    fn each<T: ArrowPrimitiveType>(
        &self,
        compute: impl Fn(usize) -> Result<T::Native, Why>,
    ) -> Result<ArrayRef> {
        Ok(Arc::new(self.each_typed::<T>(compute)?))
    }

    fn each_typed<T: ArrowPrimitiveType>(
        &self,
        compute: impl Fn(usize) -> Result<T::Native, Why>,
    ) -> Result<PrimitiveArray<T>> {
        let constant = self.left.constant && self.right.constant;
        let count = if constant { 1 } else { self.rows.count };
        let nulls = self.nulls(count);
        let mut results = Vec::with_capacity(count);
        for row in 0..count {
            // Values under a null must not raise an error.
            if nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
                results.push(T::Native::default());
                continue;
            }
            results.push(compute(row).map_err(|why| self.failure(row, why))?);
        }
        Ok(PrimitiveArray::new(results.into(), nulls))
    }

    fn nulls(&self, count: usize) -> Option<NullBuffer> {
        let of = |values: &Values| match values.constant {
            true => values.array.is_null(0).then(|| NullBuffer::new_null(count)),
            false => values.array.logical_nulls(),
        };
        NullBuffer::union(of(self.left).as_ref(), of(self.right).as_ref())
    }

    fn failure(&self, row: usize, why: Why) -> Error {
        let shown = |values: &Values| {
            array_value_to_string(&values.array, values.place(row)).unwrap_or_default()
        };
        let symbol = self.arithmetic.operation.symbol();
        let why = format!("{why} ({} {symbol} {})", shown(self.left), shown(self.right));
        self.rows.error(row, &self.arithmetic.text, why)
    }

    fn not_numbers(&self) -> Error {
        Error::failed(format!("{} needs numbers", self.arithmetic.text))
    }
}

impl Operation {
    fn symbol(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::IntegerDivide => "//",
            Self::Modulo => "%",
        }
    }
}

fn double(operation: Operation, a: f64, b: f64) -> Result<f64, Why> {
    match operation {
        Operation::Add => Ok(a + b),
        Operation::Subtract => Ok(a - b),
        Operation::Multiply => Ok(a * b),
        Operation::Divide => Ok(a / b),
        _ if b == 0.0 => Err(BY_ZERO),
        Operation::IntegerDivide => Ok(a / b),
        Operation::Modulo => Ok(a % b),
    }
}

fn single(operation: Operation, a: f32, b: f32) -> Result<f32, Why> {
    match operation {
        Operation::Add => Ok(a + b),
        Operation::Subtract => Ok(a - b),
        Operation::Multiply => Ok(a * b),
        _ if b == 0.0 => Err(BY_ZERO),
        _ => Ok(a % b),
    }
}
