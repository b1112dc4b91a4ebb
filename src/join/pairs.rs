//! Copies pairs of rows into batches of bounded size.

use super::failed;
use super::index::NONE;
use crate::batch::plain_row_bytes;
use crate::error::{Result, guard};
use crate::schema::batch_of;
use arrow::array::{Array, ArrayRef, RecordBatch, UInt32Array, new_null_array};
use arrow::buffer::NullBuffer;
use arrow::compute::take;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use std::ops::Range;
use std::sync::Arc;

/// The columns of the table that are written.
#[derive(Debug)]
pub(super) struct Right {
    pub(super) columns: Vec<ArrayRef>,
    /// The size of each row, if one is large.
    pub(super) sizes: Option<Vec<u64>>,
}

/// Takes the batches of a result.
pub(super) type Write<'a> = &'a mut dyn FnMut(RecordBatch) -> Result<()>;

/// Rows of a batch of the stream, and their partners; [`NONE`] is no partner.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    pub(super) left: Vec<u32>,
    pub(super) right: Vec<u32>,
}

/// Pairs are copied in parts of this many; a batch of the stream with one partner for each row is
/// one part.
pub(super) const MOST_PAIRS: usize = 1 << 16;

/// The most bytes of large rows in a batch.
const MOST_BYTES: u64 = 64 << 20;

/// As many rows of this size as are copied at a time are not too large.
const LARGE_ROW_BYTES: u64 = MOST_BYTES / MOST_PAIRS as u64;

/// The size of each row of some columns, not counting values that are shared in an encoding; and
/// whether one is large.
pub(super) fn large_rows(columns: &[ArrayRef], rows: usize) -> (Vec<u64>, bool) {
    let has_width = |data_type: &DataType| {
        data_type.primitive_width().is_some() || *data_type == DataType::Boolean
    };
    let counted = columns.iter().filter(|column| !has_width(column.data_type()));
    let fields = counted.clone().map(|column| Field::new("", column.data_type().clone(), true));
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    let Ok(batch) = batch_of(&schema, counted.cloned().collect(), rows) else {
        return (vec![0; rows], false);
    };
    let is_own = |data_type: &DataType| {
        !matches!(data_type, DataType::Dictionary(..) | DataType::RunEndEncoded(..))
    };
    let sizes = plain_row_bytes(&batch, is_own);
    let has_large = sizes.iter().any(|size| *size > LARGE_ROW_BYTES);
    (sizes, has_large)
}

impl Pairs {
    pub(super) fn len(&self) -> usize {
        self.left.len()
    }

    pub(super) fn clear(&mut self) {
        self.left.clear();
        self.right.clear();
    }

    /// Writes the pairs as batches.
    ///
    /// # Errors
    /// Rows that cannot be copied; those of `write`.
    pub(super) fn write(
        &self,
        stream: &[ArrayRef],
        rows: usize,
        right: &Right,
        schema: &SchemaRef,
        write: Write<'_>,
    ) -> Result<()> {
        let repeats = rows < self.len();
        let sizes = repeats.then(|| large_rows(stream, rows)).filter(|(_, has_large)| *has_large);
        let sizes = sizes.map(|(sizes, _)| sizes);
        for part in self.parts(sizes.as_deref(), right.sizes.as_deref()) {
            let pairs = part.len();
            let whole = self.left[part.clone()].iter().copied().eq(0..rows as u32);
            let left = UInt32Array::from_iter_values(self.left[part.clone()].iter().copied());
            let partners = indices(&self.right[part]);
            let batch = guard("cannot join", || {
                let own = stream.iter().map(|column| {
                    if whole { Ok(column.clone()) } else { take(column, &left, None) }
                });
                let others = right.columns.iter().map(|column| {
                    let is_empty = column.is_empty();
                    let nulls = || new_null_array(column.data_type(), pairs);
                    if is_empty { Ok(nulls()) } else { take(column, &partners, None) }
                });
                let columns = own.chain(others).collect::<std::result::Result<_, _>>();
                columns.and_then(|columns| batch_of(schema, columns, pairs)).map_err(failed)
            })?;
            write(batch)?;
        }
        Ok(())
    }

    /// Splits the pairs so that large rows do not exceed the limit for a batch.
    fn parts(&self, stream: Option<&[u64]>, table: Option<&[u64]>) -> Vec<Range<usize>> {
        if stream.is_none() && table.is_none() {
            return std::iter::once(0..self.len()).collect();
        }
        let size = |sizes: Option<&[u64]>, row: u32| {
            sizes.and_then(|sizes| sizes.get(row as usize)).copied().unwrap_or(0)
        };
        let (mut parts, mut start, mut bytes) = (Vec::new(), 0, 0);
        for (place, (left, right)) in self.left.iter().zip(&self.right).enumerate() {
            let pair = size(stream, *left) + size(table, *right);
            if start < place && bytes + pair > MOST_BYTES {
                parts.push(start..place);
                (start, bytes) = (place, 0);
            }
            bytes += pair;
        }
        parts.push(start..self.len());
        parts
    }
}

/// The rows as indices, null where there is none.
pub(super) fn indices(rows: &[u32]) -> UInt32Array {
    if !rows.contains(&NONE) {
        return UInt32Array::from(rows.to_vec());
    }
    let nulls: NullBuffer = rows.iter().map(|row| *row != NONE).collect();
    let rows: Vec<u32> = rows.iter().map(|row| if *row == NONE { 0 } else { *row }).collect();
    UInt32Array::new(rows.into(), Some(nulls))
}
