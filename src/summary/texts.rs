//! Texts and bytes: the smallest and the largest, and lengths.

use super::failure::failed;
use super::found::ColumnSummary;
use super::lengths::LengthsSoFar;
use super::measure::Measure;
use super::values::Values;
use crate::error::Result;
use crate::sketch::{Pick, each_bytes};
use arrow::array::{ArrayRef, BinaryArray, StringArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use std::sync::Arc;

#[derive(Debug)]
pub(super) struct Texts {
    data_type: DataType,
    ends: Option<(Vec<u8>, Vec<u8>)>,
    lengths: LengthsSoFar,
}

impl Texts {
    pub(super) fn new(data_type: &DataType) -> Self {
        Self { data_type: data_type.clone(), ends: None, lengths: LengthsSoFar::default() }
    }
}

impl Measure for Texts {
    fn add(&mut self, values: &Values, _: &[Pick]) -> Result<()> {
        let is_text = self.data_type.is_string();
        let mut weights = values.weights();
        each_bytes(&values.array, &mut |_, bytes| {
            let length = if is_text { characters(bytes) } else { bytes.len() };
            self.lengths.add(length as u64, weights.next().unwrap_or(1));
            match &mut self.ends {
                None => self.ends = Some((bytes.to_vec(), bytes.to_vec())),
                Some((least, _)) if bytes < least.as_slice() => bytes.clone_into(least),
                Some((_, most)) if most.as_slice() < bytes => bytes.clone_into(most),
                Some(_) => {}
            }
        });
        Ok(())
    }

    fn finish(&self, found: &mut ColumnSummary) -> Result<()> {
        let is_text = self.data_type.is_string();
        found.lengths = self.lengths.found(if is_text { "characters" } else { "bytes" });
        let Some((least, most)) = &self.ends else { return Ok(()) };
        let ends: ArrayRef = if is_text {
            let ends = [least, most].map(|end| String::from_utf8_lossy(end).into_owned());
            Arc::new(StringArray::from(ends.to_vec()))
        } else {
            Arc::new(BinaryArray::from_vec(vec![least, most]))
        };
        found.ends = Some(cast(&ends, &self.data_type).map_err(failed)?);
        Ok(())
    }
}

/// The number of characters of UTF-8: bytes that do not continue one.
fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xc0 != 0x80).count()
}
