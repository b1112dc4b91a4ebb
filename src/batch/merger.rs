//! Merges small batches, such as the results of a filter or a sample, while more are available
//! without waiting.
//!
//! Each batch costs every downstream program one message, however small it is; but rows that are
//! available must not be delayed. So batches are held back only while the next one is available
//! without waiting. For batches of a given size use [`Rechunker`](crate::batch::Rechunker).

use super::compact;
use super::size::batch_bytes;
use crate::error::{Error, guard};
use crate::schema::holds_dictionary;
use arrow::array::{ArrayRef, AsArray, RecordBatch};
use arrow::compute::concat_batches;
use arrow::datatypes::SchemaRef;
use std::sync::Arc;

/// Batches are merged up to about this size, which all tools here write (2 MiB).
const FULL_BYTES: usize = 2 << 20;

/// A batch of this size is passed on unchanged. Below it, copying the batch once more costs less
/// than a separate message costs downstream.
const LARGE_BYTES: usize = FULL_BYTES / 4;

/// The limit for batches without columns, which have no bytes.
const MOST_HELD: usize = 1024;

/// Merges small batches; those that are held back are in order.
#[derive(Debug)]
pub struct Merger {
    schema: SchemaRef,
    most_rows: usize,
    held: Vec<RecordBatch>,
    rows: usize,
    bytes: usize,
}

impl Merger {
    /// Returns an empty merger for batches with this schema.
    pub fn new(schema: SchemaRef) -> Self {
        Self { schema, most_rows: usize::MAX, held: Vec::new(), rows: 0, bytes: 0 }
    }

    /// Limits the number of rows in a merged batch.
    pub fn with_most_rows(self, most_rows: usize) -> Self {
        Self { most_rows, ..self }
    }

    /// Adds the next batch, and returns those to pass on now; batches that cannot be merged are
    /// passed on unmerged. `is_ready` returns whether the batch after it is available without
    /// waiting; it is called only if something would be held back.
    pub fn push(
        &mut self,
        batch: RecordBatch,
        is_ready: impl FnOnce() -> bool,
    ) -> Vec<RecordBatch> {
        let mut complete = Vec::new();
        if batch.num_rows() > 0 {
            // Views would keep the memory of a whole message alive.
            let batch = compact(&batch);
            let bytes = batch_bytes(&batch);
            if !self.takes(&batch, bytes) {
                complete = self.finish();
            }
            if bytes >= LARGE_BYTES || self.most_rows <= batch.num_rows() {
                complete.push(batch);
                return complete;
            }
            (self.rows, self.bytes) = (self.rows + batch.num_rows(), self.bytes + bytes);
            self.held.push(batch);
        }
        if !self.held.is_empty() && (self.held.len() == MOST_HELD || !is_ready()) {
            complete.extend(self.finish());
        }
        complete
    }

    /// Returns the batches that are held back, merged, at the end of the input.
    pub fn finish(&mut self) -> Vec<RecordBatch> {
        (self.rows, self.bytes) = (0, 0);
        merged(&self.schema, std::mem::take(&mut self.held))
    }

    /// Whether the batch can be merged with those held back.
    fn takes(&self, batch: &RecordBatch, bytes: usize) -> bool {
        let Some(last) = self.held.last() else { return true };
        bytes < LARGE_BYTES
            && self.bytes + bytes <= FULL_BYTES
            && batch.num_rows() <= self.most_rows.saturating_sub(self.rows)
            && last.columns().iter().zip(batch.columns()).all(|(a, b)| share_dictionary(a, b))
    }
}

/// Whether two columns can be concatenated without looking at the values of their dictionaries: if
/// they have none, or the same one.
fn share_dictionary(one: &ArrayRef, next: &ArrayRef) -> bool {
    match (one.as_any_dictionary_opt(), next.as_any_dictionary_opt()) {
        (Some(one), Some(next)) => {
            Arc::ptr_eq(one.values(), next.values()) && !holds_dictionary(one.values().data_type())
        }
        _ => !holds_dictionary(one.data_type()),
    }
}

/// The batches as one, or unmerged if that is impossible: merged dictionaries may have more values
/// than their keys can number.
pub(super) fn merged(schema: &SchemaRef, held: Vec<RecordBatch>) -> Vec<RecordBatch> {
    if held.len() < 2 {
        return held;
    }
    let merged = guard("cannot merge batches", || {
        concat_batches(schema, &held).map_err(|e| Error::failed(e.to_string()))
    });
    merged.map_or(held, |merged| vec![merged])
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{
        Array, DictionaryArray, Int64Array, RunArray, StringArray, StringViewArray,
    };
    use arrow::array::{Int32Array, RecordBatchOptions};
    use arrow::datatypes::{Int32Type, Schema};

    fn batch(column: ArrayRef) -> RecordBatch {
        RecordBatch::try_from_iter([("c", column)]).unwrap()
    }

    fn numbers(from: i64, to: i64) -> RecordBatch {
        batch(Arc::new(Int64Array::from_iter_values(from..to)))
    }

    /// Pushes batches, with the next one always ready or never, and finishes.
    fn merged(batches: &[RecordBatch], is_ready: bool) -> Vec<RecordBatch> {
        let mut merger = Merger::new(batches[0].schema());
        let mut made = Vec::new();
        for batch in batches {
            made.extend(merger.push(batch.clone(), || is_ready));
        }
        made.extend(merger.finish());
        assert!(made.iter().all(|batch| batch.num_rows() > 0));
        made
    }

    fn sizes(batches: &[RecordBatch]) -> Vec<usize> {
        batches.iter().map(RecordBatch::num_rows).collect()
    }

    #[test]
    fn small_batches_are_merged_while_more_is_ready() {
        let batches = [numbers(0, 3), numbers(3, 3), numbers(3, 7), numbers(7, 8)];
        assert_eq!(sizes(&merged(&batches, true)), [8]);
        assert_eq!(sizes(&merged(&batches, false)), [3, 4, 1]);
        assert_eq!(merged(&batches, true)[0], numbers(0, 8));
    }

    #[test]
    fn an_empty_batch_lets_go_of_what_nobody_should_wait_for() {
        let mut merger = Merger::new(numbers(0, 0).schema());
        assert_eq!(sizes(&merger.push(numbers(0, 3), || true)), [0; 0]);
        assert_eq!(sizes(&merger.push(numbers(3, 3), || false)), [3]);
    }

    #[test]
    fn large_batches_pass_as_they_are_behind_what_came_before() {
        let large = numbers(3, 100_000);
        let made = merged(&[numbers(0, 3), large.clone(), numbers(0, 2), numbers(2, 4)], true);
        assert_eq!(sizes(&made), [3, 99_997, 4]);
        assert_eq!(
            made[1].column(0).to_data().buffers()[0],
            large.column(0).to_data().buffers()[0]
        );
    }

    #[test]
    fn a_merged_batch_is_no_larger_than_it_should_be() {
        let batches: Vec<RecordBatch> = (0..100).map(|_| numbers(0, 10_000)).collect();
        let made = merged(&batches, true);
        assert!(made.iter().all(|batch| batch.num_rows() * 8 <= FULL_BYTES + 8 * 26), "{made:?}");
        assert!(made.len() <= 4, "{}", made.len());
        let mut merger = Merger::new(batches[0].schema()).with_most_rows(5);
        let mut made = Vec::new();
        for (from, to) in [(0, 3), (3, 5), (5, 6), (6, 11), (11, 30)] {
            made.extend(merger.push(numbers(from, to), || true));
        }
        assert_eq!(sizes(&made), [5, 1, 5, 19]);
    }

    #[test]
    fn dictionaries_are_merged_only_where_they_are_one() {
        let words: ArrayRef = Arc::new(StringArray::from(vec!["a", "b"]));
        let with = |values: &ArrayRef| {
            let keys = Int32Array::from(vec![1, 0]);
            batch(Arc::new(DictionaryArray::<Int32Type>::new(keys, values.clone())))
        };
        let other: ArrayRef = Arc::new(StringArray::from(vec!["x", "y"]));
        let made = merged(&[with(&words), with(&words), with(&other), with(&other)], true);
        assert_eq!(sizes(&made), [4, 4]);
    }

    #[test]
    fn runs_views_and_rows_without_columns_are_merged() {
        let runs: RunArray<Int32Type> = ["a", "a", "b"].into_iter().collect();
        let made =
            merged(&[batch(Arc::new(runs.clone())), batch(Arc::new(runs.slice(1, 2)))], true);
        assert_eq!(sizes(&made), [5]);
        let views =
            StringViewArray::from_iter_values((0..1000).map(|n| format!("a longer text {n}")));
        let slices = [0, 500].map(|from| batch(Arc::new(views.slice(from, 2))));
        let made = merged(&slices, true);
        assert_eq!(sizes(&made), [4]);
        assert!(made[0].column(0).get_buffer_memory_size() < 1000);
        let options = RecordBatchOptions::new().with_row_count(Some(7));
        let schema = Arc::new(Schema::empty());
        let none = RecordBatch::try_new_with_options(schema, Vec::new(), &options).unwrap();
        assert_eq!(sizes(&merged(&[none.clone(), none], true)), [14]);
    }
}
