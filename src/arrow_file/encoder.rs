//! Record batches and dictionary values as messages, their buffers not copied.

use crate::error::{Error, Result, guard};
use arrow::array::{ArrayRef, RecordBatch};
use arrow::buffer::Buffer;
use arrow::datatypes::{DataType, Field, Schema};
use arrow::error::ArrowError;
use arrow_ipc::writer::{IpcWriteOptions, StreamEncoder};
use arrow_ipc::{
    BodyCompressionBuilder, DictionaryBatchBuilder, MessageBuilder, MessageHeader,
    RecordBatchBuilder, root_as_message,
};
use flatbuffers::FlatBufferBuilder;
use std::sync::Arc;

/// Encodes batches of one schema without dictionaries.
pub(super) struct Encoder {
    encoder: StreamEncoder,
}

/// A message without what frames it.
pub(super) struct Encoded {
    pub(super) metadata: Vec<u8>,
    pub(super) body: Vec<Buffer>,
}

impl Encoder {
    /// # Errors
    /// A type that the format cannot hold.
    pub(super) fn try_new(schema: &Schema, options: &IpcWriteOptions) -> Result<Self> {
        guard("cannot write the schema", || {
            let encoder = StreamEncoder::try_new_with_options(schema, options.clone());
            let mut encoder = encoder.map_err(|e| cannot_encode(&e))?;
            // Before its first batch it puts a schema, which is not wanted here.
            let empty = RecordBatch::new_empty(Arc::new(schema.clone()));
            encoder.encode(&empty).map_err(|e| cannot_encode(&e))?;
            Ok(Self { encoder })
        })
    }

    /// For the values of a dictionary.
    ///
    /// # Errors
    /// A type that the format cannot hold.
    pub(super) fn for_values(data_type: &DataType, options: &IpcWriteOptions) -> Result<Self> {
        Self::try_new(&Schema::new(vec![Field::new("", data_type.clone(), true)]), options)
    }

    /// # Errors
    /// An array that the format cannot hold.
    pub(super) fn batch(&mut self, batch: &RecordBatch) -> Result<Encoded> {
        guard("cannot write a batch", || {
            split(self.encoder.encode(batch).map_err(|e| cannot_encode(&e))?)
        })
    }

    /// Values of a dictionary: the same message with another head.
    ///
    /// # Errors
    /// An array that the format cannot hold.
    pub(super) fn dictionary(
        &mut self,
        values: ArrayRef,
        id: i64,
        is_delta: bool,
    ) -> Result<Encoded> {
        let schema = Schema::new(vec![Field::new("", values.data_type().clone(), true)]);
        let batch = RecordBatch::try_new(Arc::new(schema), vec![values]);
        let mut encoded = self.batch(&batch.map_err(|e| cannot_encode(&e))?)?;
        encoded.metadata = dictionary_metadata(&encoded.metadata, id, is_delta)?;
        Ok(encoded)
    }
}

/// Parts the one message that an encoder gave: a continuation marker, the length of its metadata,
/// these with their padding, and the body.
fn split(mut buffers: Vec<Buffer>) -> Result<Encoded> {
    let prefix = take(&mut buffers, 8);
    let length = prefix.last_chunk::<4>().map_or(0, |length| u32::from_le_bytes(*length));
    let metadata = take(&mut buffers, length as usize);
    if length == 0 || metadata.len() < length as usize {
        return Err(Error::failed("cannot write a batch: it became no message"));
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

/// The metadata of a record batch as those of a dictionary that holds the same.
fn dictionary_metadata(metadata: &[u8], id: i64, is_delta: bool) -> Result<Vec<u8>> {
    let wrong = || Error::failed("cannot write a dictionary: its values became no message");
    let message = root_as_message(metadata).map_err(|_| wrong())?;
    let batch = message.header_as_record_batch().ok_or_else(wrong)?;
    let (Some(nodes), Some(buffers)) = (batch.nodes(), batch.buffers()) else {
        return Err(wrong());
    };
    let mut fbb = FlatBufferBuilder::new();
    let nodes = fbb.create_vector(&nodes.iter().copied().collect::<Vec<_>>());
    let buffers = fbb.create_vector(&buffers.iter().copied().collect::<Vec<_>>());
    let variadic = batch.variadicBufferCounts();
    let variadic = variadic.map(|counts| fbb.create_vector(&counts.iter().collect::<Vec<_>>()));
    let compression = batch.compression().map(|compression| {
        let mut builder = BodyCompressionBuilder::new(&mut fbb);
        builder.add_codec(compression.codec());
        builder.add_method(compression.method());
        builder.finish()
    });
    let mut data = RecordBatchBuilder::new(&mut fbb);
    data.add_length(batch.length());
    data.add_nodes(nodes);
    data.add_buffers(buffers);
    if let Some(compression) = compression {
        data.add_compression(compression);
    }
    if let Some(variadic) = variadic {
        data.add_variadicBufferCounts(variadic);
    }
    let data = data.finish();
    let mut dictionary = DictionaryBatchBuilder::new(&mut fbb);
    dictionary.add_id(id);
    dictionary.add_data(data);
    dictionary.add_isDelta(is_delta);
    let dictionary = dictionary.finish();
    let mut wrapped = MessageBuilder::new(&mut fbb);
    wrapped.add_version(message.version());
    wrapped.add_header_type(MessageHeader::DictionaryBatch);
    wrapped.add_bodyLength(message.bodyLength());
    wrapped.add_header(dictionary.as_union_value());
    let wrapped = wrapped.finish();
    fbb.finish(wrapped, None);
    Ok(fbb.finished_data().to_vec())
}

pub(super) fn cannot_encode(cause: &ArrowError) -> Error {
    Error::failed(format!("cannot write as an Arrow file: {cause}"))
}
