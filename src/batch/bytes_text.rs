//! Unvalidated text: text columns read as binary.
//!
//! Validating UTF-8 means checking every byte, which takes as long as everything else in reading a
//! batch. If a filter keeps only some rows of a batch, only those need the check.

use crate::error::{Error, Result};
use crate::schema::{inner_arrays, inner_types, map_types, rebuild, with_type};
use crate::text::escaped;
use arrow::array::{
    Array, ArrayRef, AsArray, BinaryViewArray, LargeStringArray, StringArray, StringViewArray,
    UInt64Array,
};
use arrow::compute::take;
use arrow::datatypes::{DataType, Field, Schema};
use arrow::error::ArrowError;
use std::sync::Arc;

/// How text columns are returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Text {
    /// As text.
    Checked,
    /// As text that is only passed on: rows may share any number of bytes.
    Passed,
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
        DataType::Utf8View => Ok(Arc::new(text_views(array.as_binary_view())?)),
        other => rebuild(array, other, text_of_views),
    }
}

/// The bytes that [`text_of_views`] checks where views share bytes: each range of bytes once.
pub(crate) fn distinct_text_bytes(array: &ArrayRef, to: &DataType) -> u64 {
    match (array.data_type(), to) {
        (DataType::BinaryView, DataType::Utf8View) => {
            let lengths = distinct(array.as_binary_view().views());
            lengths.iter().map(|view| length(*view)).fold(0, u64::saturating_add)
        }
        (same, to) if same == to => 0,
        (_, to) => {
            let inner = inner_arrays(array);
            let inner = inner.iter().zip(inner_types(to));
            inner.map(|(inner, to)| distinct_text_bytes(inner, to)).fold(0, u64::saturating_add)
        }
    }
}

/// Text views of binary views. If rows share bytes, each range of bytes is checked only once: 100,000
/// rows that share a mebibyte would take a minute.
fn text_views(bytes: &BinaryViewArray) -> Result<StringViewArray, ArrowError> {
    let held: u64 = bytes.data_buffers().iter().map(|buffer| buffer.len() as u64).sum();
    let used = bytes.views().iter().map(|view| length(*view)).fold(0, u64::saturating_add);
    // Views of up to twelve bytes contain them.
    if used <= held.saturating_mul(2).saturating_add(12 * bytes.len() as u64) {
        return bytes.clone().to_string_view();
    }
    let distinct = distinct(bytes.views());
    let places = bytes.views().iter().map(|view| distinct.partition_point(|other| other < view));
    let places: Vec<u64> = places.map(|place| place as u64).collect();
    let places = UInt64Array::new(places.into(), bytes.nulls().cloned());
    let text = StringViewArray::try_new(distinct.into(), Arc::clone(bytes.data_buffers()), None);
    let text = text.map_err(|_| {
        ArrowError::InvalidArgumentError("views refer to bytes that are not UTF-8".to_owned())
    })?;
    let text = take(&text, &places, None)?;
    Ok(text.as_string_view().clone())
}

fn distinct(views: &[u128]) -> Vec<u128> {
    let mut distinct = views.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    distinct
}

/// The length of the bytes of a view, which is in its low 32 bits.
fn length(view: u128) -> u64 {
    u64::from(view as u32)
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
            text_views(column.as_binary_view()).map(|text| Arc::new(text) as ArrayRef)
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Views of a text, each of which begins at another byte or is repeated.
    fn views(text: &str, starts: impl Iterator<Item = u32>) -> BinaryViewArray {
        let whole = BinaryViewArray::from(vec![text.as_bytes()]);
        let length = text.len() as u32;
        let view = |start: u32| {
            let bytes = &text.as_bytes()[start as usize..];
            let prefix = u32::from_le_bytes(*bytes.first_chunk().unwrap());
            u128::from(length - start) | u128::from(prefix) << 32 | u128::from(start) << 96
        };
        let views: Vec<u128> = starts.map(view).collect();
        BinaryViewArray::try_new(views.into(), whole.data_buffers().to_vec(), None).unwrap()
    }

    #[test]
    fn shared_bytes_are_checked_once_and_stay_shared() {
        let text = format!("ä{}", "x".repeat(1000));
        let bytes = views(&text, (0..300).map(|row| row % 3 / 2 * 2));
        let shared = text_views(&bytes).unwrap();
        assert_eq!(shared, bytes.clone().to_string_view().unwrap());
        assert_eq!(shared.data_buffers()[0].as_ptr(), bytes.data_buffers()[0].as_ptr());
        let array: ArrayRef = Arc::new(bytes);
        assert_eq!(distinct_text_bytes(&array, &DataType::Utf8View), 1002 + 1000);
        assert_eq!(distinct_text_bytes(&array, &DataType::BinaryView), 0);
        // The second byte is in the middle of a character.
        let bytes = views(&text, (0..300).map(|row| row % 2));
        let error = text_views(&bytes).unwrap_err().to_string();
        assert!(error.contains("views refer to bytes that are not UTF-8"), "{error}");
    }

    #[test]
    fn nulls_and_short_views_stay() {
        let long = views(&"x".repeat(1000), std::iter::repeat_n(0, 300));
        let short = BinaryViewArray::from(vec![b"short".as_slice()]).views()[0];
        let views = long.views().iter().enumerate();
        let views: Vec<u128> = views.map(|(row, view)| [*view, short, 0][row % 3]).collect();
        let nulls = (0..300).map(|row| row % 4 > 0).collect::<Vec<bool>>().into();
        let buffers = long.data_buffers().to_vec();
        let mixed = BinaryViewArray::try_new(views.into(), buffers, Some(nulls)).unwrap();
        assert_eq!(text_views(&mixed).unwrap(), mixed.clone().to_string_view().unwrap());
    }
}
