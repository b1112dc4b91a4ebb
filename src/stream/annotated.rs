//! Metadata of individual record batches, added to messages that were encoded without it.

use crate::arrow_file::{cannot_write, take, take_header, with_batch_metadata};
use crate::error::{Error, Result};
use arrow::buffer::Buffer;
use arrow::datatypes::Metadata;
use arrow_ipc::{MessageHeader, root_as_message};

/// Headers are padded to a multiple of this, as in arrow-ipc.
const ALIGNMENT: usize = 64;

/// The continuation marker and the length of the metadata.
const PREFIX_BYTES: usize = 8;

/// Adds key-value pairs to the record batch in these messages, which is the last message.
///
/// # Errors
/// Messages without a record batch.
pub(super) fn annotated(mut messages: Vec<Buffer>, metadata: &Metadata) -> Result<Vec<Buffer>> {
    let mut done = Vec::with_capacity(messages.len());
    loop {
        let (prefix, header) = take_header(&mut messages)?;
        let message = root_as_message(&header).map_err(|_| cannot_write("batch"))?;
        if message.header_type() == MessageHeader::RecordBatch {
            done.push(framed(with_batch_metadata(&header, metadata)?)?);
            done.append(&mut messages);
            return Ok(done);
        }
        let body_bytes = usize::try_from(message.bodyLength()).unwrap_or_default();
        done.extend([Buffer::from(prefix), Buffer::from(header)]);
        done.append(&mut take(&mut messages, body_bytes));
    }
}

fn framed(metadata: Vec<u8>) -> Result<Buffer> {
    let bytes = (PREFIX_BYTES + metadata.len()).next_multiple_of(ALIGNMENT);
    let length = i32::try_from(bytes - PREFIX_BYTES)
        .map_err(|_| Error::failed("the metadata of a message would exceed 2 GiB"))?;
    let mut framed = [[0xff; 4], length.to_le_bytes()].concat();
    framed.extend_from_slice(&metadata);
    framed.resize(bytes, 0);
    Ok(Buffer::from(framed))
}
