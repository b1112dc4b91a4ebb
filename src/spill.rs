//! Record batches of one schema in a temporary file.
//!
//! Each batch is a message of the Arrow IPC format. The schema is known and dictionaries were
//! resolved before, so that each message can be read alone, in any order.

use crate::error::{Error, Result, guard};
use crate::io::TemporaryFile;
use arrow::array::RecordBatch;
use arrow::buffer::Buffer;
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use arrow_ipc::reader::RecordBatchDecoder;
use arrow_ipc::root_as_message;
use arrow_ipc::writer::StreamEncoder;
use std::collections::HashMap;
use std::path::Path;

/// The position of a batch in the file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Extent {
    start: u64,
    bytes: usize,
}

impl Extent {
    /// The bytes in the file.
    pub(crate) fn bytes(self) -> usize {
        self.bytes
    }
}

/// Batches in a single file, so that the number of open files does not grow.
pub(crate) struct Spill {
    file: TemporaryFile,
    encoder: StreamEncoder,
    schema: SchemaRef,
}

impl Spill {
    /// Creates an empty file in `directory`, or in the directory for temporary files.
    ///
    /// # Errors
    /// I/O errors.
    pub(crate) fn create(schema: &SchemaRef, directory: Option<&Path>) -> Result<Self> {
        let file = TemporaryFile::create(directory)?;
        let mut encoder = StreamEncoder::try_new(schema).map_err(|e| cannot_spill(&e))?;
        // An encoder writes the schema before its first batch; it is not needed here.
        encoder.encode(&RecordBatch::new_empty(schema.clone())).map_err(|e| cannot_spill(&e))?;
        Ok(Self { file, encoder, schema: schema.clone() })
    }

    /// Appends a batch to the file.
    ///
    /// # Errors
    /// A full disk.
    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<Extent> {
        let buffers = guard("cannot write temporary data", || {
            self.encoder.encode(batch).map_err(|e| cannot_spill(&e))
        })?;
        let bytes = buffers.iter().map(Buffer::len).sum();
        Ok(Extent { start: self.file.append(&buffers)?, bytes })
    }

    /// Reads a batch back.
    ///
    /// # Errors
    /// I/O errors.
    pub(crate) fn read(&self, extent: Extent) -> Result<RecordBatch> {
        let message = self.file.read(extent.start, extent.bytes)?;
        guard("damaged temporary data", || decoded(&message, &self.schema))
    }
}

/// Decodes a message: a continuation marker, the length of the metadata, the metadata, the body.
fn decoded(message: &Buffer, schema: &SchemaRef) -> Result<RecordBatch> {
    let damaged = || Error::failed("damaged temporary data");
    let length = message.get(4..8).and_then(|bytes| bytes.try_into().ok()).map(u32::from_le_bytes);
    let end = 8 + length.ok_or_else(damaged)? as usize;
    let metadata = root_as_message(message.get(8..end).ok_or_else(damaged)?);
    let metadata = metadata.map_err(|_| damaged())?;
    let batch = metadata.header_as_record_batch().ok_or_else(damaged)?;
    let (body, none) = (message.slice(end), HashMap::new());
    RecordBatchDecoder::try_new(&body, batch, schema.clone(), &none, &metadata.version())
        .and_then(RecordBatchDecoder::read_record_batch)
        .map_err(|e| cannot_spill(&e))
}

fn cannot_spill(cause: &ArrowError) -> Error {
    Error::failed(format!("cannot keep rows in a temporary file: {cause}"))
}
