//! Small batches that are collected, to be cut into row groups together.

use arrow::array::RecordBatch;

/// The collected batches, and their size.
#[derive(Default)]
pub(crate) struct Gathered {
    pub(crate) batches: Vec<RecordBatch>,
    pub(crate) rows: usize,
    pub(crate) bytes: usize,
}

impl Gathered {
    pub(crate) fn add(&mut self, batch: RecordBatch, bytes: usize) {
        self.rows += batch.num_rows();
        self.bytes = self.bytes.saturating_add(bytes);
        self.batches.push(batch);
    }
}
