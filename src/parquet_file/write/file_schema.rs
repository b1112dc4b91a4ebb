//! The schema and metadata of a Parquet file: the stored types of columns, and the Arrow schema and
//! key-value pairs in the footer.

use super::logical_types::with_logical_types;
use super::sink::Failure;
use crate::error::{Error, Result, guard};
use crate::parquet_file::storable::storable;
use arrow::datatypes::{Schema, SchemaRef};
use parquet::arrow::{ARROW_SCHEMA_META_KEY, ArrowSchemaConverter, encode_arrow_schema};
use parquet::file::metadata::KeyValue;
use parquet::schema::types::SchemaDescriptor;
use std::collections::{BTreeMap, HashMap};

/// The schema of a stream as stored in a file.
pub(crate) struct FileSchema {
    /// The Arrow types in which batches are stored.
    pub(crate) stored: SchemaRef,
    pub(crate) parquet: SchemaDescriptor,
    /// The footer's key-value pairs, including `ARROW:schema`.
    pub(crate) metadata: Vec<KeyValue>,
}

impl FileSchema {
    /// The schema of a file; `name` is its name in messages. Pairs of `metadata` replace pairs of
    /// the schema with the same key.
    ///
    /// # Errors
    /// A type that Parquet cannot hold; a pair with the key `ARROW:schema`.
    pub(crate) fn try_new(
        name: &str,
        schema: &Schema,
        metadata: &[(String, String)],
    ) -> Result<Self> {
        let types = storable(schema)?;
        let pairs = pairs(schema, metadata)?;
        let parquet = guard(name, || {
            ArrowSchemaConverter::new()
                .convert(&types.written)
                .and_then(|parquet| with_logical_types(&parquet, &types.declared))
                .map_err(|error| Failure::default().error(name, &error))
        })?;
        // Readers look in different places: pyarrow, and with it pandas, GeoPandas and Hugging Face
        // datasets, uses the pairs inside `ARROW:schema`; others use the footer's own.
        let inside: HashMap<_, _> = pairs.iter().cloned().collect();
        let declared = types.declared.with_metadata(inside);
        let mut metadata: Vec<KeyValue> =
            pairs.into_iter().map(|(key, value)| KeyValue::new(key, value)).collect();
        let declared = encode_arrow_schema(&declared);
        metadata.push(KeyValue::new(ARROW_SCHEMA_META_KEY.to_owned(), declared));
        Ok(Self { stored: types.written, parquet, metadata })
    }
}

/// The schema's pairs, sorted by key because they have no order of their own, followed by the
/// requested ones.
fn pairs(schema: &Schema, asked: &[(String, String)]) -> Result<Vec<(String, String)>> {
    if asked.iter().any(|(key, _)| key == ARROW_SCHEMA_META_KEY) {
        let key = ARROW_SCHEMA_META_KEY;
        return Err(Error::usage(format!(
            "the metadata key \"{key}\" is reserved for the Arrow schema: use another key"
        )));
    }
    let mut own: BTreeMap<_, _> = schema.metadata().iter().collect();
    own.retain(|key, _| *key != ARROW_SCHEMA_META_KEY && asked.iter().all(|(it, _)| it != *key));
    let own = own.into_iter().map(|(key, value)| (key.clone(), value.clone()));
    Ok(own.chain(asked.iter().cloned()).collect())
}
