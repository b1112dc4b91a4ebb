//! Messages of machines with another byte order, swapped before they are decoded.
//!
//! The schema says which order the values in all buffers have. Headers are always little-endian, and
//! so are the lengths at the start of compressed buffers.

mod elements;

use self::elements::{Element, elements};
use super::absent_values::AbsentValues;
use super::checks::claimed_bytes;
use super::framing::Header;
use crate::arrow_file::{with_buffers, with_bytes_of};
use crate::error::{Error, Result, guard};
use arrow::array::Array;
use arrow::buffer::{Buffer, MutableBuffer};
use arrow::datatypes::{DataType, Field, Fields, Metadata, Schema};
use arrow_ipc::convert::try_fb_to_schema;
use arrow_ipc::reader::RecordBatchDecoder;
use arrow_ipc::{Endianness, RecordBatch};
use std::collections::HashMap;
use std::sync::Arc;

/// Buffers begin at multiples of this, as the Arrow columnar format recommends.
const ALIGNMENT: usize = 64;

/// Whether the values after this schema have another order than those of this machine.
///
/// # Errors
/// A byte order that does not exist.
pub(super) fn is_foreign(schema: arrow_ipc::Schema<'_>) -> Result<bool> {
    match schema.endianness() {
        known @ (Endianness::Little | Endianness::Big) => Ok(!known.equals_to_target_endianness()),
        Endianness(other) => Err(damaged("schema", format!("{other} is not a byte order"))),
    }
}

/// Converts a schema of any byte order. May panic on a damaged schema: call it under `guard`.
///
/// # Errors
/// A schema that is not valid Arrow.
pub fn converted(schema: arrow_ipc::Schema<'_>) -> Result<Schema> {
    if schema.endianness() == Endianness::Little {
        return try_fb_to_schema(schema).map_err(|e| damaged("schema", e));
    }
    // Field by field: arrow-ipc refuses a whole big-endian schema that has decimals, because it
    // does not swap values.
    let fields = schema.fields().ok_or_else(|| damaged("schema", "it has no fields"))?;
    let pairs = schema.custom_metadata().into_iter().flatten();
    let pairs = pairs.filter_map(|pair| Some((pair.key()?.to_owned(), pair.value()?.to_owned())));
    let fields: Fields = fields.iter().map(Field::from).collect();
    Ok(Schema::new_with_metadata(fields, pairs.collect::<Metadata>()))
}

/// Returns a record batch or a dictionary whose buffers are in the order of this machine and not
/// compressed. The message must have been checked. With `columns`, the buffers of other columns are empty.
///
/// # Errors
/// A damaged message.
pub(super) fn swapped(
    header: &Header,
    body: &Buffer,
    schema: &Schema,
    columns: Option<&[usize]>,
) -> Result<(Header, Buffer)> {
    let message = header.message()?;
    let (batch, fields) = match message.header_as_dictionary_batch() {
        Some(dictionary) => (dictionary.data(), values_of(schema, dictionary.id())?),
        None => (message.header_as_record_batch(), schema.fields().clone()),
    };
    let batch = batch.ok_or_else(|| damaged("message", "it has no header"))?;
    let elements = elements(&batch, &fields, columns, message.version());
    let (buffers, body) = swapped_buffers(batch, body, &elements)?;
    Ok((Header::verified(with_buffers(message, buffers, body.len())?)?, body.into()))
}

/// Returns a record batch with zeros where values are absent, and no compressed buffers. The message
/// must have been checked. With `columns`, the buffers of other columns are empty.
///
/// # Errors
/// A damaged message.
pub(super) fn with_zeros(
    header: &Header,
    body: &Buffer,
    schema: &Schema,
    columns: Option<&[usize]>,
    absent: &[AbsentValues],
) -> Result<(Header, Buffer)> {
    let message = header.message()?;
    let batch = message.header_as_record_batch();
    let batch = batch.ok_or_else(|| damaged("message", "it has no header"))?;
    let mut elements = elements(&batch, schema.fields(), columns, message.version());
    elements.iter_mut().filter(|it| **it != Element::Unused).for_each(|it| *it = Element::Bytes);
    let (mut buffers, mut body) = swapped_buffers(batch, body, &elements)?;
    // All of them may be the same zeros.
    let start = body.len();
    let most = absent.iter().map(|values| values.bytes).max().unwrap_or_default();
    body.extend_zeros(usize::try_from(most).map_err(|e| damaged("message", e))?);
    for values in absent {
        buffers[values.buffer] = arrow_ipc::Buffer::new(start as i64, values.bytes as i64);
    }
    Ok((Header::verified(with_buffers(message, buffers, body.len())?)?, body.into()))
}

/// The values of a dictionary as the only field.
fn values_of(schema: &Schema, id: i64) -> Result<Fields> {
    // Deprecated in schemas that users build; in a schema that was just read they are correct.
    #[expect(deprecated)]
    let users = schema.fields_with_dict_id(id);
    match users.first().map(|field| field.data_type()) {
        Some(DataType::Dictionary(_, values)) => {
            Ok(Fields::from(vec![Field::new("", values.as_ref().clone(), true)]))
        }
        _ => Err(damaged("dictionary", format!("no column uses dictionary {id}"))),
    }
}

/// The positions of the buffers in a new body, and that body.
fn swapped_buffers(
    batch: RecordBatch<'_>,
    body: &Buffer,
    elements: &[Element],
) -> Result<(Vec<arrow_ipc::Buffer>, MutableBuffer)> {
    let codec = batch.compression().map(|compression| compression.codec());
    let mut positions = Vec::with_capacity(elements.len());
    let is_whole = codec.is_none() && !elements.contains(&Element::Unused);
    let mut new_body = MutableBuffer::new(if is_whole { body.len() } else { 0 });
    // Writers may store equal buffers once. Buffers that overlap otherwise are damage, and copies
    // of them could have any size.
    let mut known = HashMap::new();
    let mut copied_bytes = 0;
    let elements = elements.iter().copied().chain(std::iter::repeat(Element::Unused));
    for (buffer, element) in batch.buffers().into_iter().flatten().zip(elements) {
        if element == Element::Unused || buffer.length() == 0 {
            positions.push(arrow_ipc::Buffer::new(0, 0));
            continue;
        }
        let key = (buffer.offset(), buffer.length(), element);
        if let Some(position) = known.get(&key) {
            positions.push(*position);
            continue;
        }
        let bytes = body.slice_with_length(buffer.offset() as usize, buffer.length() as usize);
        let bytes = match codec {
            None => bytes,
            Some(codec) => guard("damaged message", || {
                decompressed(batch, body, buffer, claimed_bytes(&bytes, codec)?)
            })?,
        };
        copied_bytes += bytes.len();
        if codec.is_none() && copied_bytes > body.len() {
            return Err(damaged("message", "its buffers overlap"));
        }
        let start = new_body.len();
        new_body.extend_from_slice(&bytes);
        element.swap(&mut new_body.as_slice_mut()[start..]);
        new_body.extend_zeros(new_body.len().next_multiple_of(ALIGNMENT) - new_body.len());
        let position = arrow_ipc::Buffer::new(start as i64, bytes.len() as i64);
        known.insert(key, position);
        positions.push(position);
    }
    Ok((positions, new_body))
}

/// Decompresses a buffer by decoding it as a column of bytes, the only way that arrow-ipc offers.
fn decompressed(
    batch: RecordBatch<'_>,
    body: &Buffer,
    buffer: &arrow_ipc::Buffer,
    bytes: u64,
) -> Result<Buffer> {
    let header = Header::verified(with_bytes_of(batch, buffer, bytes)?)?;
    let message = header.message()?;
    let batch = message.header_as_record_batch();
    let batch = batch.ok_or_else(|| damaged("message", "it has no header"))?;
    let schema = Schema::new(vec![Field::new("", DataType::UInt8, false)]);
    let (none, version) = (HashMap::new(), message.version());
    let decoded = RecordBatchDecoder::try_new(body, batch, Arc::new(schema), &none, &version)
        .and_then(RecordBatchDecoder::read_record_batch)
        .map_err(|e| damaged("message", e))?;
    Ok(decoded.column(0).to_data().buffers()[0].clone())
}

fn damaged(what: &str, why: impl std::fmt::Display) -> Error {
    Error::failed(format!("damaged {what}: {why}"))
}
