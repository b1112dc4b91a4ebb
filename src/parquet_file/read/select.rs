//! Selecting the rows of a row range that match a predicate.

use super::decode::Decoder;
use super::kept_values::KeptValues;
use super::source::{Matches, RowRange, Selected};
use crate::error::{Error, Result};
use arrow::array::{Array, BooleanArray, BooleanBufferBuilder};
use arrow::buffer::BooleanBuffer;
use arrow::compute::prep_null_mask_filter;
use parquet::arrow::arrow_reader::{RowSelection, RowSelector};
use std::sync::atomic::{AtomicBool, Ordering};

/// Most row groups have no more rows than this.
const MOST_ROWS_BEFORE: usize = 1 << 20;

/// Evaluates the predicate over a row range, if it has one. Rows are decoded a batch at a time. One bit per row is
/// kept, and the matching values of columns that are also output, unless they are many. No more
/// than `wanted` matching rows are needed. If `stop` is set, it returns an error that is never
/// shown.
///
/// # Errors
/// Damaged data, or the predicate's own error, with the file and row group.
pub(crate) fn select(range: &RowRange, wanted: Option<u64>, stop: &AtomicBool) -> Result<Matches> {
    let Some(filter) = &range.filter else {
        return Ok(Matches { rows: Selected::All, count: range.rows.len(), kept: Vec::new() });
    };
    let mut decoder = Decoder::start(range, &filter.reader, &Selected::All, range.rows.len())?;
    let mut passing = BooleanBufferBuilder::new(0);
    let mut kept = KeptValues::new(filter.shared.iter().copied(), range.rows.len(), wanted);
    let mut count = 0;
    while decoder.left() > 0 {
        if stop.load(Ordering::Relaxed) {
            return Err(Error::failed("stopped"));
        }
        let batch = decoder.next()?;
        // Rows are numbered within the row group, which the message names.
        let first = (range.rows.start + passing.len()) as u64;
        let evaluated = filter.batch(&range.source.file, &batch).and_then(|batch| {
            let answers = filter.predicate.evaluate_from(&batch, first)?;
            Ok((batch, known(answers)))
        });
        let (batch, answers) = evaluated.map_err(|error| error.with(range.what()))?;
        count += answers.true_count();
        passing.append_buffer(answers.values());
        kept.push(&batch, &answers);
    }
    let passing = passing.finish();
    range.count(&passing);
    if let (Some((first, _)), Some((_, end))) =
        (passing.set_slices().next(), passing.set_slices().last())
    {
        range.fetch_late(range.rows.start + first..range.rows.start + end);
    }
    let rows = if count == range.rows.len() {
        Selected::All
    } else {
        Selected::Some(selection(range.rows.start, &passing))
    };
    Ok(Matches { rows, count, kept: kept.finish() })
}

/// The selection of rows that follow `before` other rows: as bits, unless most of them would be
/// those of other rows. A row group of 2^36 rows takes a few KB.
fn selection(before: usize, passing: &BooleanBuffer) -> RowSelection {
    if before <= MOST_ROWS_BEFORE {
        let mut bits = BooleanBufferBuilder::new(before + passing.len());
        bits.append_n(before, false);
        bits.append_buffer(passing);
        return RowSelection::from_boolean_buffer(bits.finish());
    }
    let mut end = 0;
    let mut selectors = vec![RowSelector::skip(before)];
    for (start, next) in passing.set_slices() {
        if end < start {
            selectors.push(RowSelector::skip(start - end));
        }
        selectors.push(RowSelector::select(next - start));
        end = next;
    }
    selectors.into()
}

/// Replaces null by false: a null does not select a row.
fn known(answers: BooleanArray) -> BooleanArray {
    if answers.nulls().is_some() { prep_null_mask_filter(&answers) } else { answers }
}
