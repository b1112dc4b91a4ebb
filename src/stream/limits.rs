//! How much one message may take, whatever it claims: the size that `--max-message-bytes` sets, and
//! what follows from it.

use crate::batch::{most_plain_bytes, plain_row_bytes};
use crate::error::{Error, Result};
use crate::options::InputOptions;
use crate::text::size;
use arrow::array::RecordBatch;
use arrow::datatypes::DataType;

/// The limits for the messages of an input.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    message_bytes: u64,
}

impl Limits {
    /// The default of `--max-message-bytes`. The offsets of most columns have 32 bits and end here;
    /// implementations in Java cannot read more at once.
    const DEFAULT_BYTES: u64 = 2 << 30;

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
