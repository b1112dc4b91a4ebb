//! The columns of keys: their types, where they change, and their values there.

use super::runs;
use crate::batch::canonical::{cannot_compare, canonical};
use crate::error::{Error, Result};
use crate::text::escaped;
use arrow::array::{
    Array, ArrayRef, RecordBatch, UInt64Array, downcast_run_array, new_empty_array,
};
use arrow::buffer::BooleanBuffer;
use arrow::compute::take;
use arrow::datatypes::{DataType, Schema};
use arrow::row::{RowConverter, SortField};

/// One bit per row except the first: whether the columns may differ from the previous row.
pub(in crate::batch) fn changes(batch: &RecordBatch, columns: &[usize]) -> Result<BooleanBuffer> {
    let arrays: Vec<ArrayRef> =
        columns.iter().map(|column| batch.column(*column).clone()).collect();
    runs::changes(&arrays, batch.num_rows()).map_err(cannot_compare)
}

/// The values of the columns in the first row of each run.
pub(in crate::batch) fn arrays_at(
    batch: &RecordBatch,
    columns: &[usize],
    starts: &[usize],
) -> Result<Vec<ArrayRef>> {
    let mut arrays: Vec<ArrayRef> =
        columns.iter().map(|column| batch.column(*column).clone()).collect();
    if starts.len() == batch.num_rows() {
        return Ok(arrays);
    }
    let rows = UInt64Array::from_iter_values(starts.iter().map(|row| *row as u64));
    for array in &mut arrays {
        *array = match run_values(array).filter(|values| values.len() == starts.len()) {
            // Each run begins where a value changes, so the runs are the same.
            Some(values) if columns.len() == 1 => values,
            _ => take(array, &rows, None).map_err(cannot_compare)?,
        }
    }
    Ok(arrays)
}

/// The values of a run-end encoded array, one for each run.
fn run_values(array: &ArrayRef) -> Option<ArrayRef> {
    downcast_run_array!(array => Some(array.values_slice()), _ => None)
}

/// The columns as fields of the row format.
///
/// # Errors
/// A column whose type cannot be compared, or that does not exist.
pub(super) fn key_fields(schema: &Schema, columns: &[usize]) -> Result<Vec<SortField>> {
    columns.iter().map(|column| key_field(schema, *column)).collect()
}

fn key_field(schema: &Schema, column: usize) -> Result<SortField> {
    let field = schema.fields().get(column).ok_or_else(|| {
        Error::usage(format!("no column {column}: there are {}", schema.fields().len()))
    })?;
    let (name, data_type) = (escaped(field.name()), field.data_type());
    plain_type(schema, column)
        .map(SortField::new)
        .filter(|key| RowConverter::supports_fields(std::slice::from_ref(key)))
        .ok_or_else(|| {
            Error::usage(format!("cannot group by column \"{name}\": its type is {data_type}"))
        })
}

/// The type of a column's values in their canonical representation.
pub(super) fn plain_type(schema: &Schema, column: usize) -> Option<DataType> {
    let empty = canonical(&new_empty_array(schema.field(column).data_type())).ok()?;
    Some(empty.data_type().clone())
}
