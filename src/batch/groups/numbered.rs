//! Distinct values in the order of their numbers.

use crate::batch::size::vector_bytes;
use crate::error::{Error, Result};

/// The number of a value that has none, if no value gets a new one.
pub(in crate::batch) const ABSENT: u32 = u32::MAX;

/// The values in the order of their numbers. Some have no slot in the table (nulls, long texts):
/// each is represented by a value of its owner's choice.
#[derive(Debug, Default)]
pub(super) struct Numbered<K> {
    pub(super) values: Vec<K>,
    /// Whether no value gets a new number.
    pub(super) is_closed: bool,
}

impl<K> Numbered<K> {
    /// The values in the order of their numbers.
    pub(super) fn values(&self) -> &[K] {
        &self.values
    }

    /// The memory in use.
    pub(super) fn bytes(&self) -> usize {
        vector_bytes(&self.values)
    }

    /// Gives no new numbers from now on.
    pub(super) fn close(&mut self) {
        self.is_closed = true;
    }

    /// Whether no value gets a new number.
    pub(super) fn is_closed(&self) -> bool {
        self.is_closed
    }

    /// Gives the next number to a value; [`ABSENT`] if no value gets a new one.
    ///
    /// # Errors
    /// More values than numbers of 32 bits.
    pub(super) fn push(&mut self, value: K) -> Result<u32> {
        if self.is_closed {
            return Ok(ABSENT);
        }
        let number = u32::try_from(self.values.len()).ok().filter(|number| *number != ABSENT);
        let number = number.ok_or_else(|| Error::failed("too many distinct values to remember"))?;
        self.values.push(value);
        Ok(number)
    }
}
