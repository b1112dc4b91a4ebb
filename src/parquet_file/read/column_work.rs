//! The steps of a scan: what a thread takes from the schedule, and the outcome that it returns.

use super::column_decoder::ColumnDecoder;
use super::source::{Matches, OpenFile, RowRange, Selected};
use crate::error::Result;
use arrow::array::ArrayRef;
use std::sync::Arc;

/// A step of a scan.
pub(crate) enum Step {
    /// Find the rows of a row range that match the predicate.
    Select { number: u64, range: RowRange },
    /// Decode the next batch of a column, or of several columns if batches are small.
    Decode { number: u64, columns: Vec<ColumnWork> },
}

/// The input for decoding the next batch of a column.
pub(crate) struct ColumnWork {
    pub(crate) range: RowRange,
    pub(crate) column: usize,
    pub(crate) selected: Selected,
    pub(crate) rows: usize,
    pub(crate) decoder: Option<ColumnDecoder>,
}

impl ColumnWork {
    /// Decodes a batch. Returns the decoder unless it is finished.
    pub(crate) fn decode_next(self) -> (Option<ColumnDecoder>, Result<ArrayRef>) {
        let start = || ColumnDecoder::start(&self.range, self.column, &self.selected, self.rows);
        let mut decoder = match self.decoder.map_or_else(start, Ok) {
            Ok(decoder) => decoder,
            Err(error) => return (None, Err(error)),
        };
        let array = decoder.next();
        ((decoder.left() > 0).then_some(decoder), array)
    }
}

/// The result of a step.
pub(crate) enum Outcome {
    Selected { number: u64, result: Result<Matches> },
    Decoded { number: u64, columns: Vec<(usize, Option<ColumnDecoder>, Result<ArrayRef>)> },
}

/// The state of the next batch.
pub(crate) enum Next {
    /// It is complete.
    Batch(Decoded),
    /// It is not complete yet.
    Unfinished,
    /// All opened row ranges are finished.
    Nothing,
}

/// The decoded columns of a batch, in the order of the source, and the number of rows.
pub(crate) struct Decoded {
    pub(crate) source: Arc<OpenFile>,
    pub(crate) columns: Vec<ArrayRef>,
    pub(crate) rows: usize,
    pub(crate) row_group: usize,
    /// The number of its first row in the row group, if all rows are decoded.
    pub(crate) first_row: usize,
}
