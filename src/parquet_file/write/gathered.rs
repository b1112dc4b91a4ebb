//! Small batches that are collected, to be cut into row groups together.

use crate::batch::{are_shared, array_bytes};
use arrow::array::{ArrayRef, AsArray, RecordBatch};

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

/// The last dictionaries of the columns, which batches often share.
#[derive(Default)]
pub(crate) struct Dictionaries {
    last: Vec<Option<ArrayRef>>,
}

impl Dictionaries {
    /// The bytes of a batch's dictionaries that the batch before did not have.
    pub(crate) fn new_bytes(&mut self, batch: &RecordBatch) -> usize {
        let is_encoded = |column: &ArrayRef| column.as_any_dictionary_opt().is_some();
        if self.last.is_empty() && !batch.columns().iter().any(is_encoded) {
            return 0;
        }
        self.last.resize(batch.num_columns(), None);
        let columns = self.last.iter_mut().zip(batch.columns());
        let new_bytes = columns.filter_map(|(last, column)| {
            let values = column.as_any_dictionary_opt()?.values();
            if last.as_ref().is_some_and(|last| are_shared(last, values)) {
                return None;
            }
            *last = Some(values.clone());
            Some(array_bytes(values))
        });
        new_bytes.sum()
    }
}
