//! The offsets of lists and maps that are read.

use crate::error::Result;
use arrow::array::{Array, ArrayData, ArrayRef, NullBufferBuilder, OffsetSizeTrait, make_array};
use arrow::buffer::{Buffer, OffsetBuffer};
use arrow::datatypes::DataType;
use arrow::error::ArrowError;

/// The length of each list or map, and which ones are null.
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
        let list = ArrayData::builder(data_type.clone()).len(self.lengths.len());
        let sizes = self.lengths.iter();
        let buffers = match data_type {
            DataType::FixedSizeList(..) => vec![],
            DataType::List(_) | DataType::Map(..) => vec![self.starts::<i32>()],
            DataType::LargeList(_) => vec![self.starts::<i64>()],
            DataType::ListView(_) => {
                vec![self.starts::<i32>(), sizes.map(|size| *size as i32).collect()]
            }
            DataType::LargeListView(_) => {
                vec![self.starts::<i64>(), sizes.map(|size| *size as i64).collect()]
            }
            other => return Err(ArrowError::SchemaError(format!("{other} is not a list"))),
        };
        self.lengths.clear();
        let list = list.buffers(buffers).nulls(self.valid.finish());
        list.child_data(vec![items.into_data()]).build().map(make_array)
    }

    fn starts<O: OffsetSizeTrait>(&self) -> Buffer {
        OffsetBuffer::<O>::from_lengths(self.lengths.iter().copied()).into_inner().into_inner()
    }
}
