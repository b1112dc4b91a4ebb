//! Groups rows with equal values, numbered in the order of their first occurrence.
//!
//! Equality follows the rules of all tools: nulls are values, NaN equals NaN, -0 equals 0, and
//! dictionary- and run-end-encoded values are compared by the values they represent.
//!
//! If values repeat, each row costs one comparison with the previous row, and only where a value
//! changes is anything looked up, so sorted data is processed at the speed of that comparison. If
//! they do not, the values of such columns are looked up directly.
//!
//! - `column`: the values of one column, as `words` or in a `table` (of `slots`, and the `numbered`
//!   values) of wider values, as `texts`, or by the `codes` of dictionaries.
//! - `packed`: keys of several such columns, by the numbers of their values.
//! - `rows`: keys of other types, and of columns with too many values, encoded.
//! - `members`: keys within groups.

mod codes;
mod column;
mod key_columns;
mod members;
mod nulls;
mod numbered;
mod packed;
mod rows;
pub(super) mod runs;
mod slots;
mod table;
#[cfg(test)]
mod tests;
mod texts;
mod words;

use super::canonical::cannot_compare;
use crate::error::Result;
use arrow::array::{ArrayRef, RecordBatch};
use arrow::buffer::BooleanBuffer;
use arrow::datatypes::{DataType, Schema};
use column::{ColumnKeys, ColumnValues};
pub(super) use key_columns::{arrays_at, changes};
use key_columns::{key_fields, plain_type};
pub(super) use members::Members;
pub(super) use numbered::ABSENT;
use packed::{PackedKeys, PackedValues};
use rows::RowKeys;
pub(super) use runs::GroupRange;

/// Finds the groups of equal values in some columns of a stream.
#[derive(Debug)]
pub(super) struct Groups {
    columns: Vec<usize>,
    keys: Keys,
    /// Whether values change so often that every row is looked up.
    changes_often: bool,
}

#[derive(Debug)]
enum Keys {
    Column(Box<ColumnKeys>),
    Packed(Box<PackedKeys>),
    Rows(Box<RowKeys>),
}

/// The values of all groups, to be returned as arrays. If a type has several representations of one
/// value (dictionaries, run ends, maps, -0), the plain one is returned.
#[derive(Debug)]
pub(super) enum Values<'a> {
    Column(ColumnValues<'a>),
    Packed(PackedValues<'a>),
    Rows(&'a RowKeys, Vec<&'a [u8]>),
}

impl Groups {
    /// Groups by the columns with these numbers; without any, all rows are one group.
    ///
    /// # Errors
    /// A column whose type cannot be compared, or that does not exist.
    pub(super) fn try_new(schema: &Schema, columns: &[usize]) -> Result<Self> {
        let fields = key_fields(schema, columns)?;
        let plain = columns.iter().map(|column| plain_type(schema, *column));
        let plain: Option<Vec<DataType>> = plain.collect();
        let column = |mut plain: Vec<DataType>| match plain.len() {
            1 => ColumnKeys::try_new(plain.remove(0)).map(|keys| Keys::Column(Box::new(keys))),
            _ => PackedKeys::try_new(plain).map(|keys| Keys::Packed(Box::new(keys))),
        };
        let keys = match plain.and_then(column) {
            Some(keys) => keys,
            None => Keys::Rows(Box::new(RowKeys::try_new(fields)?)),
        };
        Ok(Self { columns: columns.to_vec(), keys, changes_often: false })
    }

    /// The number of groups so far.
    pub(super) fn len(&self) -> usize {
        match &self.keys {
            Keys::Column(keys) => keys.len(),
            Keys::Packed(keys) => keys.len(),
            Keys::Rows(keys) => keys.len(),
        }
    }

    /// The memory in use.
    pub(super) fn bytes(&self) -> usize {
        match &self.keys {
            Keys::Column(keys) => keys.bytes(),
            Keys::Packed(keys) => keys.bytes(),
            Keys::Rows(keys) => keys.bytes(),
        }
    }

    /// Gives no new numbers from now on: [`ABSENT`] is the number of other groups.
    pub(super) fn close(&mut self) {
        match &mut self.keys {
            Keys::Column(keys) => keys.close(),
            Keys::Packed(keys) => keys.close(),
            Keys::Rows(keys) => keys.close(),
        }
    }

    /// Whether there are no columns, so that all rows are one group.
    pub(super) fn is_one(&self) -> bool {
        self.columns.is_empty()
    }

    /// One bit per row except the first: whether its group may differ from that of the previous
    /// row.
    pub(super) fn changes(&self, batch: &RecordBatch) -> Result<BooleanBuffer> {
        changes(batch, &self.columns)
    }

    /// Splits the rows of the next batch into runs of one group each, at the changes.
    ///
    /// # Errors
    /// More groups than can be numbered.
    pub(super) fn runs(
        &mut self,
        batch: &RecordBatch,
        changes: &BooleanBuffer,
    ) -> Result<Vec<GroupRange>> {
        let starts = runs::starts(changes, batch.num_rows());
        let rows = runs::ranges(&starts, batch.num_rows());
        let mut runs: Vec<GroupRange> = rows.map(|rows| GroupRange { group: 0, rows }).collect();
        let arrays = arrays_at(batch, &self.columns, &starts)?;
        let mut numbers = Vec::new();
        if !self.keys.number(&arrays, &mut numbers)? {
            if let Keys::Rows(keys) = &mut self.keys {
                keys.number(&arrays, &mut runs)?;
            }
            return Ok(runs);
        }
        for (run, number) in runs.iter_mut().zip(numbers) {
            run.group = number;
        }
        self.changes_often = runs.len() > batch.num_rows() / 4;
        Ok(runs)
    }

    /// Numbers the groups of the next batch, in the way that takes less time: returns runs of rows
    /// of one group each, or appends the group of each row to `numbers`.
    ///
    /// # Errors
    /// More groups than can be numbered.
    pub(super) fn number(
        &mut self,
        batch: &RecordBatch,
        numbers: &mut Vec<u32>,
    ) -> Result<Option<Vec<GroupRange>>> {
        let start = numbers.len();
        let columns = self.columns.iter().map(|column| batch.column(*column).clone());
        if self.changes_often && self.keys.number(&columns.collect::<Vec<_>>(), numbers)? {
            let numbers = &numbers[start..];
            let changes = numbers.iter().zip(numbers.iter().skip(1)).filter(|(a, b)| a != b);
            self.changes_often = changes.count() > batch.num_rows() / 8;
            return Ok(None);
        }
        let changes = self.changes(batch)?;
        Ok(Some(self.runs(batch, &changes)?))
    }

    /// The values of the groups.
    pub(super) fn values(&self) -> Values<'_> {
        match &self.keys {
            Keys::Column(keys) => Values::Column(keys.values()),
            Keys::Packed(keys) => Values::Packed(keys.values()),
            Keys::Rows(keys) => Values::Rows(keys, keys.keys()),
        }
    }
}

impl Keys {
    /// Appends the number of the key in each row of the columns, if the keys are those of columns.
    /// From the batch on with which they get too wide, they are not.
    ///
    /// # Errors
    /// More keys than can be numbered.
    fn number(&mut self, arrays: &[ArrayRef], numbers: &mut Vec<u32>) -> Result<bool> {
        let is_numbered = match (&mut *self, arrays) {
            (Self::Column(keys), [array]) => keys.number(array, numbers).map(|()| true),
            (Self::Packed(keys), arrays) => keys.number(arrays, numbers),
            _ => Ok(false),
        }?;
        if let (Self::Packed(keys), false) = (&mut *self, is_numbered) {
            *self = Self::Rows(Box::new(keys.to_rows()?));
        }
        Ok(is_numbered)
    }
}

impl Values<'_> {
    /// The values of the groups with these numbers, one array for each column.
    ///
    /// # Errors
    /// More bytes of text than an array can have.
    pub(super) fn arrays(&self, groups: &[u32]) -> Result<Vec<ArrayRef>> {
        match self {
            Self::Column(values) => Ok(vec![values.array(groups).map_err(cannot_compare)?]),
            Self::Packed(values) => values.arrays(groups),
            Self::Rows(keys, all) => keys.decode(groups.iter().map(|group| all[*group as usize])),
        }
    }
}
