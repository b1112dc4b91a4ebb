//! Estimated numbers of distinct values.

use super::accumulator::{Accumulator, Rows, StateField};
use crate::error::Result;
use crate::sketch::{Distinct, Hashes};
use arrow::array::{ArrayRef, AsArray, BinaryArray, Int64Array};
use arrow::datatypes::DataType;
use std::ops::Range;
use std::sync::Arc;

/// The binary digits of the most counters of a group: 4 KiB, and an error of 1.6 %.
const DIGITS: u8 = 12;

/// The number of distinct values of each group that are not null, estimated.
#[derive(Debug)]
pub(super) struct DistinctEstimates {
    hashes: Hashes,
    groups: Vec<Distinct>,
    bytes: usize,
}

impl DistinctEstimates {
    /// # Errors
    /// A type that cannot be compared.
    pub(super) fn try_new(data_type: &DataType) -> Result<Self> {
        Ok(Self { hashes: Hashes::try_new(data_type)?, groups: Vec::new(), bytes: 0 })
    }

    fn grow(&mut self, count: usize) -> Result<()> {
        while self.groups.len() < count {
            let group = Distinct::try_new(DIGITS)?;
            self.bytes += size_of::<Distinct>() + group.bytes();
            self.groups.push(group);
        }
        Ok(())
    }
}

impl Accumulator for DistinctEstimates {
    fn add(&mut self, rows: Rows<'_>) -> Result<()> {
        self.grow(rows.count)?;
        let (groups, bytes) = (&mut self.groups, &mut self.bytes);
        self.hashes.each(&rows.arguments[0], |row, value| {
            let group = &mut groups[rows.groups[row] as usize];
            let before = group.bytes();
            group.add(value);
            *bytes = *bytes + group.bytes() - before;
        })
    }

    fn state_fields(&self) -> Vec<StateField> {
        vec![("sketch", DataType::Binary)]
    }

    fn merge(&mut self, states: Rows<'_>) -> Result<()> {
        self.grow(states.count)?;
        let sketches = states.arguments[0].as_binary::<i32>();
        for (group, sketch) in states.groups.iter().zip(sketches) {
            let group = &mut self.groups[*group as usize];
            let before = group.bytes();
            sketch.map_or(Ok(()), |sketch| group.merge(sketch))?;
            self.bytes = self.bytes + group.bytes() - before;
        }
        Ok(())
    }

    fn finish(&mut self, count: usize) -> Result<()> {
        self.grow(count)
    }

    fn states(&self, groups: Range<usize>) -> Result<Vec<ArrayRef>> {
        let states = self.groups[groups].iter().map(Distinct::state);
        Ok(vec![Arc::new(BinaryArray::from_iter_values(states))])
    }

    fn values(&self, groups: Range<usize>) -> Result<ArrayRef> {
        let counts = self.groups[groups].iter().map(|group| group.count() as i64);
        Ok(Arc::new(Int64Array::from_iter_values(counts)))
    }

    fn bytes(&self) -> usize {
        self.bytes
    }
}
