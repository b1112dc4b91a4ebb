//! `IN (…)`: membership in a list.

use super::compare::Operator;
use super::literal_test::Test;
use super::logic::either;
use super::node::Comparison;
use super::rows::Rows;
use crate::error::{Error, Result};
use crate::expression::values::interval;
use crate::expression::values::kind::Kind;
use crate::expression::values::value_reader::{self, Reader, Values};
use arrow::array::{Array, ArrayRef, BooleanArray};
use arrow::buffer::BooleanBuffer;
use arrow::datatypes::{DataType, i256};
use foldhash::HashSet;
use std::sync::Arc;

/// Up to this many constants are compared one by one with arrow's kernels, which process whole
/// columns; more are hashed, so that the time does not grow with the list. A round number: the
/// crossover was not measured with a release build.
const FEW: usize = 16;

/// The values of an `IN` list.
#[derive(Debug, Clone)]
pub(crate) struct InList {
    /// The constants that a value can equal (arrays of one, of the column's plain type).
    pub(crate) constants: Vec<ArrayRef>,
    /// The same constants, hashed, if there are many and the type allows it.
    hashed: Option<Arc<Hashed>>,
    /// The rest of the list, as equality comparisons.
    pub(crate) others: Vec<Comparison>,
    /// Whether the list contains null: then no value is certainly outside it.
    pub(crate) has_null: bool,
}

/// Hashed constants. The seed is unique to this process, because keys may come from untrusted data.
#[derive(Debug)]
pub(crate) enum Hashed {
    /// Integers, booleans, points in time and durations in their own unit, intervals by length.
    Integers(HashSet<i128>),
    /// Decimals of one scale.
    Units(HashSet<i256>),
    /// Doubles by their bits, with one zero and one NaN.
    Floats(HashSet<u64>),
    Bytes(HashSet<Box<[u8]>>),
}

impl InList {
    pub(crate) fn new(
        constants: Vec<ArrayRef>,
        others: Vec<Comparison>,
        has_null: bool,
        data_type: &DataType,
    ) -> Self {
        let hashed = if constants.len() > FEW { Hashed::new(&constants, data_type) } else { None };
        Self { constants, hashed: hashed.map(Arc::new), others, has_null }
    }

    /// A list whose keys are known only by their hashes.
    pub(crate) fn of_keys(keys: Hashed) -> Self {
        let hashed = Some(Arc::new(keys));
        Self { constants: Vec::new(), hashed, others: Vec::new(), has_null: false }
    }

    /// Whether `constants` holds the whole list.
    pub(crate) fn is_listed(&self) -> bool {
        self.others.is_empty() && (self.hashed.is_none() || !self.constants.is_empty())
    }

    /// True where the value is in the list; unknown where it is null, or not found in a list with a
    /// null.
    pub(crate) fn answers(&self, values: &Values, rows: &Rows) -> Result<BooleanArray> {
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
        let mut hashed = Self::empty(data_type)?;
        for constant in constants {
            hashed.insert_all(constant).ok()?;
        }
        Some(hashed)
    }

    /// An empty set; none if values of the type are not hashed.
    pub(crate) fn empty(data_type: &DataType) -> Option<Self> {
        Some(match Kind::of(data_type) {
            Kind::Boolean
            | Kind::Integer
            | Kind::Date
            | Kind::Timestamp
            | Kind::Time
            | Kind::Duration
            | Kind::Interval => Self::Integers(HashSet::default()),
            Kind::Decimal => Self::Units(HashSet::default()),
            Kind::Float => Self::Floats(HashSet::default()),
            Kind::Text | Kind::Binary => Self::Bytes(HashSet::default()),
            Kind::Null | Kind::Other => return None,
        })
    }

    /// Adds the values of an array; nulls are skipped.
    pub(crate) fn insert_all(&mut self, values: &ArrayRef) -> Result<()> {
        self.insert(values).ok_or_else(|| unread(values))
    }

    fn insert(&mut self, values: &ArrayRef) -> Option<()> {
        let nulls = values.logical_nulls();
        let known = |row: &usize| nulls.as_ref().is_none_or(|nulls| nulls.is_valid(*row));
        let rows = (0..values.len()).filter(known);
        match self {
            Self::Integers(set) => set.extend(rows.map(integers(values)?)),
            Self::Units(set) => set.extend(rows.map(value_reader::decimals(values)?.0)),
            Self::Floats(set) => {
                set.extend(rows.map(value_reader::floats(values)?).map(float_bits))
            }
            Self::Bytes(set) => set.extend(rows.map(value_reader::bytes(values)?).map(Box::from)),
        }
        Some(())
    }

    fn answers(&self, values: &Values, rows: usize) -> Result<BooleanArray> {
        let array = &values.array;
        let found = match self {
            Self::Integers(set) => found(values, rows, integers(array), |key| set.contains(&key)),
            Self::Units(set) => {
                let units = value_reader::decimals(array).map(|(units, _)| units);
                found(values, rows, units, |key| set.contains(&key))
            }
            Self::Floats(set) => {
                let holds = |key| set.contains(&float_bits(key));
                found(values, rows, value_reader::floats(array), holds)
            }
            Self::Bytes(set) => {
                found(values, rows, value_reader::bytes(array), |key| set.contains(key))
            }
        };
        let found = found.ok_or_else(|| unread(array))?;
        Ok(BooleanArray::new(found, values.nulls(rows)))
    }
}

fn found<'a, T: 'a>(
    values: &Values,
    rows: usize,
    reader: Option<Reader<'a, T>>,
    holds: impl Fn(T) -> bool,
) -> Option<BooleanBuffer> {
    let value = values.by_row(reader?);
    Some(BooleanBuffer::collect_bool(rows, |row| holds(value(row))))
}

fn integers(array: &ArrayRef) -> Option<Reader<'_, i128>> {
    value_reader::integers(array)
        .or_else(|| value_reader::time_units(array))
        .or_else(|| interval::lengths(array))
}

/// Equal numbers have equal bits.
fn float_bits(value: f64) -> u64 {
    let value = if value.is_nan() { f64::NAN } else { value + 0.0 };
    value.to_bits()
}

fn unread(array: &ArrayRef) -> Error {
    Error::failed(format!("cannot look up {}", array.data_type()))
}
