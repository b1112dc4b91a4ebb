//! Columns that hold the same value in every row of a file: partition columns, the file name, and
//! columns that the file lacks.

use super::encoded::output_encoding::OutputEncoding;
use crate::batch::with_keys;
use crate::error::{Error, Result};
use crate::expression::ColumnBounds;
use arrow::array::{Array, ArrayRef, Int32Array, RunArray, UInt32Array, new_null_array};
use arrow::compute::take;
use arrow::error::ArrowError;
use std::sync::{Arc, Mutex, PoisonError};

/// The value of a constant column, from which arrays of any length are made.
#[derive(Debug)]
pub(crate) struct Constant {
    /// One row, of the plain type.
    value: ArrayRef,
    is_null: bool,
    shape: OutputEncoding,
    /// The longest array made so far: shorter ones are slices of it.
    made: Mutex<Option<ArrayRef>>,
}

impl Constant {
    pub(crate) fn new(value: ArrayRef, shape: OutputEncoding) -> Self {
        // Arrays of type null have no validity bits.
        let is_null = value.logical_null_count() == value.len();
        Self { value, is_null, shape, made: Mutex::new(None) }
    }

    /// An array of `rows` rows.
    ///
    /// # Errors
    /// More rows than a run end can count.
    pub(crate) fn array(&self, rows: usize) -> Result<ArrayRef> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let array = match made.take().filter(|array| rows <= array.len()) {
            Some(array) => array,
            None => self
                .make(rows)
                .map_err(|e| Error::failed(format!("cannot make a constant column: {e}")))?,
        };
        let part = if array.len() == rows { array.clone() } else { array.slice(0, rows) };
        // A run is as quick to make as to slice.
        *made = (self.shape != OutputEncoding::Runs).then_some(array);
        Ok(part)
    }

    /// The bounds of `rows` rows, which are exact.
    pub(crate) fn bounds(&self, rows: u64) -> ColumnBounds {
        let bound =
            (!self.is_null && !self.value.data_type().is_nested()).then(|| self.value.clone());
        let null_count = Some(if self.is_null { rows } else { 0 });
        ColumnBounds { min: bound.clone(), max: bound, absent: None, null_count, rows }
    }

    /// The approximate size of a row.
    pub(crate) fn row_bytes(&self) -> usize {
        if self.shape != OutputEncoding::Plain {
            return 0;
        }
        self.value.to_data().get_slice_memory_size().unwrap_or_default()
    }

    fn make(&self, rows: usize) -> Result<ArrayRef, ArrowError> {
        match &self.shape {
            OutputEncoding::Plain if self.is_null => {
                Ok(new_null_array(self.value.data_type(), rows))
            }
            OutputEncoding::Plain => take(&self.value, &UInt32Array::from(vec![0; rows]), None),
            OutputEncoding::Runs => {
                let end = i32::try_from(rows).map_err(|_| ArrowError::RunEndIndexOverflowError)?;
                Ok(Arc::new(RunArray::try_new(&Int32Array::from(vec![end]), &self.value)?))
            }
            OutputEncoding::Dictionary(key) if self.is_null => {
                with_keys(&UInt32Array::new_null(rows), key, &self.value.slice(0, 0))
            }
            OutputEncoding::Dictionary(key) => {
                with_keys(&UInt32Array::from(vec![0; rows]), key, &self.value)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::expand;
    use arrow::array::StringArray;
    use arrow::datatypes::DataType;

    #[test]
    fn every_shape_represents_the_same_rows() {
        let value: ArrayRef = Arc::new(StringArray::from(vec!["train"]));
        let null: ArrayRef = Arc::new(StringArray::new_null(1));
        for value in [value, null] {
            for shape in [
                OutputEncoding::Plain,
                OutputEncoding::Runs,
                OutputEncoding::Dictionary(DataType::Int8),
            ] {
                let constant = Constant::new(value.clone(), shape);
                for rows in [3, 5, 1, 5] {
                    let plain = expand(&constant.array(rows).unwrap()).unwrap();
                    let expected = take(&value, &UInt32Array::from(vec![0; rows]), None).unwrap();
                    assert_eq!(&plain, &expected);
                }
            }
            let bounds = Constant::new(value.clone(), OutputEncoding::Plain).bounds(9);
            assert_eq!(bounds.null_count, Some(9 * value.null_count() as u64));
        }
    }
}
