//! Options for writing a file, as plain data.

use super::buffer_compression::BufferCompression;
use crate::schema::map_types;
use arrow::datatypes::{DataType, Schema};

/// Options for writing a file.
#[derive(Debug, Clone, Default)]
pub struct FileOptions {
    /// The compression of all buffers.
    pub compression: BufferCompression,
    /// Key-value pairs for the footer.
    pub metadata: Vec<(String, String)>,
    /// The keys of dictionary-encoded columns.
    pub dictionary_keys: DictionaryKeys,
}

/// How the keys of dictionary-encoded columns are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DictionaryKeys {
    /// With the type that they have in the input.
    #[default]
    Kept,
    /// At least 32 bits.
    Int32,
    /// Without dictionaries, as plain values.
    None,
}

impl DictionaryKeys {
    /// The schema of a file for this input schema.
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
                let is_narrow = matches!(**keys, T::Int8 | T::Int16 | T::UInt8 | T::UInt16);
                let keys = if is_narrow { Box::new(T::Int32) } else { keys.clone() };
                T::Dictionary(keys, Box::new(self.applied_type(values)))
            }
            (_, other) => map_types(other, |inner| self.applied_type(inner)),
        }
    }
}
