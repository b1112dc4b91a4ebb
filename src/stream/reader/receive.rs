//! Receives the parts of a message.

use super::Reader;
use super::slices::SLICE_ROWS;
use crate::batch::limit::Limit;
use crate::error::{Error, Result};
use crate::schema::merge_strict;
use crate::stream::checks::{Body, is_sparse};
use crate::stream::decoder::Decoder;
use crate::stream::framing::Header;
use crate::stream::limits::Shared;
use crate::stream::messages::Messages;
use crate::stream::undecoded_batch::{Content, Parts};
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

/// Whether all rows of a record batch are to be skipped.
fn passes_over(skip: &mut Limit, header: &Header) -> Result<bool> {
    let message = header.message()?;
    let rows = message.header_as_record_batch().map_or(0, |batch| batch.length());
    let rows = u64::try_from(rows).unwrap_or_default();
    Ok(rows > 0 && skip.passing(rows) == 0 && skip.skip_next(rows) == rows)
}

impl Reader {
    /// Like [`Self::decode`], without decoding anything in the batch.
    pub(super) fn receive(&mut self, header: &Header) -> Result<Option<Parts>> {
        let Some(body) = self.wanted_body(header)? else { return Ok(None) };
        let rows = header.rows()?;
        let skipped_rows = self.skip.skip_next(rows);
        let left = (rows - skipped_rows) as usize;
        if is_sparse(rows, body.len()) && SLICE_ROWS < left {
            let Some(stream) = &self.stream else { return Ok(None) };
            self.check_columns()?;
            let batch = stream.batch(header, &body, Shared::Passed)?;
            return Ok(Some(self.next_parts(batch.slice(skipped_rows as usize, left))));
        }
        let message = Content::Message(header.clone(), body);
        Ok(Some(Parts { content: message, skipped_rows: skipped_rows as usize, rows: left }))
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
            stream.check(header, Body::Length(header.body_bytes()))?;
            self.messages.skip_body(header)?;
            return Ok(None);
        }
        let body = self.messages.body(header)?;
        stream.check(header, Body::Read(&body))?;
        Ok(Some(body))
    }

    /// The number of rows in a batch's header; `None` for a dictionary.
    pub(super) fn count(&mut self, header: &Header) -> Result<Option<u64>> {
        let is_batch = expected_type(header)? == MessageHeader::RecordBatch;
        if let Some(stream) = self.stream.as_ref().filter(|_| is_batch) {
            stream.check(header, Body::Length(header.body_bytes()))?;
        }
        self.messages.skip_body(header)?;
        if is_batch { header.rows().map(Some) } else { Ok(None) }
    }

    /// The number of rows of [`Reader::skip_rows`] that were not there yet.
    pub fn rows_to_skip(&self) -> u64 {
        self.skip.to_skip()
    }

    /// Continues with the next operand, or finishes.
    pub(super) fn open_next(&mut self) -> Result<()> {
        let Some(operand) = self.left.pop_front() else {
            self.finished = true;
            return Ok(());
        };
        self.messages =
            Messages::open(&operand, self.record_batches.as_ref(), self.limits, self.hints)?;
        let stream = self.messages.begin()?;
        self.join(stream).map_err(|e| e.with(self.messages.name()))?;
        if let Some(hint) = &self.hint {
            self.messages.give(hint);
        }
        Ok(())
    }

    /// Continues with a stream whose schema was just read.
    pub(super) fn join(&mut self, mut stream: Decoder) -> Result<()> {
        if self.allow_nulls {
            stream.allow_nulls();
        }
        merge_strict(&self.whole_schema, stream.schema())?;
        stream.limit(self.limits, &self.threads);
        if let Some(columns) = &self.columns {
            stream.project(columns)?;
        }
        self.stream = Some(stream);
        self.is_new = true;
        self.is_later = true;
        self.sent = None;
        Ok(())
    }
}
