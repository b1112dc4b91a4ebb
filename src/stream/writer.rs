//! Writes record batches as an Arrow IPC stream; the end marker only after complete success.

use super::hint::{Agreement, Hint, are_on, fingerprint, identity, listen};
use crate::arrow_file::{BufferCompression, cannot_write, take, take_header, with_batch_metadata};
use crate::batch::{BatchMessage, compact};
use crate::error::{Error, Result, guard};
use crate::io::Output;
use crate::schema::{holds, holds_dictionary};
use arrow::array::RecordBatch;
use arrow::buffer::Buffer;
use arrow::datatypes::{DataType, Metadata, Schema, SchemaRef};
use arrow::error::ArrowError;
use arrow_ipc::writer::{DictionaryHandling, IpcWriteOptions, StreamEncoder};
use arrow_ipc::{MessageHeader, root_as_message};
use std::io::IoSlice;
use std::sync::Arc;

/// A stream being written. If it is dropped without [`Writer::finish`], it has no end marker, so
/// that every reader knows that something went wrong.
pub struct Writer {
    output: Output,
    /// All columns, as the schema message has them.
    schema: SchemaRef,
    compression: BufferCompression,
    encoder: StreamEncoder,
    /// The encoder emits the schema again before its first batch, when it was already written.
    schema_repeats: bool,
    /// Tells the schema from others, for hints.
    fingerprint: u64,
}

/// The hint of a reader as it was given.
#[derive(Debug, Clone, Default)]
pub struct GivenHint {
    /// The promise.
    pub hint: Hint,
    identity: u64,
}

impl GivenHint {
    /// Whether the reader may need everything.
    pub fn is_empty(&self) -> bool {
        self.hint.is_empty()
    }
}

/// The end marker of every stream: a continuation marker and a length of 0.
pub(super) const END_MARKER: [u8; 8] = [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0];

/// Headers are padded to a multiple of this, as in arrow-ipc.
const ALIGNMENT: usize = 64;

/// The continuation marker and the length of the metadata.
const PREFIX_BYTES: usize = 8;

impl Writer {
    /// Writes the schema at once, so that the downstream program can get ready.
    ///
    /// # Errors
    /// A schema that the format cannot represent; I/O errors.
    pub fn create(output: Output, schema: &SchemaRef) -> Result<Self> {
        Self::create_compressed(output, schema, BufferCompression::default())
    }

    /// Like [`Writer::create`], with each buffer compressed separately.
    ///
    /// # Errors
    /// A schema that the format cannot represent; I/O errors.
    pub fn create_compressed(
        output: Output,
        schema: &SchemaRef,
        compression: BufferCompression,
    ) -> Result<Self> {
        let encoder = encoder(schema, compression)?;
        let mut writer = Self {
            output,
            schema: schema.clone(),
            compression,
            encoder,
            schema_repeats: true,
            fingerprint: 0,
        };
        writer.fingerprint = writer.write_schema(schema)?;
        Ok(writer)
    }

    /// Goes on with a stream whose schema message was written; `metadata` is its content.
    ///
    /// # Errors
    /// A schema that the format cannot represent.
    pub(super) fn after_schema(
        output: Output,
        schema: &SchemaRef,
        metadata: &[u8],
    ) -> Result<Self> {
        let compression = BufferCompression::default();
        Ok(Self {
            output,
            schema: schema.clone(),
            compression,
            encoder: encoder(schema, compression)?,
            schema_repeats: true,
            fingerprint: fingerprint(metadata),
        })
    }

    /// The output, for a stream whose batches are moved as bytes.
    pub(super) fn into_output(self) -> Output {
        self.output
    }

    /// The hint of the program that reads this output, if it is a pipe and the program gives one;
    /// else one that promises nothing. Waits up to 40 ms for a sign that there will be one, as long
    /// as the schema is unread, and up to 200 ms for the hint itself, but only while `is_worth` is
    /// true. Must precede the first batch.
    pub fn hint(&self, is_worth: impl Fn() -> bool) -> GivenHint {
        let end = if are_on() { self.output.pipe_end() } else { None };
        let columns = self.schema.fields().len();
        let heard = end.and_then(|end| listen(&end, self.fingerprint, columns, is_worth));
        let Some((hint, message)) = heard else { return GivenHint::default() };
        GivenHint { hint, identity: identity(&message) }
    }

    /// Tells the reader that gave a hint how it is used: from now on, batches have the schema
    /// `sent`, whose columns are given as ascending positions, may be encoded in transit if the
    /// reader understands that, and may lack rows that it does not need. Must precede the first
    /// batch.
    ///
    /// # Errors
    /// A schema that the format cannot represent; I/O errors.
    pub fn agree(&mut self, given: &GivenHint, columns: &[usize], sent: &Schema) -> Result<()> {
        let agreement = Agreement { hint: given.identity, columns: columns.to_vec() };
        let schema = Arc::new(agreement.schema(sent));
        self.encoder = encoder(&schema, self.compression)?;
        self.schema_repeats = true;
        self.write_schema(&schema).map(drop)
    }

    /// Writes a schema message and returns its fingerprint.
    fn write_schema(&mut self, schema: &SchemaRef) -> Result<u64> {
        // An encoder emits its schema message alone only in an empty stream, before the end marker.
        let mut empty = guard("cannot write the schema", || {
            encoder(schema, self.compression)?.finish().map_err(|e| cannot_encode(&e))
        })?;
        let bytes: usize = empty.iter().map(Buffer::len).sum();
        let message = take(&mut empty, bytes - END_MARKER.len());
        let (_, metadata) = take_header(&mut message.clone())?;
        self.write_buffers(&message)?;
        Ok(fingerprint(&metadata))
    }

    /// Writes a complete batch at once. Batches without rows carry no information and are left out.
    ///
    /// # Errors
    /// I/O errors, such as a closed pipe or a full disk; an array that the format cannot represent.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        self.encode(&compact(batch), &Metadata::new())
    }

    /// Writes a batch like [`Writer::write`], with the metadata of its message.
    ///
    /// # Errors
    /// Those of [`Writer::write`].
    pub fn write_message(&mut self, message: &BatchMessage) -> Result<()> {
        self.encode(&compact(&message.batch), &message.metadata)
    }

    fn encode(&mut self, batch: &RecordBatch, metadata: &Metadata) -> Result<()> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        let mut buffers = guard("cannot write a batch", || {
            self.encoder.encode(batch).map_err(|e| cannot_encode(&e))
        })?;
        if std::mem::take(&mut self.schema_repeats) {
            take_header(&mut buffers)?;
        }
        if !metadata.is_empty() {
            buffers = annotated(buffers, metadata)?;
        }
        self.write_buffers(&buffers)
    }

    /// Writes batches of a [`Merger`](crate::batch::Merger) or a
    /// [`Rechunker`](crate::batch::Rechunker), which are compact already: each like
    /// [`Writer::write`].
    ///
    /// # Errors
    /// Those of [`Writer::write`].
    pub fn write_compacted(&mut self, batches: &[RecordBatch]) -> Result<()> {
        batches.iter().try_for_each(|batch| self.encode(batch, &Metadata::new()))
    }

    /// Writes the end marker and makes the output visible.
    ///
    /// # Errors
    /// I/O errors.
    pub fn finish(mut self) -> Result<()> {
        self.output.write_gathered(&mut [IoSlice::new(&END_MARKER)])?;
        self.output.commit()
    }

    fn write_buffers(&mut self, buffers: &[Buffer]) -> Result<()> {
        let filled = buffers.iter().filter(|buffer| !buffer.is_empty());
        let mut slices: Vec<IoSlice<'_>> = filled.map(|buffer| IoSlice::new(buffer)).collect();
        self.output.write_gathered(&mut slices)
    }
}

/// # Errors
/// A schema that the format cannot represent.
fn encoder(schema: &SchemaRef, compression: BufferCompression) -> Result<StreamEncoder> {
    let options = IpcWriteOptions::default().with_dictionary_handling(handling_of_growing(schema));
    let encoder = compression
        .apply(options)
        .and_then(|options| StreamEncoder::try_new_with_options(schema, options));
    encoder.map_err(|e| cannot_encode(&e))
}

/// Deltas are passed on as deltas, so that a growing dictionary is not sent whole with every batch.
/// The exception is a dictionary of dictionaries, because pyarrow cannot read such a delta ("with
/// an unresolved nested dictionary").
fn handling_of_growing(schema: &Schema) -> DictionaryHandling {
    let nests = |data_type: &DataType| matches!(data_type, DataType::Dictionary(_, values) if holds_dictionary(values));
    if schema.fields().iter().any(|field| holds(field.data_type(), nests)) {
        DictionaryHandling::Resend
    } else {
        DictionaryHandling::Delta
    }
}

/// Adds key-value pairs to the record batch in these messages, which is the last message.
///
/// # Errors
/// Messages without a record batch.
fn annotated(mut messages: Vec<Buffer>, metadata: &Metadata) -> Result<Vec<Buffer>> {
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

fn cannot_encode(cause: &ArrowError) -> Error {
    Error::failed(format!("cannot write as an Arrow stream: {cause}"))
}
