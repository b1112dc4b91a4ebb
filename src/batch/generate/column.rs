//! The values of one generated column, batch after batch.

use super::kind::Range;
use super::random::Random;
use arrow::array::{ArrayRef, Int64Array};
use arrow::error::ArrowError;
use std::sync::Arc;

/// A generated column with its state.
#[derive(Debug)]
pub(super) enum Column {
    /// Counts through a range repeatedly, with each value `repeat` times in a row.
    Range { start: i64, length: u64, repeat: u64 },
    /// Generates random values.
    Random(Random),
}

impl Column {
    /// A range in which every value occurs `repeat` times.
    pub(super) fn range(range: &Range, repeat: u128) -> Self {
        // Only a table that is empty because of another range can have more; it is never filled.
        let clamped = |number: u128| u64::try_from(number).unwrap_or(u64::MAX);
        Self::Range { start: range.start, length: clamped(range.length()), repeat: clamped(repeat) }
    }

    /// The next `rows` values, for the rows of the table starting at `first_row`.
    pub(super) fn fill(&mut self, first_row: u64, rows: usize) -> Result<ArrayRef, ArrowError> {
        match self {
            Self::Range { start, length, repeat } => {
                Ok(Arc::new(Int64Array::from(range(*start, *length, *repeat, first_row, rows))))
            }
            Self::Random(random) => random.fill(rows),
        }
    }
}

fn range(start: i64, length: u64, repeat: u64, first_row: u64, rows: usize) -> Vec<i64> {
    let mut values = Vec::with_capacity(rows);
    let mut step = first_row / repeat % length;
    let mut left = repeat - first_row % repeat;
    while values.len() < rows {
        // Two's complement: correct even if the length exceeds Int64.
        let value = start.wrapping_add(step as i64);
        let missing = (rows - values.len()) as u64;
        if repeat == 1 {
            let count = missing.min(length - step) as i64;
            values.extend((0..count).map(|more| value.wrapping_add(more)));
            step = 0;
        } else {
            values.resize(values.len() + missing.min(left) as usize, value);
            left = repeat;
            step = if step + 1 == length { 0 } else { step + 1 };
        }
    }
    values
}
