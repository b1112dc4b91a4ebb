//! Rewrites the metadata of messages, with parts that arrow-ipc's encoders do not write.

use crate::error::{Error, Result};
use arrow::datatypes::Metadata;
use arrow_ipc::convert::metadata_to_fb;
use arrow_ipc::{
    BodyCompression, BodyCompressionBuilder, Buffer, DictionaryBatchBuilder, FieldNode, Message,
    MessageBuilder, MessageHeader, MetadataVersion, RecordBatch, RecordBatchBuilder,
    root_as_message,
};
use flatbuffers::{FlatBufferBuilder, WIPOffset};

/// Returns the metadata of a record batch's message with its own key-value pairs.
///
/// # Errors
/// A message of another kind.
pub fn with_batch_metadata(message: &[u8], metadata: &Metadata) -> Result<Vec<u8>> {
    rewritten(message, None, Some(metadata)).ok_or_else(|| cannot_write("batch"))
}

/// Turns the metadata of a record batch's message into that of a dictionary with the same contents.
///
/// # Errors
/// A message of another kind.
pub(super) fn as_dictionary(message: &[u8], id: i64, is_delta: bool) -> Result<Vec<u8>> {
    rewritten(message, Some((id, is_delta)), None).ok_or_else(|| cannot_write("dictionary"))
}

/// Returns the metadata of a record batch's or a dictionary's message with its buffers at other
/// places, in a body that is not compressed. The message's own key-value pairs are left out.
///
/// # Errors
/// A message of another kind.
pub fn with_buffers(
    message: Message<'_>,
    buffers: Vec<Buffer>,
    body_bytes: usize,
) -> Result<Vec<u8>> {
    let rewrite = || {
        let dictionary = message.header_as_dictionary_batch();
        let batch = match dictionary {
            Some(dictionary) => dictionary.data()?,
            None => message.header_as_record_batch()?,
        };
        let parts = Parts { buffers, compression: None, ..Parts::of(batch)? };
        let dictionary = dictionary.map(|dictionary| (dictionary.id(), dictionary.isDelta()));
        Some(written(message.version(), i64::try_from(body_bytes).ok()?, &parts, dictionary, None))
    };
    rewrite().ok_or_else(|| cannot_write("batch"))
}

/// Returns the metadata of a record batch's message with one column, the bytes in a buffer of
/// another batch: this many after decompression.
///
/// # Errors
/// More bytes than a batch can have.
pub fn with_bytes_of(batch: RecordBatch<'_>, buffer: &Buffer, bytes: u64) -> Result<Vec<u8>> {
    let rows = i64::try_from(bytes).map_err(|_| cannot_write("batch"))?;
    let parts = Parts {
        rows,
        nodes: vec![FieldNode::new(rows, 0)],
        buffers: vec![Buffer::new(buffer.offset(), 0), *buffer],
        variadic: None,
        compression: batch.compression(),
    };
    Ok(written(MetadataVersion::V5, 0, &parts, None, None))
}

/// The error for an encoder whose output has another form than expected.
pub fn cannot_write(what: &str) -> Error {
    Error::failed(format!("cannot write a {what}: the encoder produced no valid message"))
}

/// The message of a record batch, or of a dictionary with this ID that may be a delta; `None` if it
/// is not the message of a record batch.
fn rewritten(
    message: &[u8],
    dictionary: Option<(i64, bool)>,
    metadata: Option<&Metadata>,
) -> Option<Vec<u8>> {
    let message = root_as_message(message).ok()?;
    let parts = Parts::of(message.header_as_record_batch()?)?;
    Some(written(message.version(), message.bodyLength(), &parts, dictionary, metadata))
}

fn written(
    version: MetadataVersion,
    body_bytes: i64,
    parts: &Parts<'_>,
    dictionary: Option<(i64, bool)>,
    metadata: Option<&Metadata>,
) -> Vec<u8> {
    let mut fbb = FlatBufferBuilder::new();
    let batch = parts.write(&mut fbb);
    let (header_type, header) = match dictionary {
        None => (MessageHeader::RecordBatch, batch.as_union_value()),
        Some((id, is_delta)) => {
            let mut dictionary = DictionaryBatchBuilder::new(&mut fbb);
            dictionary.add_id(id);
            dictionary.add_data(batch);
            dictionary.add_isDelta(is_delta);
            (MessageHeader::DictionaryBatch, dictionary.finish().as_union_value())
        }
    };
    let metadata = metadata.map(|metadata| metadata_to_fb(&mut fbb, metadata));
    let mut message = MessageBuilder::new(&mut fbb);
    message.add_version(version);
    message.add_header_type(header_type);
    message.add_bodyLength(body_bytes);
    message.add_header(header);
    if let Some(metadata) = metadata {
        message.add_custom_metadata(metadata);
    }
    let message = message.finish();
    fbb.finish(message, None);
    fbb.finished_data().to_vec()
}

/// The parts of a record batch's header.
struct Parts<'a> {
    rows: i64,
    nodes: Vec<FieldNode>,
    buffers: Vec<Buffer>,
    /// The number of data buffers of each array of views.
    variadic: Option<Vec<i64>>,
    compression: Option<BodyCompression<'a>>,
}

impl<'a> Parts<'a> {
    fn of(batch: RecordBatch<'a>) -> Option<Self> {
        Some(Self {
            rows: batch.length(),
            nodes: batch.nodes()?.iter().copied().collect(),
            buffers: batch.buffers()?.iter().copied().collect(),
            variadic: batch.variadicBufferCounts().map(|counts| counts.iter().collect()),
            compression: batch.compression(),
        })
    }

    fn write<'b>(&self, fbb: &mut FlatBufferBuilder<'b>) -> WIPOffset<RecordBatch<'b>> {
        let nodes = fbb.create_vector(&self.nodes);
        let buffers = fbb.create_vector(&self.buffers);
        let variadic = self.variadic.as_ref().map(|counts| fbb.create_vector(counts));
        let compression = self.compression.map(|compression| {
            let mut builder = BodyCompressionBuilder::new(fbb);
            builder.add_codec(compression.codec());
            builder.add_method(compression.method());
            builder.finish()
        });
        let mut batch = RecordBatchBuilder::new(fbb);
        batch.add_length(self.rows);
        batch.add_nodes(nodes);
        batch.add_buffers(buffers);
        if let Some(compression) = compression {
            batch.add_compression(compression);
        }
        if let Some(variadic) = variadic {
            batch.add_variadicBufferCounts(variadic);
        }
        batch.finish()
    }
}
