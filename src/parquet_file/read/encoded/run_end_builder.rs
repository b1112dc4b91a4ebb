//! Run-end encoded output, built from runs of equal indices if the file has them.

use super::column_builder::{ColumnBuilder, check, failed};
use crate::batch::run_starts;
use arrow::array::{Array, ArrayRef, Int32Array, RunArray, UInt32Array, new_null_array};
use arrow::compute::{interleave, take};
use arrow::datatypes::DataType;
use parquet::errors::Result;
use std::sync::Arc;

/// Builds run-end encoded arrays.
pub(crate) struct RunEndBuilder {
    data_type: DataType,
    dictionary: Option<ArrayRef>,
    /// The arrays that runs take their values from: the dictionary first, then others.
    sources: Vec<ArrayRef>,
    ends: Vec<i32>,
    /// For each run its source and its index there; null has no source.
    values: Vec<Option<(usize, u32)>>,
    rows: usize,
}

impl RunEndBuilder {
    pub(crate) fn new(data_type: &DataType) -> Self {
        Self {
            data_type: data_type.clone(),
            dictionary: None,
            sources: Vec::new(),
            ends: Vec::new(),
            values: Vec::new(),
            rows: 0,
        }
    }

    /// The index of the dictionary among the sources, and its number of values.
    fn source(&mut self) -> (usize, usize) {
        let Some(dictionary) = &self.dictionary else { return (0, 0) };
        let is_last = self.sources.last().is_some_and(|last| Arc::ptr_eq(last, dictionary));
        if !is_last {
            self.sources.push(dictionary.clone());
        }
        (self.sources.len() - 1, dictionary.len())
    }

    fn push(&mut self, value: Option<(usize, u32)>, rows: usize) -> Result<()> {
        self.rows += rows;
        let too_long = |_| failed("more rows in a batch than run ends can count");
        let end = i32::try_from(self.rows).map_err(too_long)?;
        match (self.values.last(), self.ends.last_mut()) {
            (Some(last), Some(last_end)) if *last == value => *last_end = end,
            _ => {
                self.values.push(value);
                self.ends.push(end);
            }
        }
        Ok(())
    }

    fn run_values(&self) -> Result<ArrayRef> {
        if let [source] = &self.sources[..] {
            let places = self.values.iter().map(|value| value.map(|(_, place)| place));
            return Ok(take(source, &places.collect::<UInt32Array>(), None)?);
        }
        // The last source is a single null.
        let null = new_null_array(&self.data_type, 1);
        let sources: Vec<&dyn Array> =
            self.sources.iter().chain([&null]).map(|source| source.as_ref()).collect();
        let places: Vec<(usize, usize)> = self
            .values
            .iter()
            .map(|value| match value {
                Some((source, place)) => (*source, *place as usize),
                None => (sources.len() - 1, 0),
            })
            .collect();
        Ok(interleave(&sources, &places)?)
    }
}

impl ColumnBuilder for RunEndBuilder {
    fn set_dictionary(&mut self, values: ArrayRef) {
        self.dictionary = Some(values);
    }

    fn run(&mut self, index: u32, rows: usize) -> Result<()> {
        let (source, length) = self.source();
        check(&[index], length)?;
        self.push(Some((source, index)), rows)
    }

    fn indices(&mut self, indices: &[u32]) -> Result<()> {
        let (source, length) = self.source();
        check(indices, length)?;
        for equal in indices.chunk_by(|one, other| one == other) {
            self.push(Some((source, equal[0])), equal.len())?;
        }
        Ok(())
    }

    fn nulls(&mut self, rows: usize) -> Result<()> {
        self.push(None, rows)
    }

    fn array(&mut self, values: &ArrayRef) -> Result<()> {
        let starts = run_starts(values)?;
        let ends = starts.iter().skip(1).copied().chain([values.len()]);
        let source = self.sources.len();
        self.sources.push(values.clone());
        for (start, end) in starts.iter().zip(ends) {
            let value = values.is_valid(*start).then_some((source, *start as u32));
            self.push(value, end - start)?;
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<ArrayRef> {
        let values = self.run_values()?;
        let ends = Int32Array::from(std::mem::take(&mut self.ends));
        let runs = RunArray::try_new(&ends, &values)?;
        self.sources.clear();
        self.values.clear();
        self.rows = 0;
        Ok(Arc::new(runs))
    }
}
