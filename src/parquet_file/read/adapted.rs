//! Values of a file as the type of the dataset column.

use crate::error::{Error, Result};
use crate::schema::convert;
use arrow::array::{Array, ArrayRef};
use arrow::datatypes::DataType;

/// Converts values of a file to the type of the dataset column.
///
/// # Errors
/// A value that the wider type cannot hold.
pub(crate) fn adapted(array: ArrayRef, to: &DataType) -> Result<ArrayRef> {
    if array.data_type() == to {
        return Ok(array);
    }
    convert(&array, to)
        .map_err(|cause| Error::failed(format!("a value does not fit {to}: {cause}")))
}
