//! Copies pairs of rows into batches of bounded size.

use super::failed;
use super::index::NONE;
use crate::batch::plain_row_bytes;
use crate::error::{Result, guard};
use crate::schema::batch_of;
use arrow::array::{Array, ArrayRef, RecordBatch, UInt32Array, new_null_array};
use arrow::buffer::NullBuffer;
use arrow::compute::{interleave, take};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use std::ops::Range;
use std::sync::Arc;

/// The columns of the table that are written.
#[derive(Debug)]
pub(super) struct Right {
    pub(super) columns: Vec<ArrayRef>,
    /// For each column of the stream that is written, the keys of the table that are written for
    /// rows without a partner; none if it is no key, or the join is not full.
    pub(super) keys: Vec<Option<ArrayRef>>,
    /// The size of each row, if one is large.
    pub(super) sizes: Option<Vec<u64>>,
}

/// Takes the batches of a result.
pub(super) type Write<'a> = &'a mut dyn FnMut(RecordBatch) -> Result<()>;

/// The columns from which pairs of rows are copied.
pub(super) struct Sides<'a> {
    pub(super) stream: &'a [ArrayRef],
    pub(super) stream_rows: usize,
    pub(super) table: &'a Right,
    /// The schema of the result.
    pub(super) schema: &'a SchemaRef,
}

/// Rows of a batch of the stream, and their partners; [`NONE`] is no row, or no partner.
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
    pub(super) fn write(&self, sides: &Sides<'_>, write: Write<'_>) -> Result<()> {
        let rows = sides.stream_rows;
        let repeats = rows < self.len();
        let sizes = repeats.then(|| large_rows(sides.stream, rows));
        let sizes = sizes.filter(|(_, has_large)| *has_large).map(|(sizes, _)| sizes);
        // A batch of the stream that is one part is not copied.
        let most = rows.max(MOST_PAIRS);
        for part in self.parts(most, sizes.as_deref(), sides.table.sizes.as_deref()) {
            self.write_part(part, sides, write)?;
        }
        Ok(())
    }

    fn write_part(&self, part: Range<usize>, sides: &Sides<'_>, write: Write<'_>) -> Result<()> {
        match self.batch(part.clone(), sides) {
            // The dictionaries of both sides may have more values than their keys can number.
            Err(_) if has_both(&self.left[part.clone()]) => {
                let middle = part.start + part.len() / 2;
                self.write_part(part.start..middle, sides, write)?;
                self.write_part(middle..part.end, sides, write)
            }
            batch => write(batch?),
        }
    }

    fn batch(&self, part: Range<usize>, sides: &Sides<'_>) -> Result<RecordBatch> {
        let (pairs, rows) = (part.len(), 0..sides.stream_rows as u32);
        let (left, right) = (&self.left[part.clone()], &self.right[part]);
        let whole = left.iter().copied().eq(rows);
        let (own, partners) = (indices(left), indices(right));
        let is_mixed = has_both(left);
        let taken = |column: &ArrayRef, rows: &UInt32Array| {
            let is_empty = column.is_empty();
            let nulls = || new_null_array(column.data_type(), pairs);
            if is_empty { Ok(nulls()) } else { take(column, rows, None) }
        };
        guard("cannot join", || {
            let of_stream =
                sides.stream.iter().zip(&sides.table.keys).map(|(column, key)| match key {
                    _ if whole => Ok(column.clone()),
                    Some(key) if is_mixed => interleave(&[column, key], &sources(left, right)),
                    Some(key) if left.first() == Some(&NONE) => taken(key, &partners),
                    _ => taken(column, &own),
                });
            let of_table = sides.table.columns.iter().map(|column| taken(column, &partners));
            let columns = of_stream.chain(of_table).collect::<std::result::Result<_, _>>();
            columns.and_then(|columns| batch_of(sides.schema, columns, pairs)).map_err(failed)
        })
    }

    /// Splits the pairs so that they do not exceed the limits for a batch: `most` pairs, and the
    /// bytes of large rows.
    fn parts(
        &self,
        most: usize,
        stream: Option<&[u64]>,
        table: Option<&[u64]>,
    ) -> Vec<Range<usize>> {
        if self.len() <= most && stream.is_none() && table.is_none() {
            return std::iter::once(0..self.len()).collect();
        }
        let size = |sizes: Option<&[u64]>, row: u32| {
            sizes.and_then(|sizes| sizes.get(row as usize)).copied().unwrap_or(0)
        };
        let (mut parts, mut start, mut bytes) = (Vec::new(), 0, 0);
        for (place, (left, right)) in self.left.iter().zip(&self.right).enumerate() {
            let pair = size(stream, *left) + size(table, *right);
            if start < place && (bytes + pair > MOST_BYTES || place - start == most) {
                parts.push(start..place);
                (start, bytes) = (place, 0);
            }
            bytes += pair;
        }
        parts.push(start..self.len());
        parts
    }
}

/// Whether some pairs have a row of the stream, and others have none.
fn has_both(left: &[u32]) -> bool {
    let alone = left.iter().filter(|row| **row == NONE).count();
    0 < alone && alone < left.len()
}

/// For each pair, the side whose key is written, and its row.
fn sources(left: &[u32], right: &[u32]) -> Vec<(usize, usize)> {
    let source = |(left, right): (&u32, &u32)| match *left {
        NONE => (1, *right as usize),
        left => (0, left as usize),
    };
    left.iter().zip(right).map(source).collect()
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
