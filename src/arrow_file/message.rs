//! The metadata of a message, verified before use.

use crate::error::{Error, Result};
use crate::text::escaped;
use arrow_ipc::{Message, MetadataVersion, root_as_message_with_opts};
use flatbuffers::{ErrorTraceDetail, InvalidFlatbuffer, VerifierOptions};

/// The most tables inside tables. A column takes one, and so does each type around another.
pub(super) const MOST_DEPTH: usize = 64;

/// The most tables of a schema, some three for each column.
pub(super) const MOST_TABLES: usize = 1_000_000;

/// The most bytes that metadata may have beyond its length, when parts that are shared are counted
/// wherever they are used.
pub(super) const MOST_SHARED_BYTES: usize = 256 << 20;

/// How the metadata of messages and files is verified.
pub(super) fn verifier(bytes: &[u8]) -> VerifierOptions {
    VerifierOptions {
        max_depth: MOST_DEPTH,
        max_tables: MOST_TABLES,
        max_apparent_size: MOST_SHARED_BYTES.saturating_add(bytes.len()),
        ..VerifierOptions::default()
    }
}

fn root_as_message(bytes: &[u8]) -> Result<Message<'_>, InvalidFlatbuffer> {
    root_as_message_with_opts(&verifier(bytes), bytes)
}

/// Verifies the metadata of a message. `damaged` is the prefix of the error if it is invalid.
///
/// # Errors
/// Bytes that are not a message; an unsupported version of the format.
pub fn verified(metadata: Vec<u8>, damaged: &str) -> Result<Vec<u8>> {
    let invalid = match root_as_message(&metadata) {
        Ok(message) => return check_version(message.version()).map(|()| metadata),
        Err(invalid) => invalid,
    };
    let realigned = realigned(&metadata, invalid).map_err(|e| e.with(damaged))?;
    let version = root_as_message(&realigned).map(|message| message.version());
    version.map_or(Ok(()), check_version).map(|()| realigned)
}

/// The metadata with everything in it aligned, if its parts are aligned to each other: some writers
/// count from the start of the stream, where a prefix of 4 bytes comes first. Else vectors of 64-bit
/// numbers are moved.
fn realigned(metadata: &[u8], invalid: InvalidFlatbuffer) -> Result<Vec<u8>> {
    if !matches!(invalid, InvalidFlatbuffer::Unaligned { .. }) {
        return Err(not_valid(metadata, &invalid));
    }
    let shifted = (1..8).filter_map(|bytes| shifted(metadata, bytes));
    match shifted.into_iter().find(|shifted| root_as_message(shifted).is_ok()) {
        Some(shifted) => Ok(shifted),
        None => with_moved_vectors(metadata, invalid),
    }
}

/// Moves everything after the offset of the root table, which is the only one from the start.
fn shifted(metadata: &[u8], bytes: u8) -> Option<Vec<u8>> {
    let (root, rest) = metadata.split_first_chunk::<4>()?;
    let root = u32::from_le_bytes(*root).checked_add(u32::from(bytes))?;
    Some([&root.to_le_bytes()[..], &vec![0; usize::from(bytes)], rest].concat())
}

/// Moves vectors of 64-bit numbers to multiples of 8. In files of arrow-julia they are at multiples
/// of 4, which other readers accept; the `flatbuffers` crate does not, and has no option for it. A
/// vector is found through an offset, so a copy of it can be anywhere after it.
fn with_moved_vectors(metadata: &[u8], mut invalid: InvalidFlatbuffer) -> Result<Vec<u8>> {
    /// A record batch has one such vector; a schema has one for each tensor, so it has none.
    const MOST_VECTORS: usize = 16;
    let mut copy = metadata.to_vec();
    for _ in 0..MOST_VECTORS {
        move_vector(&mut copy, &invalid).ok_or_else(|| not_valid(metadata, &invalid))?;
        match root_as_message(&copy) {
            Ok(_) => return Ok(copy),
            Err(next) => invalid = next,
        }
    }
    Err(not_valid(metadata, &invalid))
}

/// Copies the unaligned vector to the end; `None` if anything else is invalid.
fn move_vector(bytes: &mut Vec<u8>, invalid: &InvalidFlatbuffer) -> Option<()> {
    const ALIGNMENT: usize = 8;
    let InvalidFlatbuffer::Unaligned { position: elements, unaligned_type, error_trace } = invalid
    else {
        return None;
    };
    let ErrorTraceDetail::TableField { position: field, .. } = error_trace.as_ref().first()? else {
        return None;
    };
    let word = |bytes: &[u8], place: usize| {
        let word = bytes.get(place..)?.first_chunk::<4>()?;
        usize::try_from(u32::from_le_bytes(*word)).ok()
    };
    let vector = field.checked_add(word(bytes, *field)?)?;
    if !matches!(&**unaligned_type, "i64" | "u64") || vector.checked_add(4)? != *elements {
        return None;
    }
    let length = word(bytes, vector)?.checked_mul(8)?.checked_add(4)?;
    let moved = bytes.get(vector..vector.checked_add(length)?)?.to_vec();
    // The elements must be aligned; their number precedes them.
    bytes.resize((bytes.len() + 4).next_multiple_of(ALIGNMENT) - 4, 0);
    let offset = u32::try_from(bytes.len() - field).ok()?;
    bytes.extend_from_slice(&moved);
    bytes.get_mut(*field..field + 4)?.copy_from_slice(&offset.to_le_bytes());
    Some(())
}

/// Versions differ in the layout of unions (V4, V5), and in ways that cannot be foreseen (V6).
pub(super) fn check_version(version: MetadataVersion) -> Result<()> {
    match version {
        MetadataVersion::V4 | MetadataVersion::V5 => Ok(()),
        MetadataVersion(version) => Err(Error::failed(format!(
            "version V{} of the Arrow format's metadata is not supported: V4 and V5 are",
            i32::from(version) + 1
        ))),
    }
}

/// Describes the invalid part; text that is not UTF-8 is shown, because its producer can fix that.
pub(super) fn not_valid(bytes: &[u8], invalid: &InvalidFlatbuffer) -> Error {
    let (range, error_trace) = match invalid {
        InvalidFlatbuffer::Utf8Error { range, error_trace, .. } => (range, error_trace),
        InvalidFlatbuffer::DepthLimitReached => {
            return Error::failed(format!(
                "its types are nested more than {MOST_DEPTH} tables deep"
            ));
        }
        InvalidFlatbuffer::TooManyTables => {
            return Error::failed(format!("it has more than {MOST_TABLES} tables"));
        }
        InvalidFlatbuffer::ApparentSizeTooLarge => {
            return Error::failed(format!(
                "its parts share more than {MOST_SHARED_BYTES} bytes of metadata"
            ));
        }
        other => return Error::failed(other.to_string()),
    };
    let what = match error_trace.as_ref().first() {
        Some(ErrorTraceDetail::TableField { field_name, .. }) => match &**field_name {
            "key" => "a metadata key",
            "value" => "a metadata value",
            "name" => "a column name",
            _ => "a text",
        },
        _ => "a text",
    };
    let text = String::from_utf8_lossy(bytes.get(range.clone()).unwrap_or_default());
    let text: String = text.chars().take(40).collect();
    Error::failed(format!(
        "{what} is not valid UTF-8, as the format requires (\"{}\"): make the producer write bytes as \
         base64",
        escaped(&text)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{ArrayRef, RecordBatch, StringViewArray};
    use arrow::datatypes::{DataType, Field, Schema};
    use arrow_ipc::writer::StreamWriter;
    use std::sync::Arc;

    /// The metadata of a record batch with views.
    fn message() -> Vec<u8> {
        let text: ArrayRef = Arc::new(StringViewArray::from(vec!["longer than twelve bytes", "x"]));
        let batch = RecordBatch::try_from_iter([("t", text)]).unwrap();
        let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema()).unwrap();
        let schema_bytes = writer.get_ref().len();
        writer.write(&batch).unwrap();
        let message = writer.into_inner().unwrap().split_off(schema_bytes);
        let length = u32::from_le_bytes(message[4..8].try_into().unwrap());
        message[8..8 + length as usize].to_vec()
    }

    fn word(bytes: &[u8], place: usize) -> usize {
        u32::from_le_bytes(bytes[place..place + 4].try_into().unwrap()) as usize
    }

    /// The position of a field of a table; `slot` is its offset in the vtable.
    fn field(bytes: &[u8], table: usize, slot: usize) -> usize {
        let vtable = table.wrapping_sub(word(bytes, table) as u32 as i32 as isize as usize);
        table + usize::from(u16::from_le_bytes([bytes[vtable + slot], bytes[vtable + slot + 1]]))
    }

    fn followed(bytes: &[u8], place: usize) -> usize {
        place + word(bytes, place)
    }

    fn counts(bytes: &[u8]) -> Vec<i64> {
        let batch = root_as_message(bytes).unwrap().header_as_record_batch().unwrap();
        batch.variadicBufferCounts().unwrap().iter().collect()
    }

    #[test]
    fn a_vector_at_a_multiple_of_four_is_read() {
        let mut bytes = message();
        let header = field(&bytes, word(&bytes, 0), 8);
        let place = field(&bytes, followed(&bytes, header), 12);
        let vector = followed(&bytes, place);
        let moved = bytes[vector..vector + 12].to_vec();
        // The number of elements is at a multiple of 8, so that the elements are at one of 4.
        bytes.resize(bytes.len().next_multiple_of(8), 0);
        let offset = u32::try_from(bytes.len() - place).unwrap();
        bytes.extend(moved);
        bytes[place..place + 4].copy_from_slice(&offset.to_le_bytes());
        assert!(matches!(root_as_message(&bytes), Err(InvalidFlatbuffer::Unaligned { .. })));
        assert_eq!(counts(&verified(bytes, "damaged").unwrap()), counts(&message()));
    }

    #[test]
    fn no_damage_ends_the_process() {
        let whole = message();
        for place in 0..whole.len() {
            for value in [0xff, 0x04, whole[place] ^ 0x01, whole[place] ^ 0x04] {
                let mut damaged = whole.clone();
                damaged[place] = value;
                let _either = verified(damaged, "damaged");
            }
        }
    }

    #[test]
    fn versions_that_are_not_known_are_refused() {
        for (version, told) in [(5, "V6"), (2, "V3"), (-1, "V0")] {
            let mut bytes = message();
            let place = field(&bytes, word(&bytes, 0), 4);
            bytes[place..place + 2].copy_from_slice(&i16::to_le_bytes(version));
            let error = verified(bytes, "damaged").unwrap_err().to_string();
            assert_eq!(
                error,
                format!(
                    "version {told} of the Arrow format's metadata is not supported: V4 and V5 are"
                )
            );
        }
    }

    #[test]
    fn metadata_that_is_aligned_elsewhere_is_moved() {
        let schema = Schema::new(vec![Field::new("a", DataType::Int64, true)]);
        let stream = StreamWriter::try_new(Vec::new(), &schema).unwrap().into_inner().unwrap();
        let aligned = &stream[8..stream.len() - 8];
        for bytes in 1..8 {
            let moved = shifted(aligned, bytes).unwrap();
            let verified = verified(moved, "damaged").unwrap();
            let message = root_as_message(&verified).unwrap();
            assert_eq!(message.header_as_schema().unwrap().fields().unwrap().len(), 1);
        }
        let cut = verified(aligned[..aligned.len() / 2].to_vec(), "damaged").unwrap_err();
        assert!(cut.to_string().starts_with("damaged: "), "{cut}");
    }
}
