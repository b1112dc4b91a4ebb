//! UUIDs: 16 bytes that only the field marks as UUIDs. The type of a node does not show it, so
//! UUIDs are converted to text where the field is known.

use super::kind::plain_type;
use super::value_reader::{self, Reader};
use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, Field};
use uuid::Uuid;

/// Whether a field has the UUID extension type.
pub(crate) fn is_uuid_field(field: &Field) -> bool {
    field.extension_type_name() == Some("arrow.uuid") && plain_type(field.data_type()) == &UUID
}

/// The text of each row's UUID.
pub(crate) fn texts(array: &ArrayRef) -> Option<Reader<'_, String>> {
    let bytes = value_reader::bytes(array)?;
    // Under a null the bytes are arbitrary.
    Some(Box::new(move |row| {
        Uuid::from_slice(bytes(row)).map_or_else(|_| String::new(), |uuid| uuid.to_string())
    }))
}

/// The type of a UUID's bytes.
pub(crate) const UUID: DataType = DataType::FixedSizeBinary(16);
