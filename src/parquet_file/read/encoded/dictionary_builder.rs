//! Dictionary-encoded output, with the dictionary of the file if it has one.

use super::column_builder::{ColumnBuilder, check};
use crate::batch::{dictionary_of, with_keys};
use crate::io::dictionary_array;
use arrow::array::{
    Array, ArrayRef, NullBufferBuilder, PrimitiveArray, UInt32Array, new_empty_array,
};
use arrow::compute::{concat, take};
use arrow::datatypes::{ArrowDictionaryKeyType, ArrowNativeType, DataType};
use parquet::errors::Result;
use std::iter::repeat_n;
use std::sync::Arc;

/// Builds dictionary-encoded arrays with keys of type `K`.
pub(crate) struct DictionaryBuilder<K: ArrowDictionaryKeyType> {
    dictionary: ArrayRef,
    /// Indices of the file, cut to the width of keys; `most` says whether they fit.
    keys: Vec<K::Native>,
    /// The largest index.
    most: u32,
    nulls: NullBufferBuilder,
    /// Rows of this batch without a dictionary: then the whole batch gets its own dictionary.
    plain: Vec<ArrayRef>,
    /// The number of keys in the last array, used as the capacity of the next.
    rows: usize,
}

impl<K: ArrowDictionaryKeyType> DictionaryBuilder<K> {
    pub(crate) fn new(values: &DataType) -> Self {
        Self {
            dictionary: new_empty_array(values),
            keys: Vec::new(),
            most: 0,
            nulls: NullBufferBuilder::new(0),
            plain: Vec::new(),
            rows: 0,
        }
    }

    /// The rows so far, as keys of the dictionary.
    fn take_keys(&mut self) -> Result<PrimitiveArray<K>> {
        let next = Vec::with_capacity(if self.rows == 0 { self.keys.len() } else { self.rows });
        self.rows = self.keys.len();
        let keys = std::mem::replace(&mut self.keys, next);
        let keys = PrimitiveArray::new(keys.into(), self.nulls.finish());
        let most = std::mem::take(&mut self.most);
        if keys.null_count() < keys.len() {
            check(&[most], self.dictionary.len())?;
            // An index that fits the dictionary, but not the key, is an error there.
            if K::Native::usize_as(most as usize).to_usize() != Some(most as usize) {
                with_keys(&UInt32Array::from(vec![most]), &K::DATA_TYPE, &self.dictionary)?;
            }
        }
        Ok(keys)
    }

    /// Moves the rows so far to `plain`, as plain values.
    fn flush(&mut self) -> Result<()> {
        if !self.keys.is_empty() {
            let keys = self.take_keys()?;
            self.plain.push(take(&self.dictionary, &keys, None)?);
        }
        Ok(())
    }
}

impl<K: ArrowDictionaryKeyType> ColumnBuilder for DictionaryBuilder<K> {
    fn set_dictionary(&mut self, values: ArrayRef) {
        self.dictionary = values;
    }

    fn run(&mut self, index: u32, rows: usize) -> Result<()> {
        self.most = self.most.max(index);
        self.keys.extend(repeat_n(K::Native::usize_as(index as usize), rows));
        self.nulls.append_n_non_nulls(rows);
        Ok(())
    }

    fn indices(&mut self, indices: &[u32]) -> Result<()> {
        self.most = indices.iter().copied().fold(self.most, u32::max);
        self.keys.extend(indices.iter().map(|index| K::Native::usize_as(*index as usize)));
        self.nulls.append_n_non_nulls(indices.len());
        Ok(())
    }

    fn nulls(&mut self, rows: usize) -> Result<()> {
        self.keys.extend(repeat_n(K::default_value(), rows));
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
            let keys = self.take_keys()?;
            return Ok(Arc::new(dictionary_array(keys, self.dictionary.clone())?));
        }
        self.flush()?;
        let plain: Vec<&dyn Array> = self.plain.iter().map(|part| part.as_ref()).collect();
        let plain = concat(&plain)?;
        self.plain.clear();
        Ok(dictionary_of(&plain, &K::DATA_TYPE)?)
    }
}
