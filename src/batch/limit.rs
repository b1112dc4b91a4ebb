//! Selects rows by number: skips the first ones, and stops after a limit.

use super::BatchMessage;
use arrow::array::RecordBatch;

/// Skips rows and limits their number across batches, for `--skip` and `--limit`.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    skip: u64,
    left: Option<u64>,
}

impl Limit {
    /// Skips `skip` rows, then keeps `limit` rows, or all if it is `None`.
    pub fn new(skip: u64, limit: Option<u64>) -> Self {
        Self { skip, left: limit }
    }

    /// Whether no more rows will be kept, so that the producer need not be asked again.
    pub fn is_done(&self) -> bool {
        self.left == Some(0)
    }

    /// The number of the next `rows` rows that will be kept.
    pub fn passing(&self, rows: u64) -> u64 {
        let rows = rows.saturating_sub(self.skip);
        self.left.map_or(rows, |left| left.min(rows))
    }

    /// The maximum number of rows that will be needed, including skipped ones; `None` for all.
    pub fn needed(&self) -> Option<u64> {
        self.left.map(|left| left.saturating_add(self.skip))
    }

    /// The number of rows that are still to be skipped.
    pub fn to_skip(&self) -> u64 {
        self.skip
    }

    /// Skips as many of the next `rows` rows as are still to be skipped, and returns their number,
    /// for a producer that need not make them.
    pub fn skip_next(&mut self, rows: u64) -> u64 {
        let passed = self.skip.min(rows);
        self.skip -= passed;
        passed
    }

    /// Keeps as many of the next `rows` rows as the limit allows, and returns their number; skipped
    /// rows must come before.
    pub fn take(&mut self, rows: u64) -> u64 {
        let kept = self.left.unwrap_or(u64::MAX).min(rows);
        if let Some(left) = &mut self.left {
            *left -= kept;
        }
        kept
    }

    /// The kept part of the message's batch.
    pub fn apply_to_message(&mut self, message: BatchMessage) -> BatchMessage {
        let rows = message.num_rows() as u64;
        let first = self.skip_next(rows);
        let kept = self.take(rows - first);
        message.slice(first as usize, kept as usize)
    }

    /// The kept part of the batch; slices share the batch's memory.
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
        assert_eq!((limit.skip_next(5), limit.skip_next(5), limit.skip_next(5)), (5, 2, 0));
        assert_eq!(limit.needed(), Some(10));
    }
}
