//! Plain output of values of fixed width: runs are filled, indices are gathered from the
//! dictionary.

use super::column_builder::{ColumnBuilder, check};
use arrow::array::{Array, ArrayData, ArrayRef, NullBufferBuilder, make_array};
use arrow::buffer::{Buffer, ScalarBuffer};
use arrow::datatypes::{ArrowNativeType, DataType};
use parquet::errors::{ParquetError, Result};
use std::iter::repeat_n;

/// Builds plain arrays from values of one width.
pub(crate) struct PlainBuilder<N: ArrowNativeType> {
    data_type: DataType,
    dictionary: ScalarBuffer<N>,
    values: Vec<N>,
    nulls: NullBufferBuilder,
    /// The number of rows in the last array, used as the capacity of the next.
    rows: usize,
}

impl<N: ArrowNativeType> PlainBuilder<N> {
    pub(crate) fn new(data_type: &DataType) -> Self {
        Self {
            data_type: data_type.clone(),
            dictionary: Vec::new().into(),
            values: Vec::new(),
            nulls: NullBufferBuilder::new(0),
            rows: 0,
        }
    }
}

impl PlainBuilder<u64> {
    /// Whether values of the type have a supported width.
    pub(crate) fn suits(data_type: &DataType) -> bool {
        // Intervals are structures, whose memory layout may differ from numbers of their width.
        matches!(data_type.primitive_width(), Some(4 | 8))
            && !matches!(data_type, DataType::Interval(_))
    }
}

impl<N: ArrowNativeType> ColumnBuilder for PlainBuilder<N> {
    fn set_dictionary(&mut self, values: ArrayRef) {
        self.dictionary = typed(&values);
    }

    fn run(&mut self, index: u32, rows: usize) -> Result<()> {
        check(&[index], self.dictionary.len())?;
        self.values.extend(repeat_n(self.dictionary[index as usize], rows));
        self.nulls.append_n_non_nulls(rows);
        Ok(())
    }

    fn indices(&mut self, indices: &[u32]) -> Result<()> {
        check(indices, self.dictionary.len())?;
        let dictionary = &self.dictionary[..];
        self.values.extend(indices.iter().map(|index| dictionary[*index as usize]));
        self.nulls.append_n_non_nulls(indices.len());
        Ok(())
    }

    fn nulls(&mut self, rows: usize) -> Result<()> {
        self.values.extend(repeat_n(N::default(), rows));
        self.nulls.append_n_nulls(rows);
        Ok(())
    }

    fn array(&mut self, values: &ArrayRef) -> Result<()> {
        self.values.extend_from_slice(&typed(values));
        match values.nulls() {
            Some(nulls) => self.nulls.append_buffer(nulls),
            None => self.nulls.append_n_non_nulls(values.len()),
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<ArrayRef> {
        let rows = self.values.len();
        let next = Vec::with_capacity(if self.rows == 0 { rows } else { self.rows });
        self.rows = rows;
        let values = Buffer::from_vec(std::mem::replace(&mut self.values, next));
        let data = ArrayData::builder(self.data_type.clone())
            .len(rows)
            .add_buffer(values)
            .nulls(self.nulls.finish())
            .build()
            .map_err(ParquetError::from)?;
        Ok(make_array(data))
    }
}

fn typed<N: ArrowNativeType>(values: &ArrayRef) -> ScalarBuffer<N> {
    let data = values.to_data();
    match data.buffers().first() {
        Some(buffer) => ScalarBuffer::new(buffer.clone(), data.offset(), data.len()),
        None => Vec::new().into(),
    }
}
