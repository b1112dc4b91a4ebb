//! Batches of another size: small ones merged, large ones split.

use super::merger::merged;
use super::plain_size::{most_plain_bytes, shares_bytes};
use super::size::batch_bytes;
use super::{compact, compact_with_dictionaries};
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

/// The maximum size of a batch.
#[derive(Debug, Clone, Copy)]
pub struct BatchLimits {
    /// The number of rows.
    pub rows: usize,
    /// The number of bytes of values. A larger row is a batch of its own.
    pub bytes: usize,
}

/// Offsets of 32 bits end at 2 GiB. Half of that leaves room for memory that is not counted.
const MOST_BYTES: usize = 1 << 30;

/// A batch whose rows share more bytes than this is not cut by bytes: each part would have a copy of
/// what it shares with the others.
const MOST_SHARED_BYTES: u64 = 8 << 30;

/// Makes each batch as large as the limits allow, except the last.
#[derive(Debug)]
pub struct Rechunker {
    schema: SchemaRef,
    limits: BatchLimits,
    /// The parts of the next batch, always below the limits.
    held: Vec<RecordBatch>,
    rows: usize,
    bytes: usize,
}

impl Rechunker {
    /// Returns an empty rechunker for batches with this schema.
    pub fn new(schema: SchemaRef, limits: BatchLimits) -> Self {
        let limits =
            BatchLimits { rows: limits.rows.max(1), bytes: limits.bytes.clamp(1, MOST_BYTES) };
        Self { schema, limits, held: Vec::new(), rows: 0, bytes: 0 }
    }

    /// Adds the next batch, and returns the complete batches; batches that cannot be merged are
    /// passed on unmerged.
    pub fn push(&mut self, batch: &RecordBatch) -> Vec<RecordBatch> {
        let mut complete = Vec::new();
        // A part of it may be held for a long time.
        let mut left = compact(batch);
        while left.num_rows() > 0 {
            let (rows, bytes) = self.fitting(&left);
            if rows == 0 {
                complete.extend(self.finish());
                continue;
            }
            self.held.push(left.slice(0, rows));
            self.rows += rows;
            self.bytes += bytes;
            left = left.slice(rows, left.num_rows() - rows);
            if self.rows == self.limits.rows || self.limits.bytes <= self.bytes {
                complete.extend(self.finish());
            }
        }
        complete
    }

    /// Returns the rest as a batch, at the end of the input.
    pub fn finish(&mut self) -> Vec<RecordBatch> {
        (self.rows, self.bytes) = (0, 0);
        let held = merged(&self.schema, std::mem::take(&mut self.held));
        held.iter().map(compact_with_dictionaries).collect()
    }

    /// The number of rows of the batch that fit in addition to those already held, and their bytes.
    /// If none are held, at least one row fits.
    fn fitting(&self, batch: &RecordBatch) -> (usize, usize) {
        let room = self.limits.bytes.saturating_sub(self.bytes);
        let most = batch.num_rows().min(self.limits.rows - self.rows);
        let bytes = |rows: usize| batch_bytes(&batch.slice(0, rows));
        let all = bytes(most);
        if all <= room {
            return (most, all);
        }
        if self.held.is_empty() && MOST_SHARED_BYTES < most_plain_bytes(batch, shares_bytes) {
            return (most, all);
        }
        // A number of rows that fits, and one that does not.
        let (mut fitting, mut too_many) = (0, most);
        while fitting + 1 < too_many {
            let middle = fitting.midpoint(too_many);
            if bytes(middle) <= room { fitting = middle } else { too_many = middle }
        }
        let rows = if self.held.is_empty() { fitting.max(1) } else { fitting };
        (rows, bytes(rows))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{ArrayRef, AsArray, DictionaryArray, Int64Array, StringArray};
    use arrow::datatypes::{Int8Type, Int64Type};
    use std::sync::Arc;

    fn rechunked(batches: &[RecordBatch], rows: usize, bytes: usize) -> Vec<RecordBatch> {
        let mut rechunker = Rechunker::new(batches[0].schema(), BatchLimits { rows, bytes });
        let mut made: Vec<RecordBatch> =
            batches.iter().flat_map(|batch| rechunker.push(batch)).collect();
        made.extend(rechunker.finish());
        made
    }

    fn sizes(batches: &[RecordBatch]) -> Vec<usize> {
        batches.iter().map(RecordBatch::num_rows).collect()
    }

    #[test]
    fn rows_come_in_batches_of_the_size_asked_for() {
        let batch = |from: i64, to: i64| {
            let column: ArrayRef = Arc::new(Int64Array::from_iter_values(from..to));
            RecordBatch::try_from_iter([("n", column)]).unwrap()
        };
        let batches = [batch(0, 3), batch(3, 3), batch(3, 20), batch(20, 21)];
        for rows in 1..25 {
            let made = rechunked(&batches, rows, usize::MAX);
            let mut expected = vec![rows; 21 / rows];
            expected.extend((21 % rows != 0).then_some(21 % rows));
            assert_eq!(sizes(&made), expected);
            let numbers =
                made.iter().flat_map(|batch| batch.column(0).as_primitive::<Int64Type>().values());
            assert!(numbers.copied().eq(0..21));
        }
        assert_eq!(sizes(&rechunked(&batches, 100, 40)), [5, 5, 5, 5, 1]);
    }

    #[test]
    fn a_row_larger_than_the_limit_is_a_batch_alone() {
        let texts = ["a", "b", &"x".repeat(1000), "c", "d"];
        let column: ArrayRef = Arc::new(StringArray::from_iter_values(texts));
        let batch = RecordBatch::try_from_iter([("t", column)]).unwrap();
        assert_eq!(sizes(&rechunked(&[batch], 100, 50)), [2, 1, 2]);
    }

    #[test]
    fn dictionaries_that_do_not_fit_into_one_are_kept_apart() {
        let batch = |from: i32| {
            let words: Vec<String> = (from..from + 100).map(|n| n.to_string()).collect();
            let words: DictionaryArray<Int8Type> = words.iter().map(String::as_str).collect();
            RecordBatch::try_from_iter([("w", Arc::new(words) as ArrayRef)]).unwrap()
        };
        assert_eq!(sizes(&rechunked(&[batch(0), batch(0)], 1000, 1000)), [200]);
        assert_eq!(sizes(&rechunked(&[batch(0), batch(100)], 1000, 1000)), [100, 100]);
    }
}
