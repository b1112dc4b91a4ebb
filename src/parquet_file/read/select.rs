//! Selecting the rows of a row range that match a predicate.

use super::decode::Decoder;
use super::source::{RowRange, Selected};
use crate::error::{Error, Result};
use crate::expression::Predicate;
use arrow::array::{Array, BooleanArray, BooleanBufferBuilder};
use arrow::compute::prep_null_mask_filter;
use parquet::arrow::arrow_reader::RowSelection;
use std::sync::atomic::{AtomicBool, Ordering};

/// Evaluates the predicate over a row range. Returns the matching rows and their number. Rows are
/// decoded a batch at a time, and one bit per row is kept. If `stop` is set, it returns an error
/// that is never shown.
///
/// # Errors
/// Damaged data, or the predicate's own error, with the file and row group.
pub(crate) fn select(
    run: &RowRange,
    predicate: &Predicate,
    stop: &AtomicBool,
) -> Result<(Selected, usize)> {
    if run.source.asked_columns.is_none() {
        return Ok((Selected::All, run.rows.len()));
    }
    let mut decoder = Decoder::start(run, &run.source.asked, &Selected::All, run.rows.len())?;
    let mut passing = BooleanBufferBuilder::new(0);
    let mut matched = 0;
    while 0 < decoder.left() {
        if stop.load(Ordering::Relaxed) {
            return Err(Error::failed("stopped"));
        }
        let batch = decoder.next()?;
        if passing.is_empty() {
            // Rows were decoded, so the number of rows before them is more than a claim of the
            // footer.
            passing.reserve(run.rows.end);
            passing.append_n(run.rows.start, false);
        }
        // Rows are numbered within the row group, which the message names.
        let first = passing.len() as u64;
        let answers = run
            .source
            .asked_batch(batch)
            .and_then(|batch| predicate.evaluate_from(&batch, first))
            .map_err(|error| error.with(run.what()))?;
        let answers = known(answers);
        matched += answers.true_count();
        passing.append_buffer(answers.values());
    }
    if matched == run.rows.len() {
        return Ok((Selected::All, matched));
    }
    let rows = RowSelection::from_boolean_buffer(passing.finish());
    Ok((Selected::Some(rows), matched))
}

/// Replaces null by false: a null does not select a row.
fn known(answers: BooleanArray) -> BooleanArray {
    if answers.nulls().is_some() { prep_null_mask_filter(&answers) } else { answers }
}
