//! Selects ranges of rows from a batch, without copying if one range is enough.

use crate::error::{Error, Result};
use arrow::array::{BooleanArray, BooleanBufferBuilder, RecordBatch};
use arrow::compute::filter_record_batch;
use arrow::error::ArrowError;
use std::ops::Range;

/// Appends a range, merged with the last one if they touch.
pub(super) fn push(ranges: &mut Vec<Range<usize>>, range: Range<usize>) {
    match ranges.last_mut() {
        _ if range.is_empty() => {}
        Some(last) if last.end == range.start => last.end = range.end,
        _ => ranges.push(range),
    }
}

/// The rows of the batch in the ascending ranges, in order.
pub(super) fn select(batch: &RecordBatch, ranges: &[Range<usize>]) -> Result<RecordBatch> {
    match ranges {
        [] => Ok(batch.slice(0, 0)),
        [all] if all.len() == batch.num_rows() => Ok(batch.clone()),
        [one] => Ok(batch.slice(one.start, one.len())),
        several => {
            let mut kept = BooleanBufferBuilder::new(batch.num_rows());
            for range in several {
                kept.append_n(range.start - kept.len(), false);
                kept.append_n(range.len(), true);
            }
            kept.append_n(batch.num_rows() - kept.len(), false);
            let kept = BooleanArray::new(kept.finish(), None);
            filter_record_batch(batch, &kept).map_err(cannot_select)
        }
    }
}

pub(super) fn cannot_select(cause: ArrowError) -> Error {
    Error::failed(format!("cannot select rows: {cause}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{ArrayRef, AsArray, Int32Array};
    use arrow::datatypes::Int32Type;
    use std::sync::Arc;

    fn selected(rows: &[usize]) -> (Vec<i32>, bool) {
        let numbers: ArrayRef = Arc::new(Int32Array::from_iter_values(0..10));
        let batch = RecordBatch::try_from_iter([("n", numbers)]).unwrap();
        let mut ranges = Vec::new();
        rows.iter().for_each(|row| push(&mut ranges, *row..*row + 1));
        let selected = select(&batch, &ranges).unwrap();
        let values = selected.column(0).as_primitive::<Int32Type>().values().to_vec();
        let memory = |batch: &RecordBatch| batch.column(0).to_data().buffers()[0].data_ptr();
        (values, memory(&batch) == memory(&selected))
    }

    #[test]
    fn one_piece_is_not_copied() {
        let all: Vec<usize> = (0..10).collect();
        assert_eq!(selected(&all), ((0..10).collect(), true));
        assert_eq!(selected(&[3, 4]), (vec![3, 4], true));
        assert_eq!(selected(&[0, 4, 5, 9]), (vec![0, 4, 5, 9], false));
        assert!(selected(&[]).0.is_empty());
    }

    #[test]
    fn touching_ranges_are_joined() {
        let mut ranges = Vec::new();
        for range in [0..2, 2..2, 2..5, 7..8] {
            push(&mut ranges, range);
        }
        assert_eq!(ranges, [0..5, 7..8]);
    }
}
