//! Finds where adjacent rows differ, by comparing whole columns rather than row by row.
//!
//! The result may have too many changes, but never too few: rows reported as equal are equal; rows
//! reported as different may still turn out equal when their keys are looked up (two NaNs with
//! different bits, one text under two dictionary keys). This is why a cheap comparison of bits is
//! enough.

use crate::schema::aligned;
use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, BooleanBufferBuilder, RunArray, downcast_run_array,
    make_comparator,
};
use arrow::buffer::{BooleanBuffer, Buffer};
use arrow::compute::SortOptions;
use arrow::compute::kernels::cmp::distinct;
use arrow::datatypes::{ArrowNativeType, DataType, RunEndIndexType};
use arrow::error::ArrowError;
use std::ops::{BitOr, BitXor, Range};

/// Consecutive rows of one group: the group and the range of rows.
#[derive(Debug)]
pub(in crate::batch) struct GroupRange {
    pub(in crate::batch) group: u32,
    pub(in crate::batch) rows: Range<usize>,
}

/// One bit per row except the first: whether the row may differ from the previous row in any of the
/// columns, which all have `rows` rows.
pub(in crate::batch) fn changes(
    columns: &[ArrayRef],
    rows: usize,
) -> Result<BooleanBuffer, ArrowError> {
    let mut any = BooleanBuffer::new_unset(rows.saturating_sub(1));
    if rows > 1 {
        for column in columns {
            any |= &column_changes(column)?;
        }
    }
    Ok(any)
}

/// The first row of each run, from the changes between `rows` rows.
pub(in crate::batch) fn starts(changes: &BooleanBuffer, rows: usize) -> Vec<usize> {
    let mut starts = Vec::with_capacity(1 + changes.count_set_bits());
    starts.extend((rows > 0).then_some(0));
    starts.extend(changes.set_indices().map(|before| before + 1));
    starts
}

/// The rows of each run, from their first rows.
pub(in crate::batch) fn ranges(
    starts: &[usize],
    rows: usize,
) -> impl Iterator<Item = Range<usize>> {
    let ends = starts.iter().skip(1).copied().chain([rows]);
    starts.iter().copied().zip(ends).map(|(start, end)| start..end)
}

fn column_changes(column: &dyn Array) -> Result<BooleanBuffer, ArrowError> {
    match column.data_type() {
        DataType::Dictionary(_, _) => column_changes(column.as_any_dictionary().keys()),
        DataType::RunEndEncoded(_, _) => Ok(downcast_run_array!(
            column => run_end_changes(column),
            _ => BooleanBuffer::new_set(column.len() - 1)
        )),
        DataType::Struct(_) => struct_changes(column),
        nested if nested.is_nested() => compared_changes(column),
        fixed if fixed.primitive_width().is_some() => fixed_changes(column),
        _ => {
            let (before, after) = neighbours(column);
            Ok(distinct(&before, &after)?.values().clone())
        }
    }
}

/// Run ends already show where values change.
fn run_end_changes<R: RunEndIndexType>(column: &RunArray<R>) -> BooleanBuffer {
    let rows = column.len();
    let mut changes = BooleanBufferBuilder::new(rows - 1);
    changes.append_n(rows - 1, false);
    for end in column.run_ends().sliced_values().map(|end| end.as_usize()) {
        if end < rows {
            changes.set_bit(end - 1, true);
        }
    }
    changes.finish()
}

/// Compares values of a fixed width by their bits. The bits under a null may differ from null to
/// null, which gives a superfluous change.
fn fixed_changes(column: &dyn Array) -> Result<BooleanBuffer, ArrowError> {
    let data = column.to_data();
    let changes = match data.data_type().primitive_width() {
        Some(1) => aligned(&data).map(|values| bit_changes::<u8>(&values)),
        Some(2) => aligned(&data).map(|values| bit_changes::<u16>(&values)),
        Some(4) => aligned(&data).map(|values| bit_changes::<u32>(&values)),
        Some(8) => aligned(&data).map(|values| bit_changes::<u64>(&values)),
        Some(16) => aligned(&data).map(|values| bit_changes::<i128>(&values)),
        _ => None,
    };
    let Some(mut changes) = changes else {
        let (before, after) = neighbours(column);
        return Ok(distinct(&before, &after)?.values().clone());
    };
    if let Some(nulls) = column.nulls() {
        changes |= &column_changes(&BooleanArray::new(nulls.inner().clone(), None))?;
    }
    Ok(changes)
}

/// Compares 64 pairs of adjacent values at a time: vectorised and without branches it checks
/// whether all of them are equal, and if values repeat nothing else is necessary.
fn bit_changes<N>(values: &[N]) -> BooleanBuffer
where
    N: Copy + Default + PartialEq + BitXor<Output = N> + BitOr<Output = N>,
{
    const PAIRS: usize = u64::BITS as usize;
    let pairs = values.len().saturating_sub(1);
    let (before, after) = (&values[..pairs], &values[values.len() - pairs..]);
    let words = before.chunks(PAIRS).zip(after.chunks(PAIRS)).map(|(before, after)| {
        let pairs = || before.iter().zip(after);
        if pairs().fold(N::default(), |any, (a, b)| any | (*a ^ *b)) == N::default() {
            return 0;
        }
        let bit = |word, (place, (a, b)): (usize, (&N, &N))| word | u64::from(a != b) << place;
        pairs().enumerate().fold(0, bit)
    });
    let words: Vec<u64> = words.collect();
    BooleanBuffer::new(Buffer::from_vec(words), 0, pairs)
}

fn struct_changes(column: &dyn Array) -> Result<BooleanBuffer, ArrowError> {
    let mut any = changes(column.as_struct().columns(), column.len())?;
    if let Some(nulls) = column.nulls() {
        any |= &column_changes(&BooleanArray::new(nulls.inner().clone(), None))?;
    }
    Ok(any)
}

/// Lists, maps and unions have no kernel that compares whole columns.
fn compared_changes(column: &dyn Array) -> Result<BooleanBuffer, ArrowError> {
    let (before, after) = neighbours(column);
    let compare = make_comparator(&before, &after, SortOptions::default())?;
    Ok(BooleanBuffer::collect_bool(before.len(), |row| compare(row, row).is_ne()))
}

fn neighbours(column: &dyn Array) -> (ArrayRef, ArrayRef) {
    let pairs = column.len() - 1;
    (column.slice(0, pairs), column.slice(1, pairs))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{
        DictionaryArray, Float64Array, Int32Array, Int64Array, IntervalMonthDayNanoArray,
        ListArray, StringArray, StructArray,
    };
    use arrow::buffer::ScalarBuffer;
    use arrow::datatypes::{Field, Int32Type};
    use std::sync::Arc;

    fn starts_of(column: impl Array + 'static) -> Vec<usize> {
        let column: ArrayRef = Arc::new(column);
        starts(&changes(std::slice::from_ref(&column), column.len()).unwrap(), column.len())
    }

    #[test]
    fn runs_are_found_in_every_layout() {
        let numbers = Int64Array::from(vec![Some(1), Some(1), None, None, Some(0), Some(1)]);
        assert_eq!(starts_of(numbers), [0, 2, 4, 5]);
        let run_ends = Int32Array::from(vec![3, 4, 9]);
        let runs = RunArray::try_new(&run_ends, &StringArray::from(vec!["a", "b", "c"])).unwrap();
        assert_eq!(starts_of(runs.slice(1, 5)), [0, 2, 3]);
        let words: DictionaryArray<Int32Type> = vec!["x", "x", "y"].into_iter().collect();
        assert_eq!(starts_of(words), [0, 2]);
        let lists = ListArray::from_iter_primitive::<Int32Type, _, _>(vec![
            Some(vec![Some(1), None]),
            Some(vec![Some(1), None]),
            None,
            Some(vec![]),
        ]);
        assert_eq!(starts_of(lists), [0, 2, 3]);
    }

    #[test]
    fn a_null_struct_differs_from_a_struct_of_nulls() {
        let child: ArrayRef = Arc::new(Int64Array::from(vec![None, None]));
        let field = Arc::new(Field::new("a", DataType::Int64, true));
        let nulls = Some(vec![true, false].into());
        assert_eq!(starts_of(StructArray::new(vec![field].into(), vec![child], nulls)), [0, 1]);
    }

    #[test]
    fn floats_are_compared_by_their_bits() {
        assert_eq!(starts_of(Float64Array::from(vec![f64::NAN, f64::NAN, 0.0, -0.0])), [0, 2, 3]);
    }

    #[test]
    fn numbers_of_any_width_and_count_are_compared_wherever_they_are_cut() {
        let numbers: Vec<i64> =
            (0..700).map(|row| row / 130 * 3 + i64::from(row % 191 == 7)).collect();
        for (start, rows) in [(0, 700), (1, 64), (5, 65), (130, 130), (66, 2), (129, 2), (0, 1)] {
            let part = &numbers[start..start + rows];
            let expected: Vec<usize> =
                (0..rows).filter(|row| *row == 0 || part[*row] != part[*row - 1]).collect();
            assert_eq!(starts_of(Int64Array::from(numbers.clone()).slice(start, rows)), expected);
            let narrow = Int32Array::from_iter_values(numbers.iter().map(|value| *value as i32));
            assert_eq!(starts_of(narrow.slice(start, rows)), expected);
        }
    }

    #[test]
    fn values_need_not_be_aligned_as_numbers_of_their_width_are() {
        let parts: Vec<i64> = vec![0, 1, 1, 1, 1, 2, 2];
        let months = Buffer::from_vec(parts).slice(8);
        let column = IntervalMonthDayNanoArray::new(ScalarBuffer::new(months, 0, 3), None);
        assert_eq!(starts_of(column), [0, 2]);
    }

    #[test]
    fn no_column_is_one_run() {
        assert_eq!(starts(&changes(&[], 7).unwrap(), 7), [0]);
        assert_eq!(ranges(&[0, 3], 7).collect::<Vec<_>>(), [0..3, 3..7]);
    }
}
