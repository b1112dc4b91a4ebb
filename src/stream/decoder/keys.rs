//! Dictionary columns decoded as integer columns, their keys, which are then checked faster than
//! arrow-ipc does: of a billion rows with two-byte keys, that check took most of the time.

use super::Decoder;
use crate::io::dictionary_array;
use arrow::array::{ArrayRef, AsArray, RecordBatch, RecordBatchOptions, downcast_integer};
use arrow::buffer::Buffer;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow_ipc::MetadataVersion;
use arrow_ipc::reader::RecordBatchDecoder;
use std::sync::Arc;

/// For fewer rows, the second schema costs more than the check of keys.
const LEAST_ROWS: i64 = 1 << 12;

impl Decoder {
    /// Decodes columns of a record batch by the keys of its dictionary columns. `None` if it has
    /// none, is small, or is damaged: arrow-ipc has the error.
    pub(super) fn decode_by_keys(
        &self,
        body: &Buffer,
        batch: arrow_ipc::RecordBatch<'_>,
        columns: Option<&[usize]>,
        schema: &SchemaRef,
        version: MetadataVersion,
    ) -> Option<RecordBatch> {
        let has_keys = |field: &Arc<Field>| matches!(field.data_type(), DataType::Dictionary(..));
        if batch.length() < LEAST_ROWS || !schema.fields().iter().any(has_keys) {
            return None;
        }
        let fields = schema.fields().iter().map(|field| match field.data_type() {
            DataType::Dictionary(key, _) => {
                Arc::new(Field::new(field.name(), (**key).clone(), field.is_nullable()))
            }
            _ => field.clone(),
        });
        let keys = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let read = RecordBatchDecoder::try_new(body, batch, keys, &self.dictionaries, &version)
            .and_then(|decoder| decoder.with_projection(columns).read_record_batch());
        let read = read.ok()?;
        let schema = match columns {
            Some(columns) => Arc::new(schema.project(columns).ok()?),
            None => schema.clone(),
        };
        let arrays = schema.fields().iter().zip(read.columns());
        let arrays = arrays.map(|(field, array)| self.with_values(field, array));
        let options = RecordBatchOptions::new().with_row_count(Some(read.num_rows()));
        RecordBatch::try_new_with_options(schema.clone(), arrays.collect::<Option<_>>()?, &options)
            .ok()
    }

    /// The column of a field, of which a dictionary column was decoded as its keys.
    fn with_values(&self, field: &Field, array: &ArrayRef) -> Option<ArrayRef> {
        let DataType::Dictionary(key, _) = field.data_type() else { return Some(array.clone()) };
        // Deprecated in schemas that users build; in a schema that was just read IDs are correct.
        #[expect(deprecated)]
        let values = self.dictionaries.get(&field.dict_id()?)?.clone();
        macro_rules! with_values {
            ($key:ty) => {
                Arc::new(dictionary_array(array.as_primitive::<$key>().clone(), values).ok()?)
            };
        }
        Some(downcast_integer! {
            key.as_ref() => (with_values),
            _ => return None,
        })
    }
}
