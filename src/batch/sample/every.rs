//! Every Nth row of a stream, counted across its batches.

use super::selection;
use crate::error::{Error, Result};
use arrow::array::{RecordBatch, UInt64Array};
use arrow::compute::take_record_batch;

/// Keeps rows 0, N, 2N … of a stream, counted across batches.
#[derive(Debug)]
pub struct EverySampler {
    every: u64,
    /// The number of rows still to be skipped before the next kept one.
    skip: u64,
}

impl EverySampler {
    /// Returns a sampler that keeps one of every `every` rows, beginning with the first.
    ///
    /// # Errors
    /// `every` is zero.
    pub fn try_new(every: u64) -> Result<Self> {
        if every == 0 {
            return Err(Error::usage("cannot keep every 0th row: the number must be 1 or more"));
        }
        Ok(Self { every, skip: 0 })
    }

    /// The kept rows of the next batch of the stream, in order.
    ///
    /// # Errors
    /// A column type from which Arrow cannot take individual rows.
    pub fn apply(&mut self, batch: &RecordBatch) -> Result<RecordBatch> {
        let rows = batch.num_rows() as u64;
        if self.every == 1 {
            return Ok(batch.clone());
        }
        if rows <= self.skip {
            self.skip -= rows;
            return Ok(batch.slice(0, 0));
        }
        let kept = UInt64Array::from_iter_values(
            std::iter::successors(Some(self.skip), |row| row.checked_add(self.every))
                .take_while(|row| *row < rows),
        );
        let passed = (rows - self.skip - 1) % self.every;
        self.skip = self.every - 1 - passed;
        take_record_batch(batch, &kept).map_err(selection::cannot_select)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{ArrayRef, AsArray, Int64Array};
    use arrow::datatypes::Int64Type;
    use std::sync::Arc;

    #[test]
    fn counting_goes_on_from_batch_to_batch() {
        let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(0..100));
        let whole = RecordBatch::try_from_iter([("n", numbers)]).unwrap();
        for every in [1, 2, 3, 7, 50, 99, 100, 101, u64::MAX] {
            for batch_rows in [1, 2, 3, 10, 33, 100] {
                let mut sampler = EverySampler::try_new(every).unwrap();
                let mut kept: Vec<i64> = Vec::new();
                for start in (0..100).step_by(batch_rows) {
                    let batch = whole.slice(start, batch_rows.min(100 - start));
                    let sample = sampler.apply(&batch).unwrap();
                    kept.extend(sample.column(0).as_primitive::<Int64Type>().values());
                }
                let expected: Vec<i64> =
                    (0..100).filter(|n| (*n as u64).is_multiple_of(every)).collect();
                assert_eq!(kept, expected, "every {every} of batches of {batch_rows}");
            }
        }
    }

    #[test]
    fn every_zeroth_row_is_refused() {
        assert_eq!(EverySampler::try_new(0).unwrap_err().exit_status(), 2);
    }
}
