//! A comparison with a constant as a test in the column's own type, as far as it is decided without
//! the column.
//!
//! The column is never converted: the constant is placed among the column's values, and the
//! operator is adjusted if it falls between two of them or outside their range. So `int8 < 300` is
//! true for every value, `integer < 2.5` becomes `integer <= 2`, and nothing overflows.

use super::compare::{Operator, compare};
use super::literal_placement::Place;
use crate::error::Result;
use crate::expression::values::value_reader::Values;
use arrow::array::{ArrayRef, BooleanArray};
use arrow::buffer::BooleanBuffer;

/// A comparison with a constant, decided as far as possible without the column.
#[derive(Debug, Clone)]
pub(crate) enum Test {
    /// Every value gives this answer; null gives null.
    Fixed(bool),
    /// A comparison with this value (an array of one) of the column's type.
    Against(Operator, ArrayRef),
}

impl Test {
    pub(crate) fn new(operator: Operator, place: Place) -> Self {
        use Operator::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
        match place {
            Place::Below => Self::Fixed(matches!(operator, Greater | GreaterOrEqual | NotEqual)),
            Place::Above => Self::Fixed(matches!(operator, Less | LessOrEqual | NotEqual)),
            Place::At { value, exact: true } => Self::Against(operator, value),
            Place::At { value, exact: false } => match operator {
                Equal => Self::Fixed(false),
                NotEqual => Self::Fixed(true),
                Less | LessOrEqual => Self::Against(LessOrEqual, value),
                Greater | GreaterOrEqual => Self::Against(Greater, value),
            },
        }
    }

    /// The answer for each value of an array of the column's plain type.
    pub(crate) fn apply(&self, values: &Values, rows: usize) -> Result<BooleanArray> {
        match self {
            Self::Fixed(answer) => {
                let answers = if *answer {
                    BooleanBuffer::new_set(rows)
                } else {
                    BooleanBuffer::new_unset(rows)
                };
                Ok(BooleanArray::new(answers, values.nulls(rows)))
            }
            Self::Against(operator, value) => {
                let constant = Values { array: value.clone(), constant: true };
                compare(*operator, values, &constant, rows)
            }
        }
    }
}
