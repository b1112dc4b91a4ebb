//! The offsets of lists that are read.

use crate::error::Result;
use arrow::array::{
    ArrayRef, FixedSizeListArray, LargeListArray, LargeListViewArray, ListArray, ListViewArray,
    NullBufferBuilder,
};
use arrow::buffer::{OffsetBuffer, ScalarBuffer};
use arrow::datatypes::DataType;
use arrow::error::ArrowError;
use std::sync::Arc;

/// The length of each list, and which ones are null.
pub(crate) struct Lists {
    pub(crate) lengths: Vec<usize>,
    pub(crate) valid: NullBufferBuilder,
}

impl Lists {
    pub(crate) fn append(&mut self, length: usize, is_valid: bool) {
        self.lengths.push(length);
        self.valid.append(is_valid);
    }

    pub(crate) fn finish(
        &mut self,
        data_type: &DataType,
        items: ArrayRef,
    ) -> Result<ArrayRef, ArrowError> {
        let rows = self.lengths.len();
        Ok(match data_type {
            DataType::LargeList(field) => {
                let (offsets, nulls) = self.offsets();
                Arc::new(LargeListArray::try_new(field.clone(), offsets, items, nulls)?)
            }
            DataType::FixedSizeList(field, length) => {
                let (_, nulls) = self.offsets::<i32>();
                let field = field.clone();
                let array =
                    FixedSizeListArray::try_new_with_length(field, *length, items, nulls, rows)?;
                Arc::new(array)
            }
            DataType::ListView(field) => {
                let sizes: ScalarBuffer<i32> = self.lengths.iter().map(|n| *n as i32).collect();
                let (offsets, nulls) = self.offsets::<i32>();
                let starts = ScalarBuffer::from(offsets[..rows].to_vec());
                Arc::new(ListViewArray::try_new(field.clone(), starts, sizes, items, nulls)?)
            }
            DataType::LargeListView(field) => {
                let sizes: ScalarBuffer<i64> = self.lengths.iter().map(|n| *n as i64).collect();
                let (offsets, nulls) = self.offsets::<i64>();
                let starts = ScalarBuffer::from(offsets[..rows].to_vec());
                Arc::new(LargeListViewArray::try_new(field.clone(), starts, sizes, items, nulls)?)
            }
            DataType::List(field) => {
                let (offsets, nulls) = self.offsets();
                Arc::new(ListArray::try_new(field.clone(), offsets, items, nulls)?)
            }
            other => return Err(ArrowError::SchemaError(format!("{other} is not a list"))),
        })
    }

    pub(crate) fn offsets<O: arrow::array::OffsetSizeTrait>(
        &mut self,
    ) -> (OffsetBuffer<O>, Option<arrow::buffer::NullBuffer>) {
        (OffsetBuffer::from_lengths(std::mem::take(&mut self.lengths)), self.valid.finish())
    }
}
