//! A bound expression: every name is a column, every literal has a type, every operation is chosen.
//! It evaluates itself over the rows of a batch.

use super::arithmetic::Arithmetic;
use super::call::Call;
use super::case::Case;
use super::cast::Conversion;
use super::compare::{Operator, compare, spread};
use super::concatenate::Concatenation;
use super::in_list::InList;
use super::like::Like;
use super::literal_test::Test;
use super::logic;
use super::per_stored_value;
use super::rows::Rows;
use crate::error::{Error, Result};
use crate::expression::values::kind::{plain_array, plain_type};
use crate::expression::values::value_reader::Values;
use arrow::array::{Array, ArrayRef, AsArray, BooleanArray};
use arrow::buffer::NullBuffer;
use arrow::compute::cast;
use arrow::compute::kernels::nullif::nullif;
use arrow::datatypes::DataType;
use std::collections::BTreeSet;
use std::sync::Arc;

/// An expression. Boolean ones give an answer for every row; null means "unknown".
#[derive(Debug, Clone)]
pub(crate) enum Node {
    Column(Column),
    /// An array of one value.
    Constant(ArrayRef),
    Not(Box<Node>),
    And(Vec<Node>),
    Or(Vec<Node>),
    IsNull(Box<Node>),
    /// True where the operand has this answer, false elsewhere, also where it is unknown.
    Is(Box<Node>, bool),
    Compare(Box<Node>, Comparison),
    /// `IS NOT DISTINCT FROM`; the comparison tests for equality.
    Same(Box<Node>, Comparison),
    Between(Box<Node>, Comparison, Comparison),
    InList(Box<Node>, InList),
    Like(Box<Like>),
    Arithmetic(Box<Arithmetic>),
    Convert(Box<Conversion>),
    Case(Box<Case>),
    Concatenate(Box<Concatenation>),
    Call(Box<Call>),
    /// An expression that reads only this dictionary or run-end encoded column: evaluated once per
    /// dictionary value or run.
    PerStoredValue(usize, Box<Node>),
}

/// A column or a field inside a struct column.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    /// The index of the top-level column in the schema.
    pub(crate) index: usize,
    pub(crate) path: Vec<usize>,
    /// The type without dictionary or run-end encoding.
    pub(crate) data_type: DataType,
}

/// The right-hand side of a comparison.
#[derive(Debug, Clone)]
pub(crate) enum Comparison {
    Test(Test),
    With(Operator, Box<Node>),
}

impl Node {
    /// The value of each row.
    ///
    /// # Errors
    /// Overflow, division by zero, a failed cast; naming the row.
    pub(crate) fn values(&self, rows: &Rows) -> Result<Values> {
        let array = match self {
            Self::Column(column) => column.read(rows)?,
            Self::Constant(value) => {
                return Ok(Values { array: value.clone(), constant: true });
            }
            Self::Arithmetic(arithmetic) => return arithmetic.values(rows),
            Self::Convert(conversion) => return conversion.values(rows),
            Self::Case(case) => return case.values(rows),
            Self::Concatenate(concatenation) => return concatenation.values(rows),
            Self::Call(call) => return call.values(rows),
            Self::PerStoredValue(index, node) => per_stored_value::values(*index, node, rows)?,
            boolean => Arc::new(boolean.answers(rows)?),
        };
        Ok(Values { array, constant: false })
    }

    /// The answer for each row of a boolean expression.
    ///
    /// # Errors
    /// As [`Node::values`].
    pub(crate) fn answers(&self, rows: &Rows) -> Result<BooleanArray> {
        match self {
            Self::Column(_)
            | Self::Constant(_)
            | Self::Arithmetic(_)
            | Self::Convert(_)
            | Self::Case(_)
            | Self::Concatenate(_)
            | Self::Call(_)
            | Self::PerStoredValue(..) => {
                let values = self.values(rows)?;
                match values.array.as_boolean_opt() {
                    Some(answers) if values.constant => Ok(spread(answers, rows.count)),
                    Some(answers) => Ok(answers.clone()),
                    None => Ok(BooleanArray::new_null(rows.count)),
                }
            }
            Self::Not(operand) => Ok(logic::not(&operand.answers(rows)?)),
            Self::And(operands) => logic::combine(operands, rows, true),
            Self::Or(operands) => logic::combine(operands, rows, false),
            Self::IsNull(operand) => Ok(logic::is_null(&operand.values(rows)?, rows.count)),
            Self::Is(operand, wanted) => Ok(logic::is(&operand.answers(rows)?, *wanted)),
            Self::Compare(operand, comparison) => comparison.apply(&operand.values(rows)?, rows),
            Self::Same(operand, comparison) => {
                let left = operand.values(rows)?;
                let right_is_null = match comparison {
                    Comparison::Test(_) => None,
                    Comparison::With(_, right) => {
                        Some(logic::is_null(&right.values(rows)?, rows.count))
                    }
                };
                let equal = comparison.apply(&left, rows)?;
                Ok(logic::same(&equal, &logic::is_null(&left, rows.count), right_is_null))
            }
            Self::Between(operand, low, high) => {
                let values = operand.values(rows)?;
                logic::both(&low.apply(&values, rows)?, &high.apply(&values, rows)?)
            }
            Self::InList(operand, list) => list.answers(&operand.values(rows)?, rows),
            Self::Like(like) => like.answers(rows),
        }
    }

    /// The type of the values, without dictionary or run-end encoding.
    pub(crate) fn data_type(&self) -> &DataType {
        match self {
            Self::Column(column) => &column.data_type,
            Self::Constant(value) => value.data_type(),
            Self::Arithmetic(arithmetic) => &arithmetic.data_type,
            Self::Convert(conversion) => &conversion.to,
            Self::Case(case) => &case.data_type,
            Self::Concatenate(concatenation) => &concatenation.data_type,
            Self::Call(call) => &call.data_type,
            Self::PerStoredValue(_, node) => node.data_type(),
            _ => &DataType::Boolean,
        }
    }

    /// Whether evaluation may raise an error, which must not happen on rows already decided.
    pub(crate) fn can_fail(&self) -> bool {
        let own = match self {
            Self::Arithmetic(arithmetic) => arithmetic.can_fail(),
            Self::Convert(conversion) => conversion.can_fail(),
            Self::Like(like) => like.can_fail(),
            Self::Call(call) => call.can_fail,
            _ => false,
        };
        own || self.children().any(Self::can_fail)
    }

    /// Adds the columns that are read, as indices of the schema.
    pub(crate) fn reads(&self, indices: &mut BTreeSet<usize>) {
        if let Self::Column(column) = self {
            indices.insert(column.index);
        }
        self.children().for_each(|child| child.reads(indices));
    }

    pub(crate) fn children(&self) -> Box<dyn Iterator<Item = &Node> + '_> {
        match self {
            Self::Column(_) | Self::Constant(_) => Box::new(std::iter::empty()),
            Self::Not(operand)
            | Self::IsNull(operand)
            | Self::Is(operand, _)
            | Self::PerStoredValue(_, operand) => Box::new(std::iter::once(&**operand)),
            Self::And(operands) | Self::Or(operands) => Box::new(operands.iter()),
            Self::Compare(operand, comparison) | Self::Same(operand, comparison) => {
                Box::new(std::iter::once(&**operand).chain(comparison.right()))
            }
            Self::Between(operand, low, high) => {
                Box::new(std::iter::once(&**operand).chain(low.right()).chain(high.right()))
            }
            Self::InList(operand, list) => Box::new(
                std::iter::once(&**operand).chain(list.others.iter().filter_map(Comparison::right)),
            ),
            Self::Like(like) => Box::new([&like.operand, &like.pattern].into_iter()),
            Self::Arithmetic(arithmetic) => {
                Box::new([&arithmetic.left, &arithmetic.right].into_iter())
            }
            Self::Convert(conversion) => Box::new(std::iter::once(&conversion.operand)),
            Self::Case(case) => case.children(),
            Self::Concatenate(concatenation) => Box::new(concatenation.operands.iter()),
            Self::Call(call) => Box::new(call.arguments.iter()),
        }
    }
}

impl Column {
    fn read(&self, rows: &Rows) -> Result<ArrayRef> {
        let array = self.read_as_stored(rows)?;
        debug_assert_eq!(plain_type(array.data_type()), &self.data_type);
        plain_array(&array)
    }

    /// The column with its dictionary or run-end encoding. The fields of a null struct are null.
    pub(crate) fn read_as_stored(&self, rows: &Rows) -> Result<ArrayRef> {
        let mut array = rows.column(self.index).clone();
        for place in &self.path {
            let parent = plain_array(&array)?;
            let child = parent.as_struct().column(*place);
            array = masked(child, parent.nulls())?;
        }
        Ok(array)
    }
}

/// A child of a struct; null where the struct is null.
pub(crate) fn masked(array: &ArrayRef, known: Option<&NullBuffer>) -> Result<ArrayRef> {
    let Some(known) = known.filter(|known| known.null_count() > 0) else {
        return Ok(array.clone());
    };
    let failed = |error| Error::failed(format!("cannot read a struct: {error}"));
    match array.data_type() {
        DataType::Null => Ok(array.clone()),
        // Run-end encoded arrays and unions have no nulls of their own to add to.
        DataType::RunEndEncoded(..) => {
            cast(&masked(&plain_array(array)?, Some(known))?, array.data_type()).map_err(failed)
        }
        DataType::Union(..) => {
            Err(Error::failed("cannot read a union inside a struct that is null in some rows"))
        }
        _ => nullif(array, &BooleanArray::new(!known.inner(), None)).map_err(failed),
    }
}

impl Comparison {
    /// The answers for values that were already computed.
    pub(crate) fn apply(&self, left: &Values, rows: &Rows) -> Result<BooleanArray> {
        match self {
            Self::Test(test) => test.apply(left, rows.count),
            Self::With(operator, right) => {
                compare(*operator, left, &right.values(rows)?, rows.count)
            }
        }
    }

    fn right(&self) -> Option<&Node> {
        match self {
            Self::Test(_) => None,
            Self::With(_, node) => Some(node),
        }
    }
}
