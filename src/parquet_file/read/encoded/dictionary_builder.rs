//! Dictionary-encoded output, with the dictionary of the file if it has one.

use super::column_builder::{ColumnBuilder, check};
use crate::batch::{dictionary_of, with_keys};
use arrow::array::{Array, ArrayRef, NullBufferBuilder, UInt32Array, new_empty_array};
use arrow::compute::{concat, take};
use arrow::datatypes::DataType;
use parquet::errors::Result;
use std::iter::repeat_n;

/// Builds dictionary-encoded arrays.
pub(crate) struct DictionaryBuilder {
    key: DataType,
    dictionary: ArrayRef,
    keys: Vec<u32>,
    nulls: NullBufferBuilder,
    /// Rows of this batch without a dictionary: then the whole batch gets its own dictionary.
    plain: Vec<ArrayRef>,
}

impl DictionaryBuilder {
    pub(crate) fn new(key: &DataType, values: &DataType) -> Self {
        Self {
            key: key.clone(),
            dictionary: new_empty_array(values),
            keys: Vec::new(),
            nulls: NullBufferBuilder::new(0),
            plain: Vec::new(),
        }
    }

    fn take_keys(&mut self) -> UInt32Array {
        UInt32Array::new(std::mem::take(&mut self.keys).into(), self.nulls.finish())
    }

    /// Moves the rows so far to `plain`, as plain values.
    fn flush(&mut self) -> Result<()> {
        if !self.keys.is_empty() {
            let keys = self.take_keys();
            check(keys.values(), self.dictionary.len())?;
            self.plain.push(take(&self.dictionary, &keys, None)?);
        }
        Ok(())
    }
}

impl ColumnBuilder for DictionaryBuilder {
    fn set_dictionary(&mut self, values: ArrayRef) {
        self.dictionary = values;
    }

    fn run(&mut self, index: u32, rows: usize) -> Result<()> {
        self.keys.extend(repeat_n(index, rows));
        self.nulls.append_n_non_nulls(rows);
        Ok(())
    }

    fn indices(&mut self, indices: &[u32]) -> Result<()> {
        self.keys.extend_from_slice(indices);
        self.nulls.append_n_non_nulls(indices.len());
        Ok(())
    }

    fn nulls(&mut self, rows: usize) -> Result<()> {
        self.keys.extend(repeat_n(0, rows));
        self.nulls.append_n_nulls(rows);
        Ok(())
    }

    fn array(&mut self, values: &ArrayRef) -> Result<()> {
        self.flush()?;
        self.plain.push(values.clone());
        Ok(())
    }

    fn finish(&mut self) -> Result<ArrayRef> {
        if self.plain.is_empty() {
            let keys = self.take_keys();
            // Every key is compared with the length of the dictionary there, once.
            return with_keys(&keys, &self.key, &self.dictionary).or_else(|error| {
                check(keys.values(), self.dictionary.len())?;
                Err(error.into())
            });
        }
        self.flush()?;
        let plain: Vec<&dyn Array> = self.plain.iter().map(|part| part.as_ref()).collect();
        let plain = concat(&plain)?;
        self.plain.clear();
        Ok(dictionary_of(&plain, &self.key)?)
    }
}
