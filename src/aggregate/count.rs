//! Numbers of rows and of values, and conditions that are true for all or for some rows.
//!
//! Of no values, `count` is 0 and `count_if` is null, as in DuckDB.

use super::accumulator::{Accumulator, Rows, StateField, grow};
use super::tally::Tally;
use crate::batch::vector_bytes;
use crate::error::Result;
use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Int64Array};
use arrow::datatypes::{DataType, Int64Type};
use std::ops::Range;
use std::sync::Arc;

/// Counts the rows of each group.
#[derive(Debug)]
pub(super) struct Counts {
    counted: Counted,
    counts: Tally,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Counted {
    Rows,
    Values,
}

impl Counts {
    pub(super) fn of_rows() -> Self {
        Self { counted: Counted::Rows, counts: Tally::default() }
    }

    pub(super) fn of_values() -> Self {
        Self { counted: Counted::Values, counts: Tally::default() }
    }
}

impl Accumulator for Counts {
    fn add(&mut self, rows: Rows<'_>) -> Result<()> {
        self.counts.grow(rows.count);
        let nulls = rows.arguments.first().and_then(|argument| argument.logical_nulls());
        let nulls = nulls.filter(|nulls| nulls.null_count() > 0);
        match (self.counted, nulls) {
            (Counted::Rows, _) | (Counted::Values, None) => {
                self.counts.add(rows.groups.iter().copied(), rows.groups.len());
            }
            (Counted::Values, Some(nulls)) => {
                let groups = nulls.valid_indices().map(|row| rows.groups[row]);
                self.counts.add(groups, nulls.len() - nulls.null_count());
            }
        }
        Ok(())
    }

    fn state_fields(&self) -> Vec<StateField> {
        vec![("count", DataType::Int64)]
    }

    fn merge(&mut self, states: Rows<'_>) -> Result<()> {
        self.counts.grow(states.count);
        let counts = states.arguments[0].as_primitive::<Int64Type>().values();
        self.counts.merge(states.groups, counts);
        Ok(())
    }

    fn finish(&mut self, count: usize) -> Result<()> {
        self.counts.grow(count);
        Ok(())
    }

    fn states(&self, groups: Range<usize>) -> Result<Vec<ArrayRef>> {
        Ok(vec![Arc::new(Int64Array::from(self.counts.values(groups)))])
    }

    fn values(&self, groups: Range<usize>) -> Result<ArrayRef> {
        Ok(Arc::new(Int64Array::from(self.counts.values(groups))))
    }

    fn bytes(&self) -> usize {
        self.counts.bytes()
    }
}

/// Whether a condition is true for all rows of a group, or for some.
#[derive(Debug)]
pub(super) struct Flags {
    /// The answer that decides.
    deciding: bool,
    answers: Vec<Option<bool>>,
}

impl Flags {
    pub(super) fn all() -> Self {
        Self { deciding: false, answers: Vec::new() }
    }

    pub(super) fn any() -> Self {
        Self { deciding: true, answers: Vec::new() }
    }
}

impl Accumulator for Flags {
    fn add(&mut self, rows: Rows<'_>) -> Result<()> {
        grow(&mut self.answers, rows.count, None);
        for (group, answer) in rows.groups.iter().zip(rows.arguments[0].as_boolean()) {
            let known = &mut self.answers[*group as usize];
            if answer.is_some() && *known != Some(self.deciding) {
                *known = answer;
            }
        }
        Ok(())
    }

    fn state_fields(&self) -> Vec<StateField> {
        vec![("value", DataType::Boolean)]
    }

    fn merge(&mut self, states: Rows<'_>) -> Result<()> {
        self.add(states)
    }

    fn finish(&mut self, count: usize) -> Result<()> {
        grow(&mut self.answers, count, None);
        Ok(())
    }

    fn states(&self, groups: Range<usize>) -> Result<Vec<ArrayRef>> {
        Ok(vec![self.values(groups)?])
    }

    fn values(&self, groups: Range<usize>) -> Result<ArrayRef> {
        Ok(Arc::new(self.answers[groups].iter().collect::<BooleanArray>()))
    }

    fn bytes(&self) -> usize {
        vector_bytes(&self.answers)
    }
}
