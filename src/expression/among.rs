//! `IN (…)`: membership in a list.

use super::coerce::Test;
use super::compare::Operator;
use super::kind::Kind;
use super::logic::either;
use super::node::{Comparison, Rows};
use super::read::{self, Values};
use crate::error::{Error, Result};
use arrow::array::{ArrayRef, BooleanArray};
use arrow::buffer::{BooleanBuffer, NullBuffer};
use arrow::datatypes::DataType;
use std::collections::HashSet;
use std::sync::Arc;

/// Up to this many constants are compared one after another by arrow's kernels, which go over whole
/// columns at once; more are hashed, so that the time does not grow with the list. A round number:
/// where the two ways cross was not measured with a release build.
const FEW: usize = 16;

/// A list of values.
#[derive(Debug, Clone)]
pub(super) struct Set {
    /// The constants that some value can equal (arrays of one, of the column's plain type).
    pub(super) constants: Vec<ArrayRef>,
    /// The same, hashed, where there are many and the type allows it.
    hashed: Option<Arc<Hashed>>,
    /// What else is in the list: comparisons of equality.
    pub(super) others: Vec<Comparison>,
    /// Whether the list has a null: then nothing is surely outside.
    pub(super) has_null: bool,
}

#[derive(Debug)]
enum Hashed {
    Integers(HashSet<i128>),
    Bytes(HashSet<Box<[u8]>>),
}

impl Set {
    pub(super) fn new(
        constants: Vec<ArrayRef>,
        others: Vec<Comparison>,
        has_null: bool,
        data_type: &DataType,
    ) -> Self {
        let hashed = if constants.len() > FEW { Hashed::new(&constants, data_type) } else { None };
        Self { constants, hashed: hashed.map(Arc::new), others, has_null }
    }

    /// True where the value is in the list, unknown where it is null or not found beside a null.
    pub(super) fn answers(&self, values: &Values, rows: &Rows) -> Result<BooleanArray> {
        let mut found = match &self.hashed {
            Some(hashed) => hashed.answers(values, rows.count)?,
            None => {
                let mut found = Test::Fixed(false).apply(values, rows.count)?;
                for constant in &self.constants {
                    let test = Test::Against(Operator::Equal, constant.clone());
                    found = either(&found, &test.apply(values, rows.count)?)?;
                }
                found
            }
        };
        for other in &self.others {
            found = either(&found, &other.apply(values, rows)?)?;
        }
        if self.has_null {
            found = either(&found, &BooleanArray::new_null(rows.count))?;
        }
        Ok(found)
    }
}

impl Hashed {
    fn new(constants: &[ArrayRef], data_type: &DataType) -> Option<Self> {
        match Kind::of(data_type) {
            Kind::Integer => {
                let value = |array: &ArrayRef| read::integers(array).map(|read| read(0));
                Some(Self::Integers(constants.iter().map(value).collect::<Option<_>>()?))
            }
            Kind::Date | Kind::Timestamp | Kind::Time => {
                let value = |array: &ArrayRef| read::time_units(array).map(|read| read(0));
                Some(Self::Integers(constants.iter().map(value).collect::<Option<_>>()?))
            }
            Kind::Text | Kind::Binary => {
                let value = |array: &ArrayRef| read::bytes(array).map(|read| read(0).into());
                Some(Self::Bytes(constants.iter().map(value).collect::<Option<_>>()?))
            }
            _ => None,
        }
    }

    fn answers(&self, values: &Values, rows: usize) -> Result<BooleanArray> {
        let array = values.array.as_ref();
        let unreadable = || Error::failed(format!("cannot look up {}", array.data_type()));
        let found = match self {
            Self::Integers(set) => {
                let reader = read::integers(array).or_else(|| read::time_units(array));
                let value = values.by_row(reader.ok_or_else(unreadable)?);
                BooleanBuffer::collect_bool(rows, |row| set.contains(&value(row)))
            }
            Self::Bytes(set) => {
                let value = values.by_row(read::bytes(array).ok_or_else(unreadable)?);
                BooleanBuffer::collect_bool(rows, |row| set.contains(value(row)))
            }
        };
        let nulls = if values.constant {
            array.is_null(0).then(|| NullBuffer::new_null(rows))
        } else {
            array.logical_nulls()
        };
        Ok(BooleanArray::new(found, nulls))
    }
}
