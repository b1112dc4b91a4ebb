//! Merges schemas that differ into one that represents all their values exactly.
//!
//! Columns are matched by name. A column that is missing in an input is null there; types are
//! widened if nothing is lost. This is not for casts that a user requests: nothing here rounds,
//! truncates or guesses.

use super::place::Place;
use super::union_types::{Widening, same_names};
use super::zones::MergedZones;
use super::{batch_of, cast_exactly, is_alike, rebuild, with_inner_arrays};
use crate::error::{Error, Result};
use crate::text::escaped;
use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StructArray, new_null_array};
use arrow::datatypes::{DataType, FieldRef, Fields, Schema, SchemaRef};
use arrow::error::ArrowError;
use std::collections::HashMap;
use std::sync::Arc;

/// Which schemas may be merged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum MergeSchema {
    /// Equal schemas only.
    #[default]
    Strict,
    /// Schemas whose columns can be widened to common types; missing columns are null.
    Union,
}

impl MergeSchema {
    /// The words of `--merge-schema`.
    pub const WORDS: &[(&str, Self)] = &[("strict", Self::Strict), ("union", Self::Union)];
}

/// Merges two schemas into one that the batches of both fit: the columns of `first` in their order,
/// then those that only `other` has.
///
/// # Errors
/// Types without an exact common type, with the column and both types; a duplicate name.
pub fn merge_union(first: &Schema, other: &Schema) -> Result<Schema> {
    merge_union_noted(first, other).map(|(schema, _)| schema)
}

/// Like [`merge_union`], and also returns the columns whose time zones differ.
///
/// # Errors
/// Those of [`merge_union`].
pub(crate) fn merge_union_noted(first: &Schema, other: &Schema) -> Result<(Schema, MergedZones)> {
    let mut widening = Widening::default();
    let fields = widening.fields(first.fields(), other.fields(), &Place::top())?;
    let schema = Schema::new_with_metadata(fields, first.metadata().clone());
    Ok((schema, widening.zones))
}

/// Converts a batch to `schema`, which came from [`merge_union`].
///
/// # Errors
/// A value that the wider type cannot represent after all: a timestamp out of range for its finer
/// unit.
pub fn cast_union(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    if Arc::ptr_eq(batch.schema_ref(), schema) || batch.schema_ref() == schema {
        return Ok(batch.clone());
    }
    let own = batch.schema_ref().fields().iter().zip(batch.columns());
    let own: HashMap<&str, &ArrayRef> =
        own.map(|(f, column)| (f.name().as_str(), column)).collect();
    let columns = schema.fields().iter().map(|field| {
        let column = match own.get(field.name().as_str()) {
            Some(column) => convert(column, field.data_type()),
            None => Ok(new_null_array(field.data_type(), batch.num_rows())),
        };
        column.map_err(|cause| {
            let name = escaped(field.name());
            Error::failed(format!("column \"{name}\" does not fit {}: {cause}", field.data_type()))
        })
    });
    batch_of(schema, columns.collect::<Result<_>>()?, batch.num_rows())
        .map_err(|cause| Error::failed(format!("cannot read as one schema: {cause}")))
}

/// Converts an array to a wider type.
///
/// # Errors
/// A value that it cannot represent after all.
pub(crate) fn convert(array: &ArrayRef, to: &DataType) -> Result<ArrayRef, ArrowError> {
    use DataType as T;
    match (array.data_type(), to) {
        (from, to) if from == to => Ok(Arc::clone(array)),
        (T::Null, to) => Ok(new_null_array(to, array.len())),
        (T::Struct(_), T::Struct(fields)) => {
            with_inner_arrays(array, to, children(array.as_struct(), fields)?)
        }
        // Keys and values are matched by position: their names are only a convention.
        (T::Map(..), T::Map(..)) => rebuild(array, to, |entries, to| rebuild(entries, to, convert)),
        (T::List(field), T::LargeList(_)) => {
            convert(&cast_exactly(array, &T::LargeList(field.clone()))?, to)
        }
        (from, to) if from.is_list() && is_alike(from, to) => rebuild(array, to, convert),
        _ => cast_exactly(array, to),
    }
}

/// The children of a struct as these fields; one that is missing becomes null.
fn children(array: &StructArray, fields: &Fields) -> Result<Vec<ArrayRef>, ArrowError> {
    // If the names are the same, fields are matched by position, so that duplicates are kept apart.
    let by_place = same_names(array.fields(), fields);
    let child = |(place, field): (usize, &FieldRef)| {
        let child =
            if by_place { array.columns().get(place) } else { array.column_by_name(field.name()) };
        match child {
            Some(child) => convert(child, field.data_type()),
            None => Ok(new_null_array(field.data_type(), array.len())),
        }
    };
    fields.iter().enumerate().map(child).collect()
}
