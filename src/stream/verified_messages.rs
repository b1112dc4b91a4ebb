//! The messages of a stream or file decoded one by one, for a verdict on each: an error in one does
//! not end the others.

use super::checks::Body;
use super::decoder::Decoder;
use super::framing::Header;
use super::limits::{Limits, Shared};
use crate::batch::bytes_text::Text;
use crate::error::Result;
use crate::threads::Threads;
use arrow::array::RecordBatch;
use arrow::buffer::Buffer;
use arrow::datatypes::SchemaRef;
use arrow_ipc::Schema;

/// The header of a message from its metadata.
///
/// # Errors
/// Bytes that are not a message; a body of negative length.
pub(crate) fn header(metadata: Vec<u8>) -> Result<Header> {
    Header::verified(metadata)
}

/// The decoder of one stream or file, whose messages are given one by one.
#[derive(Debug)]
pub(crate) struct VerifiedMessages(Decoder);

impl VerifiedMessages {
    /// Starts with a schema.
    ///
    /// # Errors
    /// A schema that cannot be read.
    pub(crate) fn begin(schema: Schema<'_>, limits: Limits, threads: &Threads) -> Result<Self> {
        let mut decoder = Decoder::begin(schema)?;
        decoder.limit(limits, &Some(threads.clone()));
        Ok(Self(decoder))
    }

    pub(crate) fn schema(&self) -> &SchemaRef {
        self.0.schema()
    }

    /// Decodes a dictionary, which replaces or extends the previous one; in a file (`once`) it may
    /// not replace it.
    ///
    /// # Errors
    /// A damaged message.
    pub(crate) fn dictionary(&mut self, header: &Header, body: &Buffer, once: bool) -> Result<()> {
        self.0.dictionary(header, body, once)
    }

    /// Decodes a record batch.
    ///
    /// # Errors
    /// A damaged message.
    pub(crate) fn batch(&self, header: &Header, body: &Buffer) -> Result<RecordBatch> {
        self.0.check(header, Body::Read(body))?;
        self.0.batch(header, body, Shared::Passed)
    }

    /// Decodes one column of a record batch, given as its position in the schema.
    ///
    /// # Errors
    /// A damaged column.
    pub(crate) fn column(&self, header: &Header, body: &Buffer, place: usize) -> Result<()> {
        self.0.check(header, Body::Read(body))?;
        self.0.columns(header, body, &[place], Text::Passed).map(drop)
    }
}
