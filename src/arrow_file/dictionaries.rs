//! The dictionaries of all columns of a file, including those inside lists, structs and other
//! dictionaries.
//!
//! A dictionary-encoded array is written as its keys; its values are separate messages. A batch is
//! therefore converted to plain keys here, together with the values that are added to the
//! dictionaries.

use super::dictionary::Dictionary;
use crate::error::{Error, Result};
use crate::schema::{holds_dictionary, inner_fields, with_inner_types};
use crate::text::escaped;
use arrow::array::{
    Array, ArrayData, ArrayRef, AsArray, RecordBatch, RecordBatchOptions, make_array,
};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::error::ArrowError;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// The dictionaries of a file by their IDs in its schema message.
#[derive(Debug)]
pub(super) struct Dictionaries {
    /// The schema as read back from its message: its fields have the IDs.
    schema: SchemaRef,
    keys_schema: SchemaRef,
    by_id: HashMap<i64, Dictionary>,
    /// The IDs of dictionaries whose first part was already returned.
    begun: HashSet<i64>,
}

/// Values that are added to a dictionary, to be written before the batch that uses them.
pub(super) struct Joining {
    pub(super) id: i64,
    pub(super) is_delta: bool,
    /// Plain values, with keys instead of the dictionaries inside them.
    pub(super) values: ArrayRef,
}

impl Dictionaries {
    /// For batches with a schema that was read back from its message.
    pub(super) fn new(schema: Schema) -> Self {
        let mut by_id = HashMap::new();
        for field in schema.fields() {
            collect(field, field.name(), &mut by_id);
        }
        let fields = schema.fields().iter();
        let fields = fields.map(|field| keys_field(field)).collect::<Vec<_>>();
        Self {
            schema: Arc::new(schema),
            keys_schema: Arc::new(Schema::new(fields)),
            by_id,
            begun: HashSet::new(),
        }
    }

    /// The schema with keys instead of dictionaries.
    pub(super) fn keys_schema(&self) -> &SchemaRef {
        &self.keys_schema
    }

    /// Converts a batch to one with keys instead of dictionaries. Also returns the values to be
    /// added first, in the order in which they must be written.
    ///
    /// # Errors
    /// More distinct values than the keys of a column can number.
    pub(super) fn keys(&mut self, batch: &RecordBatch) -> Result<(RecordBatch, Vec<Joining>)> {
        let mut joining = Vec::new();
        if self.by_id.is_empty() {
            return Ok((batch.clone(), joining));
        }
        let schema = self.schema.clone();
        let columns =
            schema.fields().iter().zip(batch.columns()).map(
                |(field, column)| match holds_dictionary(field.data_type()) {
                    true => self.array(field, column.to_data(), &mut joining).map(make_array),
                    false => Ok(column.clone()),
                },
            );
        let columns = columns.collect::<Result<Vec<_>>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        let keys = RecordBatch::try_new_with_options(self.keys_schema.clone(), columns, &options);
        Ok((keys.map_err(|e| cannot(&e))?, joining))
    }

    fn array(
        &mut self,
        field: &Field,
        data: ArrayData,
        joining: &mut Vec<Joining>,
    ) -> Result<ArrayData> {
        let DataType::Dictionary(_, value_type) = field.data_type() else {
            return self.inside(field.data_type(), data, joining);
        };
        let (id, array) = (id_of(field), make_array(data));
        let Some(dictionary) = self.by_id.get_mut(&id) else {
            return Err(Error::failed(format!("column \"{}\" has no dictionary", field.name())));
        };
        let (keys, values) = dictionary.keys(array.as_any_dictionary())?;
        if let Some(values) = values {
            let is_delta = !self.begun.insert(id);
            if is_delta && holds_dictionary(value_type) {
                return Err(dictionary_of_dictionaries(field));
            }
            let values = self.inside(value_type, values.to_data(), joining)?;
            joining.push(Joining { id, is_delta, values: make_array(values) });
        }
        Ok(keys.to_data())
    }

    /// Does the same inside an array that is not itself a dictionary.
    fn inside(
        &mut self,
        data_type: &DataType,
        data: ArrayData,
        joining: &mut Vec<Joining>,
    ) -> Result<ArrayData> {
        if !holds_dictionary(data_type) {
            return Ok(data);
        }
        let children = inner_fields(data_type).into_iter().zip(data.child_data());
        let children = children.map(|(field, child)| self.array(field, child.clone(), joining));
        let children = children.collect::<Result<Vec<_>>>()?;
        let types = children.iter().map(|child| child.data_type().clone()).collect();
        let data_type = with_inner_types(data.data_type(), types);
        let data = data.into_builder().data_type(data_type).child_data(children).build();
        data.map_err(|e| cannot(&e))
    }
}

fn collect(field: &Field, path: &str, by_id: &mut HashMap<i64, Dictionary>) {
    let mut inside = field.data_type();
    if let DataType::Dictionary(key_type, value_type) = field.data_type() {
        by_id.insert(id_of(field), Dictionary::new(path.to_owned(), key_type));
        inside = value_type;
    }
    for inner in inner_fields(inside) {
        collect(inner, &format!("{path}.{}", inner.name()), by_id);
    }
}

/// IDs are deprecated in schemas that users build; in a schema that was just read back they are
/// correct.
fn id_of(field: &Field) -> i64 {
    #[expect(deprecated)]
    field.dict_id().unwrap_or_default()
}

fn keys_field(field: &Field) -> Field {
    Field::new(field.name(), keys_type(field.data_type()), field.is_nullable())
}

/// The type with keys instead of dictionaries, at any depth.
pub(super) fn keys_type(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Dictionary(key_type, _) => key_type.as_ref().clone(),
        other => {
            let inner = inner_fields(other).into_iter();
            with_inner_types(other, inner.map(|field| keys_type(field.data_type())).collect())
        }
    }
}

/// pyarrow cannot read such a delta ("with an unresolved nested dictionary").
fn dictionary_of_dictionaries(field: &Field) -> Error {
    Error::failed(format!(
        "column \"{}\": its dictionary contains dictionaries and changes in the stream, which few \
         readers support (--dictionary-keys none writes plain values)",
        escaped(field.name())
    ))
}

fn cannot(cause: &ArrowError) -> Error {
    Error::failed(format!("cannot change dictionaries: {cause}"))
}
