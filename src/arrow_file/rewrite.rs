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
    let wrong = || Error::failed("cannot write a batch: the encoder produced no valid message");
    let message = root_as_message(message).map_err(|_| wrong())?;
    let batch = message.header_as_record_batch().ok_or_else(wrong)?;
    let mut fbb = FlatBufferBuilder::new();
    let batch = copy_batch(&mut fbb, batch).ok_or_else(wrong)?;
    let metadata = metadata_to_fb(&mut fbb, metadata);
    let mut rewritten = MessageBuilder::new(&mut fbb);
    rewritten.add_version(message.version());
    rewritten.add_header_type(MessageHeader::RecordBatch);
    rewritten.add_bodyLength(message.bodyLength());
    rewritten.add_header(batch.as_union_value());
    rewritten.add_custom_metadata(metadata);
    let rewritten = rewritten.finish();
    fbb.finish(rewritten, None);
    Ok(fbb.finished_data().to_vec())
}

/// Turns the metadata of a record batch's message into that of a dictionary with the same contents.
///
/// # Errors
/// A message of another kind.
pub(super) fn as_dictionary(message: &[u8], id: i64, is_delta: bool) -> Result<Vec<u8>> {
    let wrong =
        || Error::failed("cannot write a dictionary: the encoder produced no valid message");
    let message = root_as_message(message).map_err(|_| wrong())?;
    let batch = message.header_as_record_batch().ok_or_else(wrong)?;
    let mut fbb = FlatBufferBuilder::new();
    let data = copy_batch(&mut fbb, batch).ok_or_else(wrong)?;
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
