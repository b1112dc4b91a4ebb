//! Prepares the schema as requested: timestamps in a coarser unit, field ids, fewer key-value
//! pairs.

use super::options::{EncodeOptions, KeepMetadata};
use crate::error::{Error, Result};
use crate::schema::{convert, inner_fields, map_fields, map_types, with_type};
use crate::text::{did_you_mean, escaped, similar};
use arrow::array::{Array, ArrayRef};
use arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef, TimeUnit};
use parquet::arrow::PARQUET_FIELD_ID_META_KEY;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Applies the options to the schema of a stream.
///
/// # Errors
/// A key in `--keep-metadata` that the stream does not have (a usage error).
pub(crate) fn prepared(schema: &Schema, options: &EncodeOptions) -> Result<Schema> {
    let mut fields = schema.fields().clone();
    if options.target.is_some_and(|target| !target.reads_nanoseconds()) {
        fields = fields.iter().map(coarser_field).collect();
    }
    if options.assign_field_ids {
        let mut used = BTreeSet::new();
        fields.iter().for_each(|field| collect_ids(field, &mut used));
        let mut next = 1;
        fields = fields.iter().map(|field| with_ids(field, &used, &mut next)).collect();
    }
    let mut metadata = schema.metadata().clone();
    match &options.keep_metadata {
        KeepMetadata::All => {}
        KeepMetadata::None => metadata.clear(),
        KeepMetadata::Keys(keys) => {
            if let Some(missing) = keys.iter().find(|key| !metadata.contains_key(key)) {
                return Err(unknown_key(missing, schema));
            }
            metadata.retain(|key, _| keys.contains(key));
        }
    }
    Ok(Schema::new_with_metadata(fields, metadata))
}

fn unknown_key(key: &str, schema: &Schema) -> Error {
    let near = similar(key, schema.metadata().keys().map(String::as_str));
    let hint = did_you_mean(near.first().map(|near| format!("\"{}\"", escaped(near))));
    let key = escaped(key);
    Error::usage(format!("--keep-metadata: the stream has no key \"{key}\"{hint}"))
}

/// The schema to which batches of a stream are converted before they are stored; none if it has the
/// same types.
pub(crate) fn coarser(from: &Schema, to: &Schema) -> Option<SchemaRef> {
    let mut fields = from.fields().iter().zip(to.fields());
    let differs = fields.any(|(from, to)| from.data_type() != to.data_type());
    differs.then(|| Arc::new(to.clone()))
}

/// Converts a column to the type of the field without loss; `rows` rows precede it.
///
/// # Errors
/// A value that would lose precision.
pub(crate) fn exactly(column: &ArrayRef, field: &Field, rows: u64) -> Result<ArrayRef> {
    let name = escaped(field.name());
    let failed = |error| Error::failed(format!("cannot store column \"{name}\": {error}"));
    let coarse = convert(column, field.data_type()).map_err(failed)?;
    if coarser_type(column.data_type()) == *column.data_type() {
        return Ok(coarse);
    }
    let back = convert(&coarse, column.data_type()).map_err(failed)?;
    if back.as_ref() != column.as_ref() {
        let differs = |row: &usize| back.slice(*row, 1).as_ref() != column.slice(*row, 1).as_ref();
        let row = rows + (0..column.len()).find(differs).unwrap_or(0) as u64;
        return Err(Error::failed(format!(
            "cannot store column \"{name}\", row {row}, in microseconds: it has nanoseconds \
             (stream-select --truncate with a CAST removes them; without --for they are kept)"
        )));
    }
    Ok(coarse)
}

fn coarser_field(field: &FieldRef) -> FieldRef {
    with_type(field, coarser_type(field.data_type()))
}

/// The type with microseconds instead of nanoseconds, at any depth.
fn coarser_type(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Timestamp(TimeUnit::Nanosecond, zone) => {
            DataType::Timestamp(TimeUnit::Microsecond, zone.clone())
        }
        DataType::Time64(TimeUnit::Nanosecond) => DataType::Time64(TimeUnit::Microsecond),
        other => map_types(other, coarser_type),
    }
}

fn id(field: &Field) -> Option<i32> {
    field.metadata().get(PARQUET_FIELD_ID_META_KEY)?.parse().ok()
}

fn collect_ids(field: &FieldRef, ids: &mut BTreeSet<i32>) {
    ids.extend(id(field));
    inner_fields(field.data_type()).into_iter().for_each(|inner| collect_ids(inner, ids));
}

/// Assigns ids to the field and all fields below it, depth first; `next` is the smallest number not
/// yet tried.
fn with_ids(field: &FieldRef, used: &BTreeSet<i32>, next: &mut i32) -> FieldRef {
    let mut field = field.as_ref().clone();
    if id(&field).is_none() {
        while used.contains(next) {
            *next += 1;
        }
        field.metadata_mut().insert(PARQUET_FIELD_ID_META_KEY.to_owned(), next.to_string());
        *next += 1;
    }
    let mut inside = |field: &FieldRef| with_ids(field, used, next);
    let data_type = match field.data_type() {
        same @ (DataType::Union(..) | DataType::RunEndEncoded(..)) => same.clone(),
        // In the format, the group around the key and value of a map has no id.
        map @ DataType::Map(..) => map_fields(map, |entries| {
            with_type(entries, map_fields(entries.data_type(), &mut inside))
        }),
        other => map_fields(other, inside),
    };
    Arc::new(field.with_data_type(data_type))
}
