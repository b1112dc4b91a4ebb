//! Writes record batches as an Arrow IPC file, from front to back, so that the output may be a
//! pipe.

use super::encoder::{Encoded, Encoder, ValueEncoder, cannot_encode};
use super::footer::{FIRST_MESSAGE, MAGIC};
use super::options::{DictionaryKeys, FileOptions};
use super::rewrite::with_batch_metadata;
use crate::batch::{BatchMessage, Dictionaries, compact};
use crate::error::{Error, Result, guard};
use crate::io::Output;
use crate::schema::{cast_exactly, convert_columns};
use crate::text::escaped;
use arrow::array::RecordBatch;
use arrow::compute::can_cast_types;
use arrow::datatypes::{Metadata, Schema, SchemaRef};
use arrow_ipc::convert::{IpcSchemaEncoder, metadata_to_fb};
use arrow_ipc::writer::{DictionaryTracker, IpcDataGenerator, IpcWriteOptions, StreamEncoder};
use arrow_ipc::{Block, FooterBuilder, MetadataVersion};
use flatbuffers::FlatBufferBuilder;
use std::io::IoSlice;
use std::sync::Arc;

/// A file being written. If it is dropped without [`Writer::finish`], it has no footer, so it is
/// not recognised as a file.
pub struct Writer {
    output: Output,
    /// The number of bytes written.
    place: usize,
    schema: SchemaRef,
    keys: DictionaryKeys,
    metadata: Vec<(String, String)>,
    dictionaries: Dictionaries,
    batches: Encoder,
    /// In depth-first order, inner before outer dictionaries, in which they also get their IDs.
    values: Vec<ValueEncoder>,
    dictionary_blocks: Vec<Block>,
    batch_blocks: Vec<Block>,
}

/// Bodies begin at multiples of this, as the format recommends: vectors of values can then be
/// loaded directly from the mapped file. The format itself requires 8.
const ALIGNMENT: usize = 64;
const PADDING: [u8; ALIGNMENT] = [0; ALIGNMENT];
const CONTINUATION: [u8; 4] = [0xff; 4];

impl Writer {
    /// Writes the magic and the schema.
    ///
    /// # Errors
    /// A schema that the format cannot represent; I/O errors.
    pub fn create(output: Output, schema: &SchemaRef, options: &FileOptions) -> Result<Self> {
        let ipc = options.compression.apply(IpcWriteOptions::default());
        let ipc = ipc.map_err(|e| cannot_encode(&e))?;
        let written = Arc::new(options.dictionary_keys.applied(schema));
        if options.dictionary_keys == DictionaryKeys::None {
            check_casts(schema, &written)?;
        }
        let mut tracker = DictionaryTracker::new(true);
        let schema_metadata = guard("cannot write the schema", || {
            // This reports what the format cannot represent: a dictionary of dictionaries.
            StreamEncoder::try_new(&written).map_err(|e| cannot_encode(&e))?;
            let generator = IpcDataGenerator::default();
            Ok(generator.schema_to_bytes_with_dictionary_tracker(&written, &mut tracker, &ipc))
        })?;
        let dictionaries = Dictionaries::of_file(&written)?;
        let mut writer = Self {
            output,
            place: FIRST_MESSAGE,
            schema: written,
            batches: Encoder::try_new(dictionaries.lowered_schema(), &ipc)?,
            values: tracker.dict_id().iter().map(|id| ValueEncoder::new(*id, &ipc)).collect(),
            keys: options.dictionary_keys,
            metadata: options.metadata.clone(),
            dictionaries,
            dictionary_blocks: Vec::new(),
            batch_blocks: Vec::new(),
        };
        let mut magic = [0; FIRST_MESSAGE];
        magic[..MAGIC.len()].copy_from_slice(MAGIC);
        writer.output.write_gathered(&mut [IoSlice::new(&magic)])?;
        let metadata = schema_metadata.ipc_message;
        writer.message(&Encoded { metadata, body: Vec::new() })?;
        Ok(writer)
    }

    /// Writes a batch with the metadata of its message, after the values that it adds to
    /// dictionaries.
    ///
    /// # Errors
    /// More values in a dictionary than its keys can number; I/O errors.
    pub fn write(&mut self, message: &BatchMessage) -> Result<()> {
        let batch = compact(&message.batch);
        let batch = match self.keys {
            DictionaryKeys::None => plain(&batch, &self.schema)?,
            _ => batch,
        };
        // A stream may replace a dictionary with every batch. A file must not, because its batches
        // may be read in any order: values are only added.
        let keys = guard("cannot write a batch", || self.dictionaries.lower(&batch))?;
        for (number, values) in self.dictionaries.take_joined().into_iter().enumerate() {
            if let Some(values) = values {
                let encoded = self.values[number].encode(values)?;
                let block = self.message(&encoded)?;
                self.dictionary_blocks.push(block);
            }
        }
        let mut encoded = self.batches.batch(&keys)?;
        if !message.metadata.is_empty() {
            encoded.metadata = with_batch_metadata(&encoded.metadata, &message.metadata)?;
        }
        let block = self.message(&encoded)?;
        self.batch_blocks.push(block);
        Ok(())
    }

    /// Writes the end marker and the footer, and makes the output visible.
    ///
    /// # Errors
    /// I/O errors.
    pub fn finish(mut self) -> Result<()> {
        let footer = self.footer()?;
        let length = i32::try_from(footer.len());
        let length = length.map_err(|_| Error::failed("the footer would exceed 2 GiB"))?;
        let (no_length, length) = ([0; 4], length.to_le_bytes());
        let parts: [&[u8]; 5] = [&CONTINUATION, &no_length, &footer, &length, MAGIC];
        self.output.write_gathered(&mut parts.map(IoSlice::new))?;
        self.output.commit()
    }

    /// Writes a message with its framing: the metadata is padded so that the body is aligned.
    fn message(&mut self, message: &Encoded) -> Result<Block> {
        let unpadded = CONTINUATION.len() + size_of::<i32>() + message.metadata.len();
        let header_bytes = (self.place + unpadded).next_multiple_of(ALIGNMENT) - self.place;
        let metadata_bytes = i32::try_from(header_bytes - 8);
        let metadata_bytes = metadata_bytes
            .map_err(|_| Error::failed("the metadata of a message would exceed 2 GiB"))?;
        let length = metadata_bytes.to_le_bytes();
        let head: [&[u8]; 4] =
            [&CONTINUATION, &length, &message.metadata, &PADDING[..header_bytes - unpadded]];
        let body = message.body.iter().map(|buffer| buffer.as_slice());
        let mut slices: Vec<IoSlice<'_>> = head.into_iter().chain(body).map(IoSlice::new).collect();
        self.output.write_gathered(&mut slices)?;
        let body_bytes: usize = message.body.iter().map(|buffer| buffer.len()).sum();
        let block = Block::new(self.place as i64, metadata_bytes + 8, body_bytes as i64);
        self.place += header_bytes + body_bytes;
        Ok(block)
    }

    fn footer(&self) -> Result<Vec<u8>> {
        guard("cannot write the footer", || {
            let mut fbb = FlatBufferBuilder::new();
            let dictionaries = fbb.create_vector(&self.dictionary_blocks);
            let batches = fbb.create_vector(&self.batch_blocks);
            // A fresh tracker assigns the same IDs as the schema message.
            let mut tracker = DictionaryTracker::new(true);
            let mut encoder = IpcSchemaEncoder::new().with_dictionary_tracker(&mut tracker);
            let schema = encoder.schema_to_fb_offset(&mut fbb, &self.schema);
            let metadata: Metadata = self.metadata.iter().cloned().collect();
            let metadata = (!self.metadata.is_empty()).then(|| metadata_to_fb(&mut fbb, &metadata));
            let mut footer = FooterBuilder::new(&mut fbb);
            footer.add_version(MetadataVersion::V5);
            footer.add_schema(schema);
            footer.add_dictionaries(dictionaries);
            footer.add_recordBatches(batches);
            if let Some(metadata) = metadata {
                footer.add_custom_metadata(metadata);
            }
            let footer = footer.finish();
            fbb.finish(footer, None);
            Ok(fbb.finished_data().to_vec())
        })
    }
}

fn check_casts(from: &Schema, to: &Schema) -> Result<()> {
    for (from, to) in from.fields().iter().zip(to.fields()) {
        let (name, from, to) = (from.name(), from.data_type(), to.data_type());
        if from != to && !can_cast_types(from, to) {
            return Err(Error::failed(format!(
                "column \"{}\": --dictionary-keys none cannot convert {from}",
                escaped(name)
            )));
        }
    }
    Ok(())
}

/// The batch with plain values instead of dictionaries.
fn plain(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    convert_columns(batch, schema, |column, to| cast_exactly(column, to))
        .map_err(|e| cannot_encode(&e))
}
