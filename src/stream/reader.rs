//! Reads record batches from inputs with Arrow IPC streams or files, and verifies everything before
//! use.

mod columns;
mod hints;
mod receive;
mod slices;

use super::checks::is_sparse;
use super::decoder::Decoder;
use super::framing::{Frame, Header, stopped_early};
use super::hint::{Hint, Until};
use super::limits::{Limits, Shared};
use super::messages::Messages;
use super::undecoded_batch::{UndecodedBatch, conformed};
use crate::batch::BatchMessage;
use crate::batch::bytes_text::with_bytes_for_text;
use crate::batch::limit::Limit;
use crate::error::{Error, Result};
use crate::io::is_regular_file;
use crate::options::{InputOptions, NumberList, Operand};
use crate::schema::merge_strict;
use crate::threads::Threads;
use arrow::array::RecordBatch;
use arrow::datatypes::{Metadata, SchemaRef};
use std::collections::VecDeque;
use std::sync::Arc;

/// The batches of one or more inputs, each containing one or more streams, or a file, with the same
/// schema.
///
/// Inputs are opened one after another, so that FIFOs may be fed one after another. Only the
/// schemas of regular files are read beforehand, so that a column is nullable if it is in any of
/// them.
#[derive(Debug)]
pub struct Reader {
    allow_missing_end: bool,
    allow_nulls: bool,
    single: bool,
    record_batches: Option<NumberList>,
    threads: Option<Threads>,
    limits: Limits,
    messages: Messages,
    /// Inputs still to be opened.
    left: VecDeque<Operand>,
    /// The schema of every returned batch, before projection.
    whole_schema: SchemaRef,
    /// The same schema with binary instead of text columns.
    bytes_schema: SchemaRef,
    schema: SchemaRef,
    /// The schema of the batches, if columns keep the encodings that they have in transit.
    encoded: Option<SchemaRef>,
    /// The columns of the returned batches whose values are written row by row.
    plain: Plain,
    shared: Shared,
    /// The rows of the last batch that are not returned yet, because they are returned in slices.
    waiting: Option<RecordBatch>,
    /// The metadata of the last batch's message, if all its rows were returned.
    metadata: Metadata,
    /// The columns to decode, as positions in the whole schema; `None` for all.
    columns: Option<Vec<usize>>,
    /// The rows to skip.
    skip: Limit,
    /// The stream being read; `None` between two streams.
    stream: Option<Decoder>,
    /// Whether no message has followed the schema of the stream.
    is_new: bool,
    /// Whether another stream was read before.
    is_later: bool,
    /// A frame that was read ahead.
    ahead: Option<Frame>,
    /// The columns that the stream has, as positions in the whole schema; `None` for all.
    sent: Option<Vec<usize>>,
    /// Whether the writers of the inputs may be told what is needed.
    hints: bool,
    /// The hint for the writers of the inputs.
    hint: Option<(Hint, Until)>,
    finished: bool,
}

/// The columns whose values each row has in the output, whatever shares them in the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Plain {
    /// None are known: batches are passed on with their encodings.
    No,
    /// Those that were encoded only in transit, which become plain columns.
    Marked,
    /// All.
    All,
}

/// Handles a message in an open stream, whose header was read and whose body was not.
type Look<T> = fn(&mut Reader, &Header) -> Result<Option<T>>;

impl Reader {
    /// Opens the first input and reads its schema. Without operands it reads standard input.
    ///
    /// # Errors
    /// An input that cannot be opened, is not an Arrow stream, or whose schema differs from the
    /// first.
    pub fn open(options: &InputOptions) -> Result<Self> {
        let mut left: VecDeque<Operand> = options.operands.iter().cloned().collect();
        let first = left.pop_front().unwrap_or(Operand::Stdin);
        let record_batches = options.record_batches.as_ref();
        let limits = Limits::of(options);
        let hints = !options.no_hints;
        let mut messages = Messages::open(&first, record_batches, limits, hints)?;
        let mut stream = messages.begin()?;
        stream.limit(limits, &options.threads);
        if options.allow_nulls {
            stream.allow_nulls();
        }
        let mut schema = stream.schema().clone();
        for operand in &left {
            if !is_regular_file(operand)? {
                continue;
            }
            let mut messages = Messages::open(operand, record_batches, limits, hints)?;
            let other = messages.begin()?;
            let strictly_merged =
                merge_strict(&schema, other.schema()).map_err(|e| e.with(messages.name()))?;
            schema = Arc::new(strictly_merged);
        }
        Ok(Self {
            allow_missing_end: options.allow_missing_end,
            allow_nulls: options.allow_nulls,
            single: options.single,
            record_batches: options.record_batches.clone(),
            threads: options.threads.clone(),
            limits,
            messages,
            left,
            bytes_schema: Arc::new(with_bytes_for_text(&schema)),
            whole_schema: schema.clone(),
            schema,
            encoded: None,
            plain: Plain::No,
            shared: Shared::Limited,
            waiting: None,
            metadata: Metadata::new(),
            columns: None,
            skip: Limit::new(0, None),
            stream: Some(stream),
            is_new: true,
            is_later: false,
            ahead: None,
            sent: None,
            hints,
            hint: None,
            finished: false,
        })
    }

    /// The schema of the batches, after [`Reader::project`].
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The number of bytes left in the current input, if it is known.
    pub fn remaining_bytes(&self) -> Option<u64> {
        if self.left.is_empty() { self.messages.remaining_bytes() } else { None }
    }

    /// Whether the next batch or the end is available without waiting, as far as this is known:
    /// some bytes of it are there. For an input that has not been opened yet it is not known.
    pub fn is_ready(&self) -> bool {
        self.finished || self.ahead.is_some() || (self.left.is_empty() && self.messages.is_ready())
    }

    /// Skips the first of the remaining rows. Whole batches are skipped by their headers; their
    /// bodies are not touched.
    pub fn skip_rows(&mut self, rows: u64) {
        self.skip = Limit::new(rows, None);
    }

    /// Returns the next batch; `None` after the proper end of the last stream of the last input.
    ///
    /// # Errors
    /// An input that stops early; damaged messages; streams with different schemas.
    pub fn next_batch(&mut self) -> Result<Option<RecordBatch>> {
        match self.waiting.take() {
            Some(rest) => self.next_slice(rest).map(Some),
            None => self.next(Self::decode),
        }
    }

    /// Like [`Reader::next_batch`], with the metadata of its message; a part of a batch has none.
    ///
    /// # Errors
    /// Those of [`Reader::next_batch`].
    pub fn next_message(&mut self) -> Result<Option<BatchMessage>> {
        let batch = self.next_batch()?;
        let metadata = std::mem::take(&mut self.metadata);
        Ok(batch.map(|batch| BatchMessage { batch, metadata }))
    }

    /// Returns the next batch with nothing decoded yet; `None` after the proper end, as with
    /// [`Reader::next_batch`].
    ///
    /// # Errors
    /// An input that stops early; damaged headers; streams with different schemas.
    pub fn next_undecoded(&mut self) -> Result<Option<UndecodedBatch<'_>>> {
        let parts = match self.waiting.take() {
            Some(rest) => Some(self.next_parts(rest)),
            None => self.next(Self::receive)?,
        };
        Ok(parts.zip(self.stream.as_ref()).map(|(parts, decoder)| UndecodedBatch {
            parts,
            decoder,
            sent: self.sent.as_deref(),
            name: self.messages.name(),
            schema: &self.whole_schema,
            bytes_schema: &self.bytes_schema,
        }))
    }

    /// Returns the number of rows of the next batch, whose values are skipped; `None` after the
    /// proper end, as with [`Reader::next_batch`].
    ///
    /// # Errors
    /// An input that stops early; damaged headers; streams with different schemas.
    pub fn next_row_count(&mut self) -> Result<Option<u64>> {
        self.next(Self::count)
    }

    /// Returns the next result of `look` for a message of any input.
    fn next<T>(&mut self, look: Look<T>) -> Result<Option<T>> {
        while !self.finished {
            let found = self.read(look).map_err(|e| {
                self.finished = true;
                e.with(self.messages.name())
            })?;
            if found.is_some() {
                return Ok(found);
            }
            self.open_next().inspect_err(|_| self.finished = true)?;
        }
        Ok(None)
    }

    /// Returns the next result in the current input; `None` at its end.
    fn read<T>(&mut self, look: Look<T>) -> Result<Option<T>> {
        loop {
            let frame = match self.ahead.take() {
                Some(frame) => frame,
                None => {
                    if self.is_new {
                        self.messages.awaited();
                    }
                    self.messages.next(self.stream.is_none())?
                }
            };
            match frame {
                Frame::Message(header) if self.stream.is_none() => {
                    // Another stream follows the end marker of the previous one.
                    let stream = Decoder::begin_message(&header)?;
                    self.messages.skip_body(&header)?;
                    self.join(stream)?;
                }
                Frame::Message(header) => {
                    if std::mem::take(&mut self.is_new) && self.is_agreement(&header)? {
                        continue;
                    }
                    if let Some(found) = look(self, &header)? {
                        return Ok(Some(found));
                    }
                }
                Frame::EndMarker => {
                    self.stream = None;
                    if self.single {
                        return Ok(None);
                    }
                }
                Frame::EndOfInput => {
                    if self.stream.take().is_some() && !self.allow_missing_end {
                        let error = stopped_early("without its end marker");
                        return Err(Error::failed(format!(
                            "{error} (--allow-missing-end accepts such streams)"
                        )));
                    }
                    return Ok(None);
                }
            }
        }
    }

    /// Decodes the batch of a message; `None` for a dictionary, which is kept if it is needed.
    fn decode(&mut self, header: &Header) -> Result<Option<RecordBatch>> {
        let Some(body) = self.wanted_body(header)? else { return Ok(None) };
        let Some(stream) = &self.stream else { return Ok(None) };
        self.check_columns()?;
        let batch = self.skip.apply(stream.batch(header, &body, self.shared)?);
        let rows = header.rows()?;
        let part = self.first_slice(batch, is_sparse(rows, body.len()))?;
        let is_whole = part.num_rows() as u64 == rows;
        self.metadata = if is_whole { header.metadata()? } else { Metadata::new() };
        conformed(&part, self.batch_schema()).map(Some)
    }
}
