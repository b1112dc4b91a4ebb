//! The most frequent values of groups; the first of several.

use super::accumulator::{Accumulator, Rows, StateField, failed};
use super::collected::{Collected, unnested};
use super::distinct::{GroupedValues, group_schema};
use crate::batch::vector_bytes;
use crate::error::Result;
use arrow::array::{Array, ArrayRef, AsArray, Int64Array, UInt64Array};
use arrow::compute::take;
use arrow::datatypes::{DataType, Int64Type};
use std::ops::Range;
use std::sync::Arc;

/// The distinct values of each group, with their numbers of rows.
#[derive(Debug)]
pub(super) struct Modes {
    data_type: DataType,
    values: GroupedValues,
    counts: Vec<i64>,
    /// The distinct values by group, once all are there.
    collected: Collected,
}

impl Modes {
    pub(super) fn try_new(data_type: &DataType) -> Result<Self> {
        let types = std::slice::from_ref(data_type);
        let collected = Collected::new(&[data_type.clone(), DataType::Int64]);
        let values = GroupedValues::try_new(&group_schema(types))?;
        Ok(Self { data_type: data_type.clone(), values, counts: Vec::new(), collected })
    }

    fn count(&mut self, rows: Rows<'_>, counts: &dyn Fn(usize) -> i64) -> Result<()> {
        let nulls = rows.arguments[0].logical_nulls();
        for (row, number) in self.values.number(rows)?.into_iter().enumerate() {
            let number = number as usize;
            self.counts.resize(self.counts.len().max(number + 1), 0);
            if nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row)) {
                self.counts[number] += counts(row);
            }
        }
        Ok(())
    }
}

impl Accumulator for Modes {
    fn add(&mut self, rows: Rows<'_>) -> Result<()> {
        self.count(rows, &|_| 1)
    }

    fn state_fields(&self) -> Vec<StateField> {
        self.collected.list_fields()
    }

    fn merge(&mut self, states: Rows<'_>) -> Result<()> {
        let (groups, arrays) = unnested(states)?;
        let counts = arrays[1].as_primitive::<Int64Type>().clone();
        let rows = Rows { groups: &groups, count: states.count, arguments: &arrays[..1] };
        self.count(rows, &|row| counts.value(row))
    }

    fn finish(&mut self, count: usize) -> Result<()> {
        let (groups, mut arrays) = self.values.all()?;
        arrays.push(Arc::new(Int64Array::from(self.counts.clone())));
        self.collected = Collected::new(&[self.data_type.clone(), DataType::Int64]);
        self.collected.add(&groups, &arrays, |row| self.counts[row] > 0)?;
        self.collected.finish(count);
        Ok(())
    }

    fn states(&self, groups: Range<usize>) -> Result<Vec<ArrayRef>> {
        self.collected.lists(groups)
    }

    fn values(&self, groups: Range<usize>) -> Result<ArrayRef> {
        let (arrays, lengths) = self.collected.rows(groups)?;
        let counts = arrays[1].as_primitive::<Int64Type>().values();
        let mut start = 0;
        let row = |length: &usize| {
            let rows = start..start + length;
            start += length;
            // Of equal ones, `max_by_key` would return the last.
            rows.rev().max_by_key(|row| counts[*row]).map(|row| row as u64)
        };
        let rows: UInt64Array = lengths.iter().map(row).collect();
        take(&arrays[0], &rows, None).map_err(failed)
    }

    fn bytes(&self) -> usize {
        self.values.bytes() + vector_bytes(&self.counts) + self.collected.bytes()
    }
}
