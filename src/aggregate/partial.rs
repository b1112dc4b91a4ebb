//! Partial results: a stream of the states of groups, to be merged with others of the same list.
//!
//! It has the keys, and for each aggregate a struct that is named like the call and has the fields
//! of a state. The metadata of its schema has what is needed to bind the list again: the list, the
//! keys, the condition, and the schema of the rows as in the IPC format, in base64.

use super::accumulator::{as_type, failed};
use super::groups::{BATCH_GROUPS, Groups};
use crate::error::{Error, Result, guard};
use crate::expression::AggregateList;
use crate::schema::unique_names;
use arrow::array::{ArrayRef, AsArray, RecordBatch, StructArray, UInt64Array};
use arrow::datatypes::{DataType, Field, Fields, Metadata, Schema, SchemaRef};
use arrow_ipc::convert::{IpcSchemaEncoder, try_fb_to_schema};
use arrow_ipc::root_as_schema;
use arrow_ipc::writer::DictionaryTracker;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::sync::Arc;

const LIST: &str = "arrow-pipes:aggregate:list";
const BY: &str = "arrow-pipes:aggregate:by";
const HAVING: &str = "arrow-pipes:aggregate:having";
const ROWS: &str = "arrow-pipes:aggregate:rows";

/// The form of partial results.
#[derive(Debug)]
pub(super) struct Partial {
    schema: SchemaRef,
    keys: usize,
}

impl AggregateList {
    /// The list of a partial result, from its schema.
    ///
    /// # Errors
    /// A stream that is no partial result (a usage error), and those of [`AggregateList::bind`].
    pub fn of_partial(schema: &Schema) -> Result<Self> {
        let metadata = schema.metadata();
        let (Some(list), Some(rows)) = (metadata.get(LIST), metadata.get(ROWS)) else {
            return Err(Error::usage(
                "--merge: the input is no partial result (stream-aggregate --partial writes one)",
            ));
        };
        let damaged = || Error::failed("--merge: the schema in the metadata is damaged");
        let bytes = STANDARD.decode(rows).map_err(|_| damaged())?;
        let rows = guard("--merge: the schema in the metadata is damaged", || {
            let rows = root_as_schema(&bytes).map_err(|_| damaged())?;
            try_fb_to_schema(rows).map_err(|_| damaged())
        })?;
        let text = |key: &str| metadata.get(key).map(String::as_str);
        Self::bind(list, text(BY), text(HAVING), &rows)
    }
}

impl Partial {
    /// The form for a list.
    ///
    /// # Errors
    /// None in practice: struct fields get names that differ.
    pub(super) fn try_new(list: &AggregateList, groups: &Groups) -> Result<Self> {
        let keys = list.keys().schema().fields().len();
        let states = list.aggregates().iter().zip(groups.state_fields()).map(|(call, state)| {
            let fields =
                state.into_iter().map(|(name, data_type)| Field::new(name, data_type, true));
            let fields = Schema::new(fields.collect::<Vec<_>>());
            let fields = unique_names(&Arc::new(fields)).fields().clone();
            Arc::new(Field::new(&call.text, DataType::Struct(fields), false))
        });
        let key_fields = list.group_schema().fields().iter().take(keys).cloned();
        let fields: Vec<_> = key_fields.chain(states).collect();
        let source = list.source();
        let mut tracker = DictionaryTracker::new(false);
        let mut encoder = IpcSchemaEncoder::new().with_dictionary_tracker(&mut tracker);
        let rows = encoder.schema_to_fb(&source.rows);
        let rows = STANDARD.encode(rows.finished_data());
        let mut metadata =
            Metadata::from([(LIST.to_owned(), source.list.clone()), (ROWS.to_owned(), rows)]);
        metadata.extend(source.by.iter().map(|by| (BY.to_owned(), by.clone())));
        metadata.extend(source.having.iter().map(|text| (HAVING.to_owned(), text.clone())));
        let schema = Arc::new(Schema::new_with_metadata(fields, metadata));
        Ok(Self { schema, keys })
    }

    pub(super) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The states of all groups.
    ///
    /// # Errors
    /// More bytes than an array can have.
    pub(super) fn batches(
        &self,
        groups: &mut Groups,
        states: &SchemaRef,
    ) -> Result<Vec<RecordBatch>> {
        let count = groups.finish()?;
        let starts = (0..count).step_by(BATCH_GROUPS);
        let batches = starts.map(|start| {
            let flat = groups.states(start..count.min(start + BATCH_GROUPS), states)?;
            let mut left = flat.columns().iter().cloned();
            let columns = self.schema.fields().iter().enumerate().map(|(place, field)| {
                let DataType::Struct(fields) = field.data_type() else {
                    return left.next().ok_or_else(too_few);
                };
                if place < self.keys {
                    return left.next().ok_or_else(too_few);
                }
                let arrays: Vec<ArrayRef> = left.by_ref().take(fields.len()).collect();
                let states = StructArray::try_new(fields.clone(), arrays, None);
                states.map(|states| Arc::new(states) as ArrayRef).map_err(failed)
            });
            let columns = columns.collect::<Result<Vec<_>>>()?;
            RecordBatch::try_new(self.schema.clone(), columns).map_err(failed)
        });
        batches.collect()
    }

    /// The states of a batch of a partial result; the first group has the number `first`.
    ///
    /// # Errors
    /// A batch of another form.
    pub(super) fn states(
        &self,
        batch: &RecordBatch,
        first: u64,
        states: &SchemaRef,
    ) -> Result<RecordBatch> {
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(states.fields().len());
        for (place, (field, column)) in self.schema.fields().iter().zip(batch.columns()).enumerate()
        {
            match field.data_type() {
                DataType::Struct(fields) if self.keys <= place => {
                    columns.extend(parts(field, fields, column)?);
                }
                _ => columns.push(column.clone()),
            }
        }
        let numbers = first..first + batch.num_rows() as u64;
        columns.push(Arc::new(UInt64Array::from_iter_values(numbers)));
        let columns = states.fields().iter().zip(columns);
        let columns = columns.map(|(field, column)| as_type(field, column));
        RecordBatch::try_new(states.clone(), columns.collect::<Result<_>>()?).map_err(failed)
    }
}

/// The arrays of the state of an aggregate.
fn parts(field: &Field, fields: &Fields, column: &ArrayRef) -> Result<Vec<ArrayRef>> {
    let parts = column.as_struct_opt().map(StructArray::columns).unwrap_or_default();
    if parts.len() != fields.len() || column.null_count() > 0 {
        let name = crate::text::escaped(field.name());
        let what = format!("--merge: column \"{name}\" does not have the states of an aggregate");
        return Err(Error::failed(what));
    }
    Ok(parts.to_vec())
}

fn too_few() -> Error {
    Error::failed("cannot aggregate: a state has too few columns")
}
