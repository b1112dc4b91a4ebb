//! How a file is written, as plain data.

use super::buffer_compression::BufferCompression;
use crate::schema::{inner_fields, with_inner_types};
use arrow::datatypes::{DataType, Schema};

/// How a file is written.
#[derive(Debug, Clone, Default)]
pub struct FileOptions {
    /// The codec of all buffers.
    pub compression: BufferCompression,
    /// Key-value pairs for the footer.
    pub metadata: Vec<(String, String)>,
    /// How dictionary-encoded columns number their values.
    pub dictionary_keys: DictionaryKeys,
}

/// The keys of dictionary-encoded columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DictionaryKeys {
    /// As the columns have them.
    #[default]
    Kept,
    /// At least 32 bits.
    Int32,
    /// No dictionaries: plain values.
    None,
}

impl DictionaryKeys {
    /// The schema that a file has instead of this one.
    pub(super) fn applied(self, schema: &Schema) -> Schema {
        let fields = schema.fields().iter().map(|field| {
            field.as_ref().clone().with_data_type(self.applied_type(field.data_type()))
        });
        Schema::new_with_metadata(fields.collect::<Vec<_>>(), schema.metadata().clone())
    }

    fn applied_type(self, data_type: &DataType) -> DataType {
        use DataType as T;
        match (self, data_type) {
            (Self::Kept, other) => other.clone(),
            (Self::None, T::Dictionary(_, values)) => self.applied_type(values),
            (Self::Int32, T::Dictionary(keys, values)) => {
                let keys = match keys.as_ref() {
                    T::Int8 | T::Int16 | T::UInt8 | T::UInt16 => Box::new(T::Int32),
                    _ => keys.clone(),
                };
                T::Dictionary(keys, Box::new(self.applied_type(values)))
            }
            (_, other) => {
                let inner = inner_fields(other).into_iter();
                let types = inner.map(|field| self.applied_type(field.data_type()));
                with_inner_types(other, types.collect())
            }
        }
    }
}
