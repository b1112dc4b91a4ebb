//! The summary of one column while its batches come.

use super::found::ColumnSummary;
use super::kinds::measure;
use super::measure::Measure;
use super::tally::Tally;
use super::values::Values;
use crate::error::Result;
use crate::schema::{inner_fields, plain_type};
use crate::sketch::Sampler;
use crate::text::escaped;
use arrow::array::{Array, ArrayRef};
use arrow::datatypes::{DataType, Field, FieldRef};
use std::sync::Arc;

#[derive(Debug)]
pub(super) struct Column {
    /// The places of fields that lead to the column.
    pub(super) path: Vec<usize>,
    name: String,
    /// The field with the type of its values.
    field: FieldRef,
    nulls: u64,
    sampler: Sampler,
    measure: Option<Box<dyn Measure>>,
    tally: Option<Tally>,
}

impl Column {
    /// # Errors
    /// None in practice: only values that can be compared are counted.
    pub(super) fn try_new(name: String, path: Vec<usize>, field: &Field) -> Result<Self> {
        let data_type = match plain_type(field.data_type()) {
            DataType::Float16 => DataType::Float32,
            other => other.clone(),
        };
        let is_nested = !inner_fields(&data_type).is_empty();
        let tally = (!is_nested && data_type != DataType::Null).then(|| Tally::try_new(&data_type));
        Ok(Self {
            path,
            name,
            nulls: 0,
            sampler: Sampler::default(),
            measure: measure(&data_type),
            tally: tally.transpose()?,
            field: Arc::new(field.clone().with_data_type(data_type)),
        })
    }

    /// # Errors
    /// Values that Arrow cannot copy or compare.
    pub(super) fn add(&mut self, array: &ArrayRef) -> Result<()> {
        let named = |error: crate::error::Error, name: &str| {
            error.with(format_args!("column \"{}\"", escaped(name)))
        };
        self.add_array(array).map_err(|error| named(error, &self.name))
    }

    fn add_array(&mut self, array: &ArrayRef) -> Result<()> {
        if self.measure.is_none() && self.tally.is_none() {
            self.nulls += array.logical_null_count() as u64;
            return Ok(());
        }
        // Quantiles and sums depend on the order of the rows.
        let is_number = self.field.data_type().is_primitive();
        let values = Values::of(array, is_number)?;
        self.nulls += values.nulls;
        if values.array.is_empty() {
            return Ok(());
        }
        let picks = self.sampler.rows(values.rows());
        if let Some(measure) = &mut self.measure {
            measure.add(&values, &picks)?;
        }
        match &mut self.tally {
            Some(tally) => tally.add(&values, &picks),
            None => Ok(()),
        }
    }

    pub(super) fn finish(self, rows: u64) -> Result<ColumnSummary> {
        let mut found = ColumnSummary {
            name: self.name,
            field: self.field,
            rows,
            nulls: self.nulls,
            distinct: None,
            spread: None,
            ends: None,
            mean: None,
            deviation: None,
            nans: None,
            infinities: None,
            trues: None,
            lengths: None,
            top: None,
            histogram: None,
        };
        if let Some(measure) = &self.measure {
            measure.finish(&mut found)?;
        }
        if let Some(tally) = &self.tally {
            let (distinct, top) = tally.found()?;
            (found.distinct, found.top) = (Some(distinct), Some(top));
        }
        Ok(found)
    }
}
