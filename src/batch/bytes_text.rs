//! Unvalidated text: text columns read as binary.
//!
//! Validating UTF-8 means checking every byte, which takes as long as everything else in reading a
//! batch. If a filter keeps only some rows of a batch, only those need the check.

use crate::error::{Error, Result};
use crate::schema::{map_types, rebuild, with_type};
use crate::text::escaped;
use arrow::array::{Array, ArrayRef, AsArray, LargeStringArray, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use arrow::error::ArrowError;
use std::sync::Arc;

/// How text columns are returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Text {
    /// As text.
    Checked,
    /// As binary columns, with types that differ from the schema.
    AsBytes,
}

/// The schema with binary instead of text columns.
pub fn with_bytes_for_text(schema: &Schema) -> Schema {
    let field = |field: &Arc<Field>| with_type(field, bytes_of(field.data_type()));
    let fields: Vec<Arc<Field>> = schema.fields().iter().map(field).collect();
    Schema::new_with_metadata(fields, schema.metadata().clone())
}

/// The schema with binary instead of text views, at any depth.
pub fn with_bytes_for_views(schema: &Schema) -> Schema {
    fn bytes_of(data_type: &DataType) -> DataType {
        match data_type {
            DataType::Utf8View => DataType::BinaryView,
            other => map_types(other, bytes_of),
        }
    }
    let field = |field: &Arc<Field>| with_type(field, bytes_of(field.data_type()));
    let fields: Vec<Arc<Field>> = schema.fields().iter().map(field).collect();
    Schema::new_with_metadata(fields, schema.metadata().clone())
}

/// Converts binary views to text views where `to` has them, at any depth.
///
/// # Errors
/// Bytes that are not UTF-8.
pub fn text_of_views(array: &ArrayRef, to: &DataType) -> Result<ArrayRef, ArrowError> {
    match to {
        same if same == array.data_type() => Ok(array.clone()),
        DataType::Utf8View => Ok(Arc::new(array.as_binary_view().clone().to_string_view()?)),
        other => rebuild(array, other, text_of_views),
    }
}

/// Converts a column to the type of its field: binary becomes text.
///
/// # Errors
/// Bytes that are not UTF-8, with the column.
pub fn checked_text(column: ArrayRef, field: &Field) -> Result<ArrayRef> {
    if column.data_type() == field.data_type() {
        return Ok(column);
    }
    let text: std::result::Result<ArrayRef, _> = match field.data_type() {
        DataType::Utf8 => StringArray::try_from_binary(column.as_binary::<i32>().clone())
            .map(|text| Arc::new(text) as ArrayRef),
        DataType::LargeUtf8 => LargeStringArray::try_from_binary(column.as_binary::<i64>().clone())
            .map(|text| Arc::new(text) as ArrayRef),
        DataType::Utf8View => {
            column.as_binary_view().clone().to_string_view().map(|text| Arc::new(text) as ArrayRef)
        }
        _ => return Ok(column),
    };
    text.map_err(|error| {
        let name = escaped(field.name());
        Error::failed(format!("damaged record batch: column \"{name}\": {error}"))
    })
}

fn bytes_of(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Utf8 => DataType::Binary,
        DataType::LargeUtf8 => DataType::LargeBinary,
        DataType::Utf8View => DataType::BinaryView,
        other => other.clone(),
    }
}
