//! Which rows of a page are null: the definition levels of a column that is not nested.

use super::LENGTH_BYTES;
use super::hybrid;
use arrow::array::BooleanBufferBuilder;
use arrow::buffer::NullBuffer;

/// The levels of a page's rows: 1, or 0 for null.
#[derive(Debug)]
pub(crate) struct Levels {
    bits: BooleanBufferBuilder,
    nulls: usize,
}

impl Default for Levels {
    fn default() -> Self {
        Self { bits: BooleanBufferBuilder::new(0), nulls: 0 }
    }
}

impl Levels {
    pub(crate) fn rows(&self) -> usize {
        self.bits.len()
    }

    pub(crate) fn nulls(&self) -> usize {
        self.nulls
    }

    /// Adds rows that are all null or all not.
    pub(crate) fn add(&mut self, rows: usize, are_valid: bool) {
        self.bits.append_n(rows, are_valid);
        self.nulls += if are_valid { 0 } else { rows };
    }

    /// Adds rows of which some are null.
    pub(crate) fn add_some(&mut self, nulls: &NullBuffer) {
        self.bits.append_buffer(nulls.inner());
        self.nulls += nulls.null_count();
    }

    /// Appends the levels, after their length in bytes.
    pub(crate) fn write(&self, to: &mut Vec<u8>) {
        let start = to.len();
        to.extend_from_slice(&[0; LENGTH_BYTES]);
        if self.nulls == 0 || self.nulls == self.rows() {
            hybrid::write_run(u32::from(self.nulls == 0), self.rows(), 1, to);
        } else {
            hybrid::write_bits(self.bits.as_slice(), self.rows(), to);
        }
        let length = (to.len() - start - LENGTH_BYTES) as u32;
        to[start..start + LENGTH_BYTES].copy_from_slice(&length.to_le_bytes());
    }

    /// Starts the next page.
    pub(crate) fn clear(&mut self) {
        self.bits.truncate(0);
        self.nulls = 0;
    }
}
