//! Receives the parts of a message.

use super::{Reader, passes_over, rows};
use crate::error::{Error, Result};
use crate::schema::merge_strict;
use crate::stream::decoder::Decoder;
use crate::stream::framing::Header;
use crate::stream::messages::Messages;
use crate::stream::undecoded_batch::Parts;
use arrow::buffer::Buffer;
use arrow_ipc::MessageHeader;

/// Returns the type of a message that may follow the schema: a record batch or a dictionary.
pub(crate) fn expected_type(header: &Header) -> Result<MessageHeader> {
    match header.message()?.header_type() {
        known @ (MessageHeader::RecordBatch | MessageHeader::DictionaryBatch) => Ok(known),
        MessageHeader::Schema => {
            Err(Error::failed("damaged stream: a second schema before the end marker"))
        }
        other => Err(Error::failed(format!("messages of type {other:?} are not supported"))),
    }
}

impl Reader {
    /// Like [`Self::decode`], without decoding anything in the batch.
    pub(super) fn receive(&mut self, header: &Header) -> Result<Option<Parts>> {
        let Some(body) = self.wanted_body(header)? else { return Ok(None) };
        let rows = rows(header)?;
        let skipped_rows = self.skip.skip_next(rows);
        Ok(Some(Parts {
            header: header.clone(),
            body,
            skipped_rows: skipped_rows as usize,
            rows: (rows - skipped_rows) as usize,
        }))
    }

    /// Returns the body of a record batch; `None` if it is skipped, or for a dictionary, which is
    /// kept if it is needed.
    pub(super) fn wanted_body(&mut self, header: &Header) -> Result<Option<Buffer>> {
        let header_type = expected_type(header)?;
        let Some(stream) = &mut self.stream else { return Ok(None) };
        if header_type == MessageHeader::DictionaryBatch {
            if stream.needs(header)? {
                let body = self.messages.body(header)?;
                stream.dictionary(header, &body, matches!(self.messages, Messages::File(_)))?;
            } else {
                self.messages.skip_body(header)?;
            }
            return Ok(None);
        }
        if passes_over(&mut self.skip, header)? {
            self.messages.skip_body(header)?;
            return Ok(None);
        }
        self.messages.body(header).map(Some)
    }

    /// The number of rows in a batch's header; `None` for a dictionary.
    pub(super) fn count(&mut self, header: &Header) -> Result<Option<u64>> {
        let header_type = expected_type(header)?;
        self.messages.skip_body(header)?;
        if header_type == MessageHeader::DictionaryBatch {
            return Ok(None);
        }
        rows(header).map(Some)
    }

    /// Continues with the next operand, or finishes.
    pub(super) fn open_next(&mut self) -> Result<()> {
        let Some(operand) = self.left.pop_front() else {
            self.finished = true;
            return Ok(());
        };
        self.messages = Messages::open(&operand, self.record_batches.as_ref())?;
        let stream = self.messages.begin()?;
        self.join(stream).map_err(|e| e.with(self.messages.name()))
    }

    /// Continues with a stream whose schema was just read.
    pub(super) fn join(&mut self, mut stream: Decoder) -> Result<()> {
        if self.allow_nulls {
            stream.allow_nulls();
        }
        merge_strict(&self.whole_schema, stream.schema())?;
        stream.limit_threads(&self.threads);
        if let Some(columns) = &self.columns {
            stream.project(columns)?;
        }
        self.stream = Some(stream);
        Ok(())
    }
}
