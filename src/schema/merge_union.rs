//! Merges schemas that differ into one that represents all their values exactly.
//!
//! Columns are matched by name. A column that is missing in an input is null there; types are
//! widened if nothing is lost. This is not for casts that a user requests: nothing here rounds,
//! truncates or guesses.

use super::place::Place;
use super::union_types::Widening;
use super::zones::MergedZones;
use crate::error::{Error, Result};
use crate::text::escaped;
use arrow::array::{
    Array, ArrayRef, AsArray, FixedSizeListArray, GenericListArray, GenericListViewArray, MapArray,
    OffsetSizeTrait, RecordBatch, RecordBatchOptions, StructArray, new_null_array,
};
use arrow::compute::{CastOptions, cast_with_options};
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

/// Merges two schemas into one that the batches of both fit: the columns of `first` in their order,
/// then those that only `other` has.
///
/// # Errors
/// Types without an exact common type, with the column and both types; a duplicate name.
pub fn widen(first: &Schema, other: &Schema) -> Result<Schema> {
    widen_noted(first, other).map(|(schema, _)| schema)
}

/// Like [`widen`], and also returns the columns whose time zones differ.
///
/// # Errors
/// Those of [`widen`].
pub(crate) fn widen_noted(first: &Schema, other: &Schema) -> Result<(Schema, MergedZones)> {
    let mut widening = Widening::default();
    let fields = widening.fields(first.fields(), other.fields(), &Place::top())?;
    let schema = Schema::new_with_metadata(fields, first.metadata().clone());
    Ok((schema, widening.zones))
}

/// Converts a batch to `schema`, which came from [`widen`].
///
/// # Errors
/// A value that the wider type cannot represent after all: a timestamp out of range for its finer
/// unit.
pub fn fit(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
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
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(schema.clone(), columns.collect::<Result<_>>()?, &options)
        .map_err(|cause| Error::failed(format!("cannot read as one schema: {cause}")))
}

/// Converts an array to a wider type.
///
/// # Errors
/// A value that it cannot represent after all.
pub(crate) fn convert(array: &ArrayRef, to: &DataType) -> Result<ArrayRef, ArrowError> {
    use DataType as T;
    if array.data_type() == to {
        return Ok(Arc::clone(array));
    }
    Ok(match (array.data_type(), to) {
        (T::Struct(_), T::Struct(fields)) => Arc::new(structure(array.as_struct(), fields)?),
        (T::List(_), T::List(field)) => list(array.as_list::<i32>(), field)?,
        (T::LargeList(_), T::LargeList(field)) => list(array.as_list::<i64>(), field)?,
        (T::ListView(_), T::ListView(field)) => list_view(array.as_list_view::<i32>(), field)?,
        (T::LargeListView(_), T::LargeListView(field)) => {
            list_view(array.as_list_view::<i64>(), field)?
        }
        (T::List(field), T::LargeList(_)) => {
            convert(&cast(array, &T::LargeList(field.clone()))?, to)?
        }
        (T::FixedSizeList(_, _), T::FixedSizeList(field, size)) => {
            let list = array.as_fixed_size_list();
            let values = convert(list.values(), field.data_type())?;
            let (field, nulls) = (field.clone(), list.nulls().cloned());
            Arc::new(FixedSizeListArray::try_new_with_length(
                field,
                *size,
                values,
                nulls,
                list.len(),
            )?)
        }
        (T::Map(_, _), T::Map(field, ordered)) => {
            let map = array.as_map();
            let DataType::Struct(fields) = field.data_type() else { return cast(array, to) };
            // Keys and values are matched by position: their names are only a convention.
            let entries = map.entries().columns().iter().zip(fields);
            let entries = entries.map(|(column, field)| convert(column, field.data_type()));
            let entries =
                StructArray::try_new(fields.clone(), entries.collect::<Result<_, _>>()?, None)?;
            let (offsets, nulls) = (map.offsets().clone(), map.nulls().cloned());
            Arc::new(MapArray::try_new(field.clone(), offsets, entries, nulls, *ordered)?)
        }
        (T::Null, _) => new_null_array(to, array.len()),
        _ => cast(array, to)?,
    })
}

fn structure(array: &StructArray, fields: &Fields) -> Result<StructArray, ArrowError> {
    // If the names are the same, fields are matched by position, so that duplicates are kept apart.
    let is_alike = array.fields().iter().map(|f| f.name()).eq(fields.iter().map(|f| f.name()));
    let child = |(place, field): (usize, &FieldRef)| {
        let child = match is_alike {
            true => array.columns().get(place),
            false => array.column_by_name(field.name()),
        };
        match child {
            Some(child) => convert(child, field.data_type()),
            None => Ok(new_null_array(field.data_type(), array.len())),
        }
    };
    let children = fields.iter().enumerate().map(child).collect::<Result<Vec<_>, _>>()?;
    let nulls = array.nulls().cloned();
    StructArray::try_new_with_length(fields.clone(), children, nulls, array.len())
}

fn list<O: OffsetSizeTrait>(
    list: &GenericListArray<O>,
    field: &FieldRef,
) -> Result<ArrayRef, ArrowError> {
    let values = convert(list.values(), field.data_type())?;
    let (offsets, nulls) = (list.offsets().clone(), list.nulls().cloned());
    Ok(Arc::new(GenericListArray::try_new(field.clone(), offsets, values, nulls)?))
}

fn list_view<O: OffsetSizeTrait>(
    list: &GenericListViewArray<O>,
    field: &FieldRef,
) -> Result<ArrayRef, ArrowError> {
    let values = convert(list.values(), field.data_type())?;
    let (offsets, sizes) = (list.offsets().clone(), list.sizes().clone());
    let nulls = list.nulls().cloned();
    Ok(Arc::new(GenericListViewArray::try_new(field.clone(), offsets, sizes, values, nulls)?))
}

fn cast(array: &ArrayRef, to: &DataType) -> Result<ArrayRef, ArrowError> {
    // A value that does not fit is an error, not a null.
    cast_with_options(array, to, &CastOptions { safe: false, ..CastOptions::default() })
}
