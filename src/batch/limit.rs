//! Rows by number: pass over the first ones, stop after so many.

use super::BatchMessage;
use arrow::array::RecordBatch;

/// `--skip` and `--limit`, across batches.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    skip: u64,
    left: Option<u64>,
}

impl Limit {
    /// Passes over `skip` rows, then lets `limit` rows pass, or all.
    pub fn new(skip: u64, limit: Option<u64>) -> Self {
        Self { skip, left: limit }
    }

    /// Whether no further row will pass: the producer need not be asked again.
    pub fn is_done(&self) -> bool {
        self.left == Some(0)
    }

    /// How many of so many rows will pass.
    pub fn passing(&self, rows: u64) -> u64 {
        let rows = rows.saturating_sub(self.skip);
        self.left.map_or(rows, |left| left.min(rows))
    }

    /// The most rows that will be asked for, those passed over among them; None if all.
    pub fn needed(&self) -> Option<u64> {
        self.left.map(|left| left.saturating_add(self.skip))
    }

    /// For a producer that need not make all of its next `rows`: passes over as many at their start
    /// as are to be passed over, and says how many that were.
    pub fn pass_over(&mut self, rows: u64) -> u64 {
        let passed = self.skip.min(rows);
        self.skip -= passed;
        passed
    }

    /// The same for those that follow: lets as many of the next `rows` pass as are still to pass,
    /// and says how many that are.
    pub fn take(&mut self, rows: u64) -> u64 {
        let kept = self.left.unwrap_or(u64::MAX).min(rows);
        if let Some(left) = &mut self.left {
            *left -= kept;
        }
        kept
    }

    /// The part of the message's batch that passes.
    pub fn apply_to_message(&mut self, message: BatchMessage) -> BatchMessage {
        let rows = message.num_rows() as u64;
        let first = self.pass_over(rows);
        let kept = self.take(rows - first);
        message.slice(first as usize, kept as usize)
    }

    /// The part of the batch that passes; slices share the batch's memory.
    pub fn apply(&mut self, batch: RecordBatch) -> RecordBatch {
        self.apply_to_message(batch.into()).batch
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{Int64Array, RecordBatch};
    use std::sync::Arc;

    #[test]
    fn rows_are_counted_across_batches() {
        let batch = |values: Vec<i64>| {
            RecordBatch::try_from_iter([("a", Arc::new(Int64Array::from(values)) as _)]).unwrap()
        };
        let mut limit = Limit::new(3, Some(4));
        let rows: Vec<usize> = [vec![1, 2], vec![3, 4, 5], vec![], vec![6, 7, 8]]
            .map(|values| limit.apply(batch(values)).num_rows())
            .to_vec();
        assert_eq!(rows, [0, 2, 0, 2]);
        assert!(limit.is_done());
    }

    #[test]
    fn rows_that_are_passed_over_need_not_be_made() {
        let mut limit = Limit::new(7, Some(10));
        assert_eq!((limit.passing(5), limit.passing(12), limit.passing(100)), (0, 5, 10));
        assert_eq!((limit.needed(), Limit::new(7, None).needed()), (Some(17), None));
        assert_eq!((limit.pass_over(5), limit.pass_over(5), limit.pass_over(5)), (5, 2, 0));
        assert_eq!(limit.needed(), Some(10));
    }
}
