//! Rewrites the metadata of messages, with parts that arrow-ipc's encoders do not write.

use crate::error::{Error, Result};
use arrow::datatypes::Metadata;
use arrow_ipc::convert::metadata_to_fb;
use arrow_ipc::{
    BodyCompressionBuilder, DictionaryBatchBuilder, MessageBuilder, MessageHeader, RecordBatch,
    RecordBatchBuilder, root_as_message,
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
    let mut fbb = FlatBufferBuilder::new();
    let batch = copy_batch(&mut fbb, message.header_as_record_batch()?)?;
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
    let mut rewritten = MessageBuilder::new(&mut fbb);
    rewritten.add_version(message.version());
    rewritten.add_header_type(header_type);
    rewritten.add_bodyLength(message.bodyLength());
    rewritten.add_header(header);
    if let Some(metadata) = metadata {
        rewritten.add_custom_metadata(metadata);
    }
    let rewritten = rewritten.finish();
    fbb.finish(rewritten, None);
    Some(fbb.finished_data().to_vec())
}

fn copy_batch<'a>(
    fbb: &mut FlatBufferBuilder<'a>,
    batch: RecordBatch<'_>,
) -> Option<WIPOffset<RecordBatch<'a>>> {
    let nodes = fbb.create_vector(&batch.nodes()?.iter().copied().collect::<Vec<_>>());
    let buffers = fbb.create_vector(&batch.buffers()?.iter().copied().collect::<Vec<_>>());
    let variadic = batch.variadicBufferCounts();
    let variadic = variadic.map(|counts| fbb.create_vector(&counts.iter().collect::<Vec<_>>()));
    let compression = batch.compression().map(|compression| {
        let mut builder = BodyCompressionBuilder::new(fbb);
        builder.add_codec(compression.codec());
        builder.add_method(compression.method());
        builder.finish()
    });
    let mut copy = RecordBatchBuilder::new(fbb);
    copy.add_length(batch.length());
    copy.add_nodes(nodes);
    copy.add_buffers(buffers);
    if let Some(compression) = compression {
        copy.add_compression(compression);
    }
    if let Some(variadic) = variadic {
        copy.add_variadicBufferCounts(variadic);
    }
    Some(copy.finish())
}
