//! A value that cannot be converted, and its position.

use crate::error::Error;
use arrow::array::ArrayData;
use arrow::datatypes::DataType;

/// An error in one value, by its index among the rows of an array.
pub(crate) struct ValueError {
    pub(crate) place: usize,
    pub(crate) what: String,
}

impl ValueError {
    /// The error message, if the first row of the array has this number.
    pub(crate) fn at(self, first_row: usize) -> Error {
        Error::failed(format!("row {}: {}", first_row + self.place, self.what))
    }

    pub(crate) fn new(place: usize, what: String) -> Self {
        Self { place, what }
    }
}

/// Moves the error to the row of the parent array that contains the child value at `error.place`.
pub(crate) fn parent_row(parent: &ArrayData, error: ValueError) -> ValueError {
    let place = match parent.data_type() {
        DataType::List(_) | DataType::Map(..) | DataType::ListView(_) => {
            let offsets = parent.buffers()[0].typed_data::<i32>();
            offsets.partition_point(|offset| *offset as usize <= error.place).saturating_sub(1)
        }
        DataType::LargeList(_) | DataType::LargeListView(_) => {
            let offsets = parent.buffers()[0].typed_data::<i64>();
            offsets.partition_point(|offset| *offset as usize <= error.place).saturating_sub(1)
        }
        DataType::FixedSizeList(_, size) => {
            error.place / usize::try_from(*size).unwrap_or(1).max(1)
        }
        _ => error.place,
    };
    ValueError { place, ..error }
}
