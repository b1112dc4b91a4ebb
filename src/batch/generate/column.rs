//! The values of one made-up column, batch after batch.

use super::kind::{Element, Range};
use super::random::Random;
use arrow::array::{ArrayRef, Int64Array};
use arrow::error::ArrowError;
use std::sync::Arc;

/// A column that knows how to go on.
#[derive(Debug)]
pub(super) enum Column {
    /// Counts through a range again and again, each value `repeat` times in a row.
    Range { start: i64, length: u64, repeat: u64 },
    /// Draws values.
    Random(Random),
}

impl Column {
    /// A range whose every value comes `repeat` times.
    pub(super) fn range(range: &Range, repeat: u128) -> Self {
        // Only a table that is empty for another range may have more; it is never filled.
        let clamped = |number: u128| u64::try_from(number).unwrap_or(u64::MAX);
        Self::Range { start: range.start, length: clamped(range.length()), repeat: clamped(repeat) }
    }

    pub(super) fn random(element: &Element, values_seed: u64, nulls_seed: u64) -> Self {
        Self::Random(Random::new(element, values_seed, nulls_seed))
    }

    /// The next `rows` values; they are those of the table's rows from `first_row` on.
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
        // Two's complement: right even where the length is beyond Int64.
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
