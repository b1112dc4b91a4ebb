//! Numbers of rows and of values, and conditions that are true for all or for some rows.
//!
//! Of no values, `count` is 0 and `count_if` is null, as in DuckDB.

use super::accumulator::{Accumulator, Rows, StateField, grow};
use crate::error::Result;
use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Int64Array};
use arrow::datatypes::{DataType, Int64Type};
use std::ops::Range;
use std::sync::Arc;

/// Counts the rows of each group.
#[derive(Debug)]
pub(super) struct Counts {
    counted: Counted,
    counts: Vec<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Counted {
    Rows,
    Values,
}

impl Counts {
    pub(super) fn of_rows() -> Self {
        Self { counted: Counted::Rows, counts: Vec::new() }
    }

    pub(super) fn of_values() -> Self {
        Self { counted: Counted::Values, counts: Vec::new() }
    }
}

impl Accumulator for Counts {
    fn add(&mut self, rows: Rows<'_>) -> Result<()> {
        grow(&mut self.counts, rows.count, 0);
        let nulls = rows.arguments.first().and_then(|argument| argument.logical_nulls());
        let nulls = nulls.filter(|nulls| nulls.null_count() > 0);
        match (self.counted, nulls) {
            (Counted::Rows, _) | (Counted::Values, None) => {
                for group in rows.groups {
                    self.counts[*group as usize] += 1;
                }
            }
            (Counted::Values, Some(nulls)) => {
                for (group, is_valid) in rows.groups.iter().zip(&nulls) {
                    self.counts[*group as usize] += i64::from(is_valid);
                }
            }
        }
        Ok(())
    }

    fn state_fields(&self) -> Vec<StateField> {
        vec![("count", DataType::Int64)]
    }

    fn merge(&mut self, states: Rows<'_>) -> Result<()> {
        grow(&mut self.counts, states.count, 0);
        let counts = states.arguments[0].as_primitive::<Int64Type>().values();
        for (group, count) in states.groups.iter().zip(counts) {
            self.counts[*group as usize] += count;
        }
        Ok(())
    }

    fn finish(&mut self, count: usize) -> Result<()> {
        grow(&mut self.counts, count, 0);
        Ok(())
    }

    fn states(&self, groups: Range<usize>) -> Result<Vec<ArrayRef>> {
        Ok(vec![Arc::new(Int64Array::from(self.counts[groups].to_vec()))])
    }

    fn values(&self, groups: Range<usize>) -> Result<ArrayRef> {
        Ok(Arc::new(Int64Array::from(self.counts[groups].to_vec())))
    }

    fn bytes(&self) -> usize {
        self.counts.capacity() * size_of::<i64>()
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
        self.answers.capacity()
    }
}
