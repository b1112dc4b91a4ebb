//! How much one message may take, whatever it claims: the size that `--max-message-bytes` sets, and
//! what follows from it.

use crate::batch::bytes_text::distinct_text_bytes;
use crate::batch::{most_plain_bytes, plain_row_bytes, shares_bytes};
use crate::error::{Error, Result};
use crate::options::InputOptions;
use crate::text::size;
use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Schema};

/// The limits for the messages of an input.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    message_bytes: u64,
}

/// The use of values that many rows share, such as the bytes of views.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shared {
    /// The value of each row may be looked at or copied, so that all of them together have a limit.
    Limited,
    /// They are only passed on with the buffers that they share.
    Passed,
}

impl Limits {
    /// The default of `--max-message-bytes`. The offsets of most columns have 32 bits and end here;
    /// implementations in Java cannot read more at once.
    const DEFAULT_BYTES: u64 = 2 << 30;

    /// Batches may be written in more bytes than they take themselves: in any number up to
    /// [`Self::plain_bytes`], and this many times as many. A few hundred bytes of text for each key
    /// of a dictionary are usual; a gigabyte for each byte is not meant to be read.
    const MOST_RATIO: u64 = 1024;

    /// The limits that the options ask for.
    pub(super) fn of(options: &InputOptions) -> Self {
        Self::of_bytes(options.max_message_bytes)
    }

    /// The limits that follow from `--max-message-bytes`; the default ones without it.
    pub(crate) fn of_bytes(max_message_bytes: Option<u64>) -> Self {
        max_message_bytes.map_or(Self::default(), |message_bytes| Self { message_bytes })
    }

    /// The most bytes of a body that is kept in memory, and of its buffers after decompression.
    pub(super) fn message_bytes(self) -> u64 {
        self.message_bytes
    }

    /// The most bytes of a message's metadata. The largest known schemas (tens of thousands of
    /// columns) take a few MiB.
    pub(super) fn metadata_bytes(self) -> u64 {
        self.message_bytes / 8
    }

    /// The most rows and list elements of a message that take no bytes in it: a tool may need some
    /// ten bytes for each of them, and JSON writes five.
    pub(super) fn free_values(self) -> u64 {
        self.message_bytes / 64
    }

    /// The most bytes that the values of a batch may take when each value that several rows share
    /// is written once for each of them.
    pub(super) fn plain_bytes(self) -> u64 {
        self.message_bytes.saturating_mul(4)
    }

    /// Checks the size of a batch's values when those that rows share are written for each of them,
    /// counting the columns of some types.
    ///
    /// # Errors
    /// More bytes than [`Self::plain_bytes`].
    pub(super) fn check_plain_bytes(
        self,
        batch: &RecordBatch,
        counts: fn(&DataType) -> bool,
    ) -> Result<()> {
        if most_plain_bytes(batch, counts) <= self.plain_bytes() {
            return Ok(());
        }
        let rows = plain_row_bytes(batch, counts);
        self.check_row_bytes(&rows)
    }

    /// Like [`Self::check_plain_bytes`], with the size of each row.
    ///
    /// # Errors
    /// More bytes than [`Self::plain_bytes`].
    pub(super) fn check_row_bytes(self, rows: &[u64]) -> Result<()> {
        let bytes = rows.iter().copied().fold(0, u64::saturating_add);
        if bytes <= self.plain_bytes() {
            return Ok(());
        }
        Err(self.exceeded(format_args!(
            "the rows of a batch share values: written row by row they take {bytes} bytes"
        )))
    }

    /// Checks the bytes of the distinct text of views, each of which is checked for UTF-8. The
    /// columns have views of bytes where `schema` has text.
    ///
    /// # Errors
    /// More bytes than [`Self::plain_bytes`].
    pub(super) fn check_text(self, batch: &RecordBatch, schema: &Schema) -> Result<()> {
        if most_plain_bytes(batch, shares_bytes) <= self.plain_bytes() {
            return Ok(());
        }
        let columns = batch.columns().iter().zip(schema.fields());
        let bytes = columns.map(|(column, field)| distinct_text_bytes(column, field.data_type()));
        let bytes = bytes.fold(0, u64::saturating_add);
        if bytes <= self.plain_bytes() {
            return Ok(());
        }
        Err(self.exceeded(format_args!(
            "the views of a batch share bytes: their different texts take {bytes} bytes"
        )))
    }

    /// Checks rows that are written piece by piece, by the size of each when the values that it
    /// shares with others are written for it. `bytes` are those that they take now.
    ///
    /// # Errors
    /// A row of more bytes than [`Self::plain_bytes`]; rows of more bytes than that which are also
    /// more than [`Self::MOST_RATIO`] times as large as now.
    pub(super) fn check_written_rows(self, rows: &[u64], bytes: u64) -> Result<()> {
        if let Some(bytes) = rows.iter().max().filter(|bytes| self.plain_bytes() < **bytes) {
            return Err(self.exceeded(format_args!(
                "a row shares values with others: written alone it takes {bytes} bytes"
            )));
        }
        let sum = rows.iter().copied().fold(0, u64::saturating_add);
        if sum <= bytes.saturating_mul(Self::MOST_RATIO) {
            return Ok(());
        }
        self.check_row_bytes(rows)
    }

    /// The error for a message that needs more than a limit.
    pub(super) fn exceeded(self, what: impl std::fmt::Display) -> Error {
        let limit = size(self.message_bytes);
        Error::limit(format!("{what} (raise --max-message-bytes, which is {limit}, to read it)"))
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { message_bytes: Self::DEFAULT_BYTES }
    }
}
