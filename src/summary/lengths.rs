//! Lengths of values.

use super::failure::failed;
use super::found::{ColumnSummary, Lengths};
use super::measure::Measure;
use super::values::Values;
use crate::error::Result;
use crate::sketch::Pick;
use arrow::array::AsArray;
use arrow::compute::cast;
use arrow::compute::kernels::length::length;
use arrow::datatypes::{DataType, Int64Type};

/// The shortest, the longest and the sum of lengths.
#[derive(Debug, Default)]
pub(super) struct LengthsSoFar {
    ends: Option<(u64, u64)>,
    sum: f64,
    rows: u64,
}

impl LengthsSoFar {
    pub(super) fn add(&mut self, length: u64, rows: u64) {
        let (shortest, longest) = self.ends.unwrap_or((length, length));
        self.ends = Some((shortest.min(length), longest.max(length)));
        self.sum += length as f64 * rows as f64;
        self.rows += rows;
    }

    pub(super) fn found(&self, unit: &'static str) -> Option<Lengths> {
        let (shortest, longest) = self.ends?;
        Some(Lengths { shortest, mean: self.sum / self.rows as f64, longest, unit })
    }
}

/// The lengths of lists and maps.
#[derive(Debug, Default)]
pub(super) struct ListLengths(LengthsSoFar);

impl Measure for ListLengths {
    fn add(&mut self, values: &Values, _: &[Pick]) -> Result<()> {
        let lengths = match values.array.data_type() {
            DataType::Map(..) => {
                let offsets = values.array.as_map().offsets();
                offsets.lengths().map(|length| length as u64).collect()
            }
            _ => {
                let lengths = length(&values.array).map_err(failed)?;
                let lengths = cast(&lengths, &DataType::Int64).map_err(failed)?;
                let lengths = lengths.as_primitive::<Int64Type>().values().iter();
                lengths.map(|length| *length as u64).collect::<Vec<_>>()
            }
        };
        for (length, rows) in lengths.into_iter().zip(values.weights()) {
            self.0.add(length, rows);
        }
        Ok(())
    }

    fn finish(&self, found: &mut ColumnSummary) -> Result<()> {
        found.lengths = self.0.found("elements");
        Ok(())
    }
}
