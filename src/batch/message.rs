//! A record batch together with the metadata of its message.

use arrow::array::RecordBatch;
use arrow::datatypes::Metadata;

/// A record batch, and the metadata that its producer attached to its message (`custom_metadata` in
/// the format).
///
/// The metadata belongs to exactly these rows: a part of the batch does not have it.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchMessage {
    /// The rows.
    pub batch: RecordBatch,
    /// Empty in most streams.
    pub metadata: Metadata,
}

impl BatchMessage {
    /// The number of rows.
    pub fn num_rows(&self) -> usize {
        self.batch.num_rows()
    }

    /// Some of the rows, sharing the batch's memory.
    #[must_use]
    pub fn slice(&self, first: usize, rows: usize) -> Self {
        if rows == self.num_rows() { self.clone() } else { self.batch.slice(first, rows).into() }
    }
}

impl From<RecordBatch> for BatchMessage {
    fn from(batch: RecordBatch) -> Self {
        Self { batch, metadata: Metadata::new() }
    }
}
