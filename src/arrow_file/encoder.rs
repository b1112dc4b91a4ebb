//! Encodes record batches and dictionary values as messages without copying their buffers.

use super::rewrite::as_dictionary;
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
    /// For the dictionary with this ID in the schema message.
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

/// Splits the single message of an encoder: a continuation marker, the length of its metadata, the
/// metadata with its padding, and the body.
fn split(mut buffers: Vec<Buffer>) -> Result<Encoded> {
    let prefix = take(&mut buffers, 8);
    let length = prefix.last_chunk::<4>().map_or(0, |length| u32::from_le_bytes(*length));
    let metadata = take(&mut buffers, length as usize);
    if length == 0 || metadata.len() < length as usize {
        return Err(Error::failed("cannot write a batch: the encoder produced no valid message"));
    }
    Ok(Encoded { metadata, body: buffers })
}

/// Takes bytes from the front.
fn take(buffers: &mut Vec<Buffer>, bytes: usize) -> Vec<u8> {
    let mut taken = Vec::with_capacity(bytes);
    buffers.retain_mut(|buffer| {
        let part = buffer.len().min(bytes - taken.len());
        taken.extend_from_slice(&buffer[..part]);
        *buffer = buffer.slice(part);
        !buffer.is_empty()
    });
    taken
}

pub(super) fn cannot_encode(cause: &ArrowError) -> Error {
    Error::failed(format!("cannot write as an Arrow file: {cause}"))
}
