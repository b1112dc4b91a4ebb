//! The Arrow schema that a writer stored in the key-value metadata of a file (`ARROW:schema`):
//! types that Parquet cannot express, and the metadata of schema and fields.
//!
//! Another tool may have copied it into a file with other columns. Its fields are therefore matched
//! by name, and parts that do not fit are ignored: the Parquet schema decides.

use super::leaf_fields::{edited, leaves};
use crate::error::{Error, guard};
use arrow::buffer::MutableBuffer;
use arrow::datatypes::{DataType, FieldRef, Schema};
use arrow_ipc::convert::try_fb_to_schema;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use parquet::arrow::ARROW_SCHEMA_META_KEY;
use parquet::basic::{ConvertedType, Type as PhysicalType};
use parquet::file::metadata::FileMetaData;
use parquet::schema::types::Type;
use std::collections::{HashMap, VecDeque};

/// The contents of the Arrow schema in a file.
pub(crate) struct Hints {
    pub(crate) fields: FieldsByName,
    /// The key-value pairs of the file without the schema, and those of the schema whose keys are
    /// not among them.
    pub(crate) metadata: HashMap<String, String>,
    /// Why the schema is ignored.
    pub(crate) ignored: Vec<String>,
}

/// Fields that are taken one by one; fields of one name in their order.
pub(crate) struct FieldsByName(HashMap<String, VecDeque<FieldRef>>);

impl FieldsByName {
    pub(crate) fn take(&mut self, name: &str) -> Option<FieldRef> {
        self.0.get_mut(name)?.pop_front()
    }

    /// The names of fields that were not taken.
    pub(crate) fn left(&self) -> impl Iterator<Item = &String> {
        self.0.iter().filter(|(_, fields)| !fields.is_empty()).map(|(name, _)| name)
    }
}

pub(crate) fn hints(file: &FileMetaData) -> Hints {
    let pairs = file.key_value_metadata().into_iter().flatten();
    let pairs = pairs.filter_map(|pair| Some((pair.key.clone(), pair.value.clone()?)));
    let mut metadata: HashMap<String, String> = pairs.collect();
    let mut ignored = Vec::new();
    let mut fields: HashMap<String, VecDeque<FieldRef>> = HashMap::new();
    if let Some(encoded) = metadata.remove(ARROW_SCHEMA_META_KEY) {
        match decoded(&encoded) {
            Ok(schema) => {
                for field in schema.fields() {
                    fields.entry(field.name().clone()).or_default().push_back(field.clone());
                }
                for (key, value) in schema.metadata {
                    metadata.entry(key).or_insert(value);
                }
            }
            Err(error) => ignored.push(error.to_string()),
        }
    }
    Hints { fields: FieldsByName(fields), metadata, ignored }
}

/// Whether a hint turns an integer without an annotation into a time or timestamp.
pub(crate) fn annotates_plain(hint: &FieldRef, column: &Type) -> bool {
    use DataType as T;
    let leaves = leaves(column);
    let mut found = false;
    edited(hint, &mut |field, range| {
        let is_time =
            matches!(field.data_type(), T::Timestamp(..) | T::Time32(_) | T::Time64(_) | T::Date64);
        let info =
            leaves.get(range.start).map(|leaf| (leaf.get_physical_type(), leaf.get_basic_info()));
        found |= is_time
            && info.is_some_and(|(physical, info)| {
                physical != PhysicalType::INT96
                    && info.logical_type_ref().is_none()
                    && info.converted_type() == ConvertedType::NONE
            });
        field
    });
    found
}

/// Decodes a schema message in Base64, with or without a length prefix.
fn decoded(encoded: &str) -> Result<Schema, Error> {
    const CONTINUATION: [u8; 4] = [0xff; 4];
    let bytes = BASE64_STANDARD.decode(encoded);
    let bytes = bytes.map_err(|_| Error::failed("it is not valid Base64"))?;
    let message = match bytes.strip_prefix(&CONTINUATION) {
        Some(rest) => rest.get(4..).unwrap_or_default(),
        None => &bytes,
    };
    // Flatbuffers are read in place and need alignment; older nanoparquet wrote unaligned ones,
    // which are valid once they are moved.
    let schema = [0, 4].into_iter().find_map(|padding| {
        let mut aligned = MutableBuffer::with_capacity(message.len() + padding);
        aligned.extend_zeros(padding);
        aligned.extend_from_slice(message);
        let message = aligned.as_slice().get(padding..)?;
        let schema = guard("schema", || {
            let message = arrow_ipc::root_as_message(message);
            let message = message.map_err(|error| Error::failed(error.to_string()))?;
            let schema = message.header_as_schema();
            let schema = schema.ok_or_else(|| Error::failed("it holds a different message"))?;
            try_fb_to_schema(schema).map_err(|error| Error::failed(error.to_string()))
        });
        schema.ok()
    });
    schema.ok_or_else(|| Error::failed("it is not a schema"))
}
