//! The last rows of a stream whose end is not known yet.
//!
//! A window of a given number of rows moves over the stream: the rows in it at the end are the last
//! rows, and the rows that left it before are all the others.

use super::{BatchMessage, compact};
use arrow::array::{RecordBatch, UInt64Array};
use arrow::compute::take_record_batch;
use std::collections::VecDeque;

/// A window over the last rows of a stream so far. No batch without such rows is kept.
#[derive(Debug)]
pub struct LastRows {
    most: u64,
    rows: u64,
    batches: VecDeque<BatchMessage>,
}

impl LastRows {
    /// A window of `most` rows.
    pub fn new(most: u64) -> Self {
        Self { most, rows: 0, batches: VecDeque::new() }
    }

    /// Adds the next batch, and returns the rows that leave the window, in order. The parts of a
    /// split batch share its memory.
    pub fn push(&mut self, batch: BatchMessage) -> Vec<BatchMessage> {
        self.rows += batch.num_rows() as u64;
        self.batches.push_back(batch);
        let mut fallen = Vec::new();
        while let Some(first) = self.batches.front_mut()
            && self.most < self.rows
        {
            let rows = first.num_rows() as u64;
            let falling = rows.min(self.rows - self.most);
            self.rows -= falling;
            if falling < rows {
                fallen.push(first.slice(0, falling as usize));
                *first = first.slice(falling as usize, (rows - falling) as usize);
            } else {
                fallen.extend(self.batches.pop_front());
            }
        }
        fallen
    }

    /// Adds the next batch and drops the rows that leave the window. If few rows of a batch are
    /// left, they are copied, so that they do not keep all of its memory.
    pub fn push_and_drop(&mut self, batch: BatchMessage) {
        let fallen = self.push(batch);
        let (Some(first), Some(cut)) = (self.batches.front_mut(), fallen.last()) else { return };
        // Only one batch is partly inside and partly outside. Copying less than half of it costs
        // less than keeping the rest.
        if first.num_rows() < cut.num_rows() {
            *first = copied(&first.batch).into();
        }
    }

    /// Returns the rows in the window, in order, at the end of the stream.
    pub fn into_batches(self) -> impl Iterator<Item = BatchMessage> {
        self.batches.into_iter()
    }
}

/// The same rows in newly allocated memory, if Arrow can copy all of the types.
fn copied(batch: &RecordBatch) -> RecordBatch {
    let rows = UInt64Array::from_iter_values(0..batch.num_rows() as u64);
    take_record_batch(batch, &rows).map_or_else(|_| batch.clone(), |copy| compact(&copy))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{ArrayRef, AsArray, Int64Array};
    use arrow::datatypes::Int64Type;
    use std::ops::Range;
    use std::sync::Arc;

    fn batch(numbers: Range<i64>) -> BatchMessage {
        let column: ArrayRef = Arc::new(Int64Array::from_iter_values(numbers));
        RecordBatch::try_from_iter([("n", column)]).unwrap().into()
    }

    fn numbers<'a>(batches: impl IntoIterator<Item = &'a BatchMessage>) -> Vec<i64> {
        let values = |message: &'a BatchMessage| {
            message.batch.column(0).as_primitive::<Int64Type>().values().to_vec()
        };
        batches.into_iter().flat_map(values).collect()
    }

    #[test]
    fn what_falls_out_and_what_stays_is_the_whole() {
        for most in 0..12 {
            let mut window = LastRows::new(most);
            let mut fallen = Vec::new();
            for range in [0..3, 3..3, 3..4, 4..10] {
                let passed = range.end;
                fallen.extend(window.push(batch(range)));
                assert_eq!(
                    numbers(&fallen),
                    (0..(passed - most as i64).max(0)).collect::<Vec<_>>()
                );
            }
            let kept: Vec<BatchMessage> = window.into_batches().collect();
            assert_eq!(numbers(&kept), ((10 - most as i64).max(0)..10).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_few_rows_do_not_keep_the_memory_of_all() {
        let mut window = LastRows::new(5);
        window.push_and_drop(batch(0..100_000));
        window.push_and_drop(batch(100_000..100_002));
        assert_eq!(numbers(&window.batches), (99_997..100_002).collect::<Vec<_>>());
        let held: usize =
            window.batches.iter().map(|message| message.batch.get_array_memory_size()).sum();
        assert!(held < 1000, "{held} bytes");
    }
}
