//! Values decoded for the predicate that are output, so that they are not decoded again.

use crate::batch::compact;
use arrow::array::{ArrayRef, BooleanArray, RecordBatch};
use arrow::compute::{concat_batches, filter_record_batch};

/// The values kept of a row range are at most about this size, that of two batches, so that memory
/// does not depend on how many rows match. It is enough for half of the 8-byte values of the
/// largest row range, or for the text of one row in ten. The columns of a row range with more are
/// decoded again.
///
/// Where values are kept, reading takes less (instructions, 1 million rows): 40 % for 4 % of a
/// column of text, 35 % for half of a column of integers, 20 % for 1 % of a dictionary-encoded one.
const MOST_BYTES: f64 = (4 << 20) as f64;

/// The matching values of the columns that a predicate reads and that are also output.
#[derive(Default)]
pub(super) struct KeptValues {
    /// The numbers of the kept columns among the decoded columns.
    numbers: Vec<usize>,
    /// Their indices among the columns of the predicate; none if nothing is kept.
    places: Vec<usize>,
    parts: Vec<RecordBatch>,
    bytes: usize,
    /// The number of matching rows that were kept.
    rows: usize,
    /// The number of rows looked at, and of those in the row range.
    seen_rows: usize,
    all_rows: usize,
    /// No more matching rows than this are output.
    wanted: usize,
}

impl KeptValues {
    /// Nothing yet, of a row range with `all_rows` rows. `shared` has for each decoded column its
    /// index among those of the predicate, if it is to be kept.
    pub(super) fn new(
        shared: impl Iterator<Item = Option<usize>>,
        all_rows: usize,
        wanted: Option<u64>,
    ) -> Self {
        let wanted = wanted.and_then(|rows| usize::try_from(rows).ok()).unwrap_or(usize::MAX);
        let kept = shared.enumerate().filter_map(|(number, place)| Some((number, place?)));
        let (numbers, places) = kept.unzip();
        Self { numbers, places, all_rows, wanted, ..Self::default() }
    }

    /// Adds the values of the next rows for which the predicate is true. `batch` has the columns of
    /// the predicate.
    pub(super) fn push(&mut self, batch: &RecordBatch, is_true: &BooleanArray) {
        self.seen_rows += batch.num_rows();
        if self.places.is_empty() || self.wanted <= self.rows || !is_true.has_true() {
            return;
        }
        let columns = batch.project(&self.places);
        // An error is not reported here: the columns are decoded again.
        let kept =
            columns.and_then(|columns| filter_record_batch(&columns, is_true)).map(|matching| {
                // Views would keep the text of all rows.
                let matching = compact(&matching);
                self.bytes += matching.get_array_memory_size();
                self.rows += matching.num_rows();
                self.parts.push(matching);
            });
        if kept.is_err() || self.expected_bytes() > MOST_BYTES {
            self.parts.clear();
            self.places.clear();
        }
    }

    /// The size of all values to be kept if the rest of the row range is like its beginning:
    /// copying 4 MiB of values that turn out to be too many costs up to 4 %.
    fn expected_bytes(&self) -> f64 {
        let all = self.all_rows as f64 / self.seen_rows as f64;
        let wanted = self.wanted as f64 / self.rows as f64;
        self.bytes as f64 * all.min(wanted).max(1.0)
    }

    /// The decoded columns that are known by now, by their numbers, and their values; none if they
    /// are too large.
    pub(super) fn finish(self) -> Vec<(usize, ArrayRef)> {
        let Some(schema) = self.parts.first().map(RecordBatch::schema) else { return Vec::new() };
        let Ok(whole) = concat_batches(&schema, &self.parts) else { return Vec::new() };
        self.numbers.into_iter().zip(whole.columns().iter().cloned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{AsArray, Int64Array, StringViewArray};
    use std::sync::Arc;

    /// The values of column `a`, the second of the predicate and the third of the decoded.
    fn kept(
        column: ArrayRef,
        is_true: &BooleanArray,
        rows: usize,
        wanted: u64,
    ) -> Option<ArrayRef> {
        let first: ArrayRef = Arc::new(Int64Array::from_iter_values(0..column.len() as i64));
        let batch = RecordBatch::try_from_iter([("b", first), ("a", column)]).unwrap();
        let shared = [None, None, Some(1)];
        let mut kept = KeptValues::new(shared.into_iter(), rows, Some(wanted));
        for _ in 0..2 {
            kept.push(&batch, is_true);
        }
        let mut kept = kept.finish();
        assert!(kept.iter().all(|(number, _)| *number == 2));
        kept.pop().map(|(_, values)| values)
    }

    #[test]
    fn values_that_match_are_kept_if_they_are_few() {
        let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(0..10_000));
        let one_in =
            |count: usize| BooleanArray::from_iter((0..10_000).map(|row| Some(row % count == 0)));
        let every = |count: usize| Int64Array::from_iter_values((0..10_000).step_by(count));
        let twice = |array: Int64Array| {
            let array: ArrayRef = Arc::new(array);
            arrow::compute::concat(&[&array, &array]).unwrap()
        };
        let found = kept(numbers.clone(), &one_in(4), 1 << 20, u64::MAX).unwrap();
        assert_eq!(&found, &twice(every(4)));
        // All of a million would be eight MiB, of 20,000 a sixth of one.
        assert!(kept(numbers.clone(), &one_in(1), 1 << 20, u64::MAX).is_none());
        assert_eq!(&kept(numbers.clone(), &one_in(1), 20_000, u64::MAX).unwrap(), &twice(every(1)));
        // No more are kept than are wanted.
        let found = kept(numbers.clone(), &one_in(1), 1 << 20, 10).unwrap();
        assert_eq!(found.as_ref(), &every(1) as &dyn arrow::array::Array);
        assert!(kept(numbers, &one_in(20_000), 20_000, 10).is_some());
    }

    #[test]
    fn the_text_of_other_rows_is_dropped() {
        let texts = (0..10_000).map(|row| format!("a text of more than twelve bytes {row}"));
        let texts: ArrayRef = Arc::new(StringViewArray::from_iter_values(texts));
        let few = BooleanArray::from_iter((0..10_000).map(|row| Some(row % 1000 == 7)));
        let found = kept(texts, &few, 1 << 20, u64::MAX).unwrap();
        assert_eq!(found.as_string_view().value(11), "a text of more than twelve bytes 1007");
        assert!(found.get_buffer_memory_size() < 10_000);
    }
}
