//! The columns of both sides whose values must be equal.

use super::common::{Meeting, meeting};
use super::failed;
use super::index::NONE;
use crate::error::{Error, Result};
use crate::expression::{Kind, describe};
use crate::schema::{batch_of, cast_exactly, expand, plain_type};
use crate::text::escaped;
use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::buffer::NullBuffer;
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Schema};
use std::sync::Arc;

/// The key columns of one side: their positions, and the types to which they are converted.
#[derive(Debug, Clone)]
pub(super) struct KeyColumns {
    columns: Vec<(usize, Option<DataType>)>,
    nulls_equal: bool,
}

/// The keys of a batch, and the rows whose keys may equal others; all if none.
pub(super) struct Keys {
    pub(super) batch: RecordBatch,
    pub(super) valid: Option<NullBuffer>,
}

impl Keys {
    /// Replaces the numbers of rows whose keys equal nothing by [`NONE`].
    pub(super) fn forget_unequal(&self, numbers: &mut [u32]) {
        let Some(valid) = &self.valid else { return };
        for (row, number) in numbers.iter_mut().enumerate() {
            if valid.is_null(row) {
                *number = NONE;
            }
        }
    }
}

impl KeyColumns {
    /// The key columns of the stream and of the table, from pairs of their positions.
    ///
    /// # Errors
    /// Types that cannot be compared exactly (a usage error).
    pub(super) fn pair(
        pairs: &[(usize, usize)],
        stream: &Schema,
        table: &Schema,
        nulls_equal: bool,
    ) -> Result<(Self, Self)> {
        let (mut of_stream, mut of_table) = (Vec::new(), Vec::new());
        for (left, right) in pairs {
            let fields = (stream.field(*left), table.field(*right));
            let types = (fields.0.data_type(), fields.1.data_type());
            let to = match meeting(types.0, types.1) {
                Some(Meeting::Same) => None,
                // Texts are looked up by their bytes, whatever their layout.
                Some(Meeting::Common(_)) if pairs.len() == 1 && are_bytes(types.0, types.1) => None,
                Some(Meeting::Common(common)) => Some(common),
                None => return Err(cannot_meet(fields.0, fields.1)),
            };
            of_stream.push((*left, to.clone()));
            of_table.push((*right, to));
        }
        let side = |columns| Self { columns, nulls_equal };
        Ok((side(of_stream), side(of_table)))
    }

    /// A single column, as it is.
    pub(super) fn one(column: usize) -> Self {
        Self { columns: vec![(column, None)], nulls_equal: false }
    }

    /// Whether all rows have one key.
    pub(super) fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// The positions of the columns.
    pub(super) fn places(&self) -> impl Iterator<Item = usize> {
        self.columns.iter().map(|(place, _)| *place)
    }

    /// The keys of a batch of this side.
    ///
    /// # Errors
    /// Values that Arrow cannot convert.
    pub(super) fn of(&self, batch: &RecordBatch) -> Result<Keys> {
        let (mut arrays, mut valid) = (Vec::new(), None);
        for (place, to) in &self.columns {
            let array = batch.column(*place);
            let key = match to {
                None => array.clone(),
                Some(to) => converted(array, to)?,
            };
            let nulls = key.logical_nulls().filter(|nulls| nulls.null_count() > 0);
            let unequal = match nulls {
                // A value that the common type does not have became null, and equals nothing.
                Some(nulls) if self.nulls_equal && to.is_some() => lost(array, &nulls),
                Some(_) if self.nulls_equal => None,
                nulls => nulls,
            };
            valid = NullBuffer::union(valid.as_ref(), unequal.as_ref());
            arrays.push(key);
        }
        let field = |array: &ArrayRef| Field::new("", array.data_type().clone(), true);
        let schema = Schema::new(arrays.iter().map(field).collect::<Vec<_>>());
        let batch = batch_of(&Arc::new(schema), arrays, batch.num_rows()).map_err(failed)?;
        Ok(Keys { batch, valid })
    }
}

/// The values as those of another type, in the dictionary that they have; those that it does not
/// have become null.
///
/// # Errors
/// Types that Arrow cannot convert.
pub(super) fn converted(array: &ArrayRef, to: &DataType) -> Result<ArrayRef> {
    match array.as_any_dictionary_opt() {
        Some(dictionary) => Ok(dictionary.with_values(converted(dictionary.values(), to)?)),
        None => cast(&expand(array).map_err(failed)?, to).map_err(failed),
    }
}

/// The rows that are valid, or were null before they were converted.
fn lost(before: &ArrayRef, after: &NullBuffer) -> Option<NullBuffer> {
    let unequal = match before.logical_nulls() {
        Some(before) => NullBuffer::new(after.inner() | &!before.inner()),
        None => after.clone(),
    };
    Some(unequal).filter(|unequal| unequal.null_count() > 0)
}

fn are_bytes(left: &DataType, right: &DataType) -> bool {
    let kinds = (Kind::of(plain_type(left)), Kind::of(plain_type(right)));
    // Hashes of encoded keys divide tables: those of a fixed size are encoded differently.
    let is_fixed = |data_type| matches!(plain_type(data_type), DataType::FixedSizeBinary(_));
    matches!(kinds, (Kind::Text, Kind::Text) | (Kind::Binary, Kind::Binary))
        && !is_fixed(left)
        && !is_fixed(right)
}

/// The error for columns whose types cannot be compared exactly.
pub(super) fn cannot_meet(stream: &Field, table: &Field) -> Error {
    Error::usage(format!(
        "cannot compare column \"{}\" of the stream ({}) with column \"{}\" of the table ({}); \
         CAST one of them with stream-select",
        escaped(stream.name()),
        describe(stream.data_type()),
        escaped(table.name()),
        describe(table.data_type())
    ))
}

/// The plain values as those of another type, which has all of them.
///
/// # Errors
/// Values that do not fit.
pub(super) fn expanded_as(array: &ArrayRef, to: &DataType) -> Result<ArrayRef> {
    cast_exactly(&expand(array).map_err(failed)?, to).map_err(failed)
}
