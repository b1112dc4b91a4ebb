//! Encodes record batches and dictionary values as messages without copying their buffers.

use super::rewrite::{as_dictionary, cannot_write};
use crate::error::{Error, Result, guard};
use arrow::array::{ArrayRef, RecordBatch};
use arrow::buffer::Buffer;
use arrow::datatypes::{Field, Schema};
use arrow::error::ArrowError;
use arrow_ipc::writer::{IpcWriteOptions, StreamEncoder};
use std::sync::Arc;

/// An encoder for batches of one schema without dictionaries.
pub(super) struct Encoder {
    encoder: StreamEncoder,
}

/// An encoder for the values of one dictionary: batches of one column with another header.
pub(super) struct ValueEncoder {
    id: i64,
    options: IpcWriteOptions,
    /// Present after the first values.
    encoder: Option<Encoder>,
}

/// A message without its framing.
pub(super) struct Encoded {
    pub(super) metadata: Vec<u8>,
    pub(super) body: Vec<Buffer>,
}

impl Encoder {
    /// # Errors
    /// A type that the format cannot represent.
    pub(super) fn try_new(schema: &Schema, options: &IpcWriteOptions) -> Result<Self> {
        guard("cannot write the schema", || {
            let encoder = StreamEncoder::try_new_with_options(schema, options.clone());
            let mut encoder = encoder.map_err(|e| cannot_encode(&e))?;
            // It emits a schema before its first batch, which is not wanted here.
            let empty = RecordBatch::new_empty(Arc::new(schema.clone()));
            encoder.encode(&empty).map_err(|e| cannot_encode(&e))?;
            Ok(Self { encoder })
        })
    }

    /// # Errors
    /// An array that the format cannot represent.
    pub(super) fn batch(&mut self, batch: &RecordBatch) -> Result<Encoded> {
        guard("cannot write a batch", || {
            split(self.encoder.encode(batch).map_err(|e| cannot_encode(&e))?)
        })
    }
}

impl ValueEncoder {
    /// Returns an encoder for the dictionary with this ID in the schema message.
    pub(super) fn new(id: i64, options: &IpcWriteOptions) -> Self {
        Self { id, options: options.clone(), encoder: None }
    }

    /// Encodes the first values, or more values as a delta.
    ///
    /// # Errors
    /// A type or an array that the format cannot represent.
    pub(super) fn encode(&mut self, values: ArrayRef) -> Result<Encoded> {
        let schema = Schema::new(vec![Field::new("", values.data_type().clone(), true)]);
        let is_delta = self.encoder.is_some();
        let encoder = match &mut self.encoder {
            Some(encoder) => encoder,
            none => none.insert(Encoder::try_new(&schema, &self.options)?),
        };
        let batch = RecordBatch::try_new(Arc::new(schema), vec![values]);
        let mut encoded = encoder.batch(&batch.map_err(|e| cannot_encode(&e))?)?;
        encoded.metadata = as_dictionary(&encoded.metadata, self.id, is_delta)?;
        Ok(encoded)
    }
}

/// Splits the single message of an encoder into its metadata and its body.
fn split(mut buffers: Vec<Buffer>) -> Result<Encoded> {
    let (_, metadata) = take_header(&mut buffers)?;
    Ok(Encoded { metadata, body: buffers })
}

/// Takes the header of a message from the front: a continuation marker with the length of the
/// metadata, and the metadata with its padding.
///
/// # Errors
/// An incomplete header.
pub fn take_header(buffers: &mut Vec<Buffer>) -> Result<(Vec<u8>, Vec<u8>)> {
    let prefix = copied(&take(buffers, 8));
    let length = prefix.last_chunk::<4>().map_or(0, |length| u32::from_le_bytes(*length));
    let metadata = copied(&take(buffers, length as usize));
    if length == 0 || metadata.len() < length as usize {
        return Err(cannot_write("batch"));
    }
    Ok((prefix, metadata))
}

/// Takes bytes from the front without copying them.
pub fn take(buffers: &mut Vec<Buffer>, bytes: usize) -> Vec<Buffer> {
    let (mut taken, mut left) = (Vec::new(), bytes);
    buffers.retain_mut(|buffer| {
        let part = buffer.len().min(left);
        if part > 0 {
            taken.push(buffer.slice_with_length(0, part));
            *buffer = buffer.slice(part);
            left -= part;
        }
        !buffer.is_empty()
    });
    taken
}

fn copied(buffers: &[Buffer]) -> Vec<u8> {
    buffers.iter().map(|buffer| buffer.as_slice()).collect::<Vec<_>>().concat()
}

pub(super) fn cannot_encode(cause: &ArrowError) -> Error {
    Error::failed(format!("cannot write as an Arrow file: {cause}"))
}
