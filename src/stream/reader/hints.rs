//! Hints to the writers of the inputs, and streams whose writers leave out what is not needed.

use super::Reader;
use crate::batch::bytes_text::with_bytes_for_text;
use crate::error::{Error, Result};
use crate::stream::decoder::Decoder;
use crate::stream::framing::{Frame, Header};
use crate::stream::hint::{Agreement, Encodings, Hint, Until};
use crate::stream::undecoded_batch::places_among;
use crate::stream::upstream::Upstream;
use arrow::datatypes::Schema;
use arrow_ipc::MessageHeader;
use std::sync::Arc;

impl Reader {
    /// Tells the writers of inputs that are pipes what is not needed of their streams. Must precede
    /// the first batch, and be true until the end of the last stream.
    pub fn promise(&mut self, hint: Hint, until: Until) {
        // What follows the first stream is for another reader.
        if !self.hints || self.single || hint.is_empty() {
            self.messages.awaited();
        } else {
            let given = self.hint.insert((hint, until));
            self.messages.give(given);
        }
    }

    /// Whether the input comes from a program that may be told what is not needed.
    pub fn has_writers(&self) -> bool {
        self.hints && !self.single && self.messages.upstream().is_some()
    }

    /// Whether it is worth waiting for what a reader of the output will need: a large input, or
    /// one of which nothing has come yet. A live input is not kept waiting.
    pub fn is_worth_waiting(&self) -> bool {
        /// Less is passed on in less time than a hint takes.
        const LEAST_BYTES: u64 = 8 << 20;
        /// The part of it that a pipe holds.
        const LEAST_WAITING_BYTES: u64 = 64 << 10;
        if let Some(bytes) = self.remaining_bytes() {
            return LEAST_BYTES <= bytes;
        }
        match self.messages.upstream() {
            Some(upstream) => {
                let bytes = upstream.waiting_bytes();
                bytes == 0 || LEAST_WAITING_BYTES <= bytes
            }
            None => true,
        }
    }

    /// Waits for the first message if the writer may encode columns in transit: the schema tells
    /// then how. Must follow [`Self::promise`] and precede everything that depends on the types of
    /// columns.
    ///
    /// # Errors
    /// A second schema for another reader; bytes that are not a message. Errors name the input.
    pub fn settle(&mut self) -> Result<()> {
        let may_encode =
            self.hint.as_ref().is_some_and(|(hint, _)| hint.encodings != Encodings::None);
        if !may_encode || !self.is_new || self.messages.upstream().is_none() {
            return Ok(());
        }
        self.first_frame().map_err(|e| {
            self.finished = true;
            e.with(self.messages.name())
        })
    }

    fn first_frame(&mut self) -> Result<()> {
        self.messages.awaited();
        let frame = self.messages.next(false)?;
        if let Frame::Message(header) = &frame {
            self.is_new = false;
            if self.is_agreement(header)? {
                return Ok(());
            }
        }
        self.ahead = Some(frame);
        Ok(())
    }

    /// Handles the first message after a schema: whether it is a second schema, in which the writer
    /// says what it sends.
    ///
    /// # Errors
    /// A second schema for another reader, or one that contradicts the first.
    pub(super) fn is_agreement(&mut self, header: &Header) -> Result<bool> {
        self.messages.begun();
        if header.message()?.header_type() != MessageHeader::Schema {
            return Ok(false);
        }
        let mut stream = Decoder::begin_message(header)?;
        let Some(agreement) = Agreement::of(stream.schema()) else { return Ok(false) };
        let given = self.messages.upstream().and_then(Upstream::given);
        if given != Some(agreement.hint) {
            return Err(Error::failed(
                "the producer left out columns or rows that an earlier reader of this pipe did not \
                 need (ARROW_PIPES_HINTS=off prevents that)",
            ));
        }
        self.messages.skip_body(header)?;
        if self.allow_nulls {
            stream.allow_nulls();
        }
        // Not that of all inputs, which may allow nulls where this one does not.
        if let Some(first) = &self.stream {
            let encoded = agreement.encoded(stream.schema(), first.schema())?;
            // Tools know the types of columns from the first stream; later ones are converted.
            if !self.is_later && encoded.fields() != first.schema().fields() {
                let schema = with_encodings(&self.whole_schema, first.schema(), &encoded);
                self.bytes_schema = Arc::new(with_bytes_for_text(&schema));
                self.whole_schema = Arc::new(schema);
            }
        }
        stream.limit(self.limits, &self.threads);
        if let Some(columns) = &self.columns {
            stream.project(&places_among(&agreement.columns, columns)?)?;
        }
        self.stream = Some(stream);
        self.sent = Some(agreement.columns);
        self.choose_schema()?;
        Ok(true)
    }
}

/// A schema with the fields of `encoded` that differ from those of `plain`, but for what may be
/// null.
fn with_encodings(whole: &Schema, plain: &Schema, encoded: &Schema) -> Schema {
    let fields = whole.fields().iter().zip(plain.fields()).zip(encoded.fields());
    let fields = fields.map(|((whole, plain), encoded)| {
        if plain.data_type() == encoded.data_type() {
            return whole.clone();
        }
        Arc::new(encoded.as_ref().clone().with_nullable(whole.is_nullable()))
    });
    Schema::new_with_metadata(fields.collect::<Vec<_>>(), whole.metadata().clone())
}
