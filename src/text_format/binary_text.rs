//! Bytes as text: base64 or hexadecimal digits.

use super::temporal::AppendText;
use crate::options::BinaryText;
use arrow::array::{Array, AsArray};
use arrow::datatypes::{DataType, Field};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::io::Write;
use uuid::Uuid;

/// The texts of a column of bytes, which must be binary.
pub(super) fn binary_texts<'a>(
    field: &Field,
    array: &'a dyn Array,
    binary: BinaryText,
) -> AppendText<'a> {
    macro_rules! texts {
        ($values:expr) => {{
            let values = $values;
            Box::new(move |row, text| {
                binary.write(values.value(row), text);
                Ok(())
            })
        }};
    }
    match array.data_type() {
        DataType::Binary => texts!(array.as_binary::<i32>()),
        DataType::LargeBinary => texts!(array.as_binary::<i64>()),
        DataType::BinaryView => texts!(array.as_binary_view()),
        _ if is_uuid(field, array) => {
            let values = array.as_fixed_size_binary();
            Box::new(move |row, text| {
                write_uuid(values.value(row), text);
                Ok(())
            })
        }
        _ => texts!(array.as_fixed_size_binary()),
    }
}

/// Whether a field's extension type says that its values are UUIDs.
pub(super) fn is_uuid(field: &Field, array: &dyn Array) -> bool {
    field.extension_type_name() == Some("arrow.uuid")
        && *array.data_type() == DataType::FixedSizeBinary(16)
}

/// Appends a UUID as text: `a7b8c9d0-1111-2222-3333-444455556666`.
fn write_uuid(bytes: &[u8], text: &mut Vec<u8>) {
    if let Ok(uuid) = Uuid::from_slice(bytes) {
        let mut buffer = Uuid::encode_buffer();
        text.extend_from_slice(uuid.hyphenated().encode_lower(&mut buffer).as_bytes());
    }
}

/// The bytes of a UUID in its usual form of 36 characters, which is not the length of 16 bytes in
/// base64 or hexadecimal digits.
pub(super) fn read_uuid(text: &str) -> Option<Vec<u8>> {
    const LETTERS: usize = 36;
    let uuid = (text.len() == LETTERS).then(|| Uuid::try_parse(text).ok())?;
    uuid.map(|uuid| uuid.as_bytes().to_vec())
}

impl BinaryText {
    /// Appends the text of a binary value.
    fn write(self, bytes: &[u8], text: &mut Vec<u8>) {
        match self {
            Self::Base64 => {
                let start = text.len();
                text.resize(start + bytes.len().div_ceil(3) * 4, 0);
                // The room is exactly what base64 with padding takes.
                let _infallible = STANDARD.encode_slice(bytes, &mut text[start..]);
            }
            Self::Hexadecimal => {
                for byte in bytes {
                    // Writing into memory cannot fail.
                    let _infallible = write!(text, "{byte:02x}");
                }
            }
        }
    }

    /// The bytes of a text; `None` if it is not valid in this encoding.
    pub(crate) fn read(self, text: &str) -> Option<Vec<u8>> {
        match self {
            Self::Base64 => STANDARD.decode(text).ok(),
            Self::Hexadecimal => {
                let digit = |byte: u8| char::from(byte).to_digit(16);
                let (pairs, rest) = text.as_bytes().as_chunks::<2>();
                let byte = |[high, low]: &[u8; 2]| Some((digit(*high)? * 16 + digit(*low)?) as u8);
                if rest.is_empty() { pairs.iter().map(byte).collect() } else { None }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        for kind in [BinaryText::Base64, BinaryText::Hexadecimal] {
            for bytes in [&b""[..], b"\x00", b"ab", b"\xff\x00\x7f\x80"] {
                let mut text = Vec::new();
                kind.write(bytes, &mut text);
                let text = String::from_utf8(text).unwrap();
                assert_eq!(kind.read(&text).as_deref(), Some(bytes), "{text}");
            }
        }
        for wrong in ["0", "0g", "é"] {
            assert_eq!(BinaryText::Hexadecimal.read(wrong), None, "{wrong}");
        }
        assert_eq!(BinaryText::Base64.read("a"), None);
    }
}
