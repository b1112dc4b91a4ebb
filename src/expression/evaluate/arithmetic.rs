//! `+ - * / // %` and the unary minus.
//!
//! Integers give at least Int64, decimals are exact up to 76 digits, and a result that does not fit
//! is an error. `/` divides doubles; `//` and `%` by zero are errors, for floats as well.

use super::arithmetic_work::{ArithmeticWork, double, single};
use super::node::Node;
use super::rows::Rows;
use crate::error::Result;
use crate::expression::values::common_type::{DECIMAL_DIGITS, decimal_type, digits};
use crate::expression::values::kind::{Kind, decimal_digits};
use crate::expression::values::value_reader::{self, Values};
use arrow::array::{Array, Int64Array};
use arrow::datatypes::{DataType, Float32Type, Float64Type};
use std::sync::Arc;

/// An operator between two numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    Add,
    Subtract,
    Multiply,
    Divide,
    IntegerDivide,
    Modulo,
}

/// An operation between two bound operands.
#[derive(Debug, Clone)]
pub(crate) struct Arithmetic {
    pub(crate) left: Node,
    pub(crate) operation: Operation,
    pub(crate) right: Node,
    pub(crate) data_type: DataType,
    domain: Domain,
    /// The expression's text, for messages.
    pub(crate) text: String,
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
pub(crate) type Why = &'static str;

pub(crate) const OVERFLOW: Why = "the result is too large";
pub(crate) const BY_ZERO: Why = "division by zero";

impl Arithmetic {
    /// Chooses how to compute; None if the operands are not both numbers, or if the result would
    /// need more decimal places than decimals have.
    pub(crate) fn new(left: Node, operation: Operation, right: Node, text: String) -> Option<Self> {
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
    pub(crate) fn negation(operand: Node, text: String) -> Option<Self> {
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

    pub(crate) fn can_fail(&self) -> bool {
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
                let number = value_reader::numbers_as_floats(divisor);
                divisor.is_valid(0) && number.is_some_and(|number| number(0) != 0.0)
            }
            _ => false,
        }
    }

    /// The result for each row.
    ///
    /// # Errors
    /// Overflow and division by zero, naming the row and the operands.
    pub(crate) fn values(&self, rows: &Rows) -> Result<Values> {
        let (left, right) = (self.left.values(rows)?, self.right.values(rows)?);
        let work = ArithmeticWork { arithmetic: self, rows, left: &left, right: &right };
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
        let scale = |data_type| decimal_digits(data_type).map_or(0, |(_, scale)| scale);
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
        && let Some(integer) = value_reader::integers(value)
        && value.is_valid(0)
    {
        return Some((integer(0).unsigned_abs().to_string().len() as i16, 0));
    }
    digits(operand.data_type())
}

impl Operation {
    pub(crate) fn symbol(self) -> &'static str {
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
