//! The min and max of integers, as byte strings with the order of the numbers.

use parquet::basic::SortOrder;
use parquet::schema::types::ColumnDescriptor;

/// Turns integers of a column into byte strings with their order, and those into stored bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NumberOrder {
    /// The bit that tells negative numbers from others; 0 for unsigned numbers.
    sign: u64,
    width: usize,
}

impl NumberOrder {
    /// The order of a column whose values have `width` bytes.
    pub(crate) fn of(column: &ColumnDescriptor, width: usize) -> Self {
        let is_signed = column.sort_order() == SortOrder::SIGNED;
        Self { sign: if is_signed { 1 << (8 * width - 1) } else { 0 }, width }
    }

    /// The rank of the value with these bits.
    pub(crate) fn rank(self, bits: u64) -> u64 {
        (bits & u64::MAX >> (64 - 8 * self.width)) ^ self.sign
    }

    /// The byte string of a rank.
    pub(crate) fn to_bytes(self, rank: u64) -> [u8; 8] {
        (rank << (64 - 8 * self.width)).to_be_bytes()
    }

    /// The value of a byte string, as the format stores it.
    pub(crate) fn stored(self, bytes: &[u8]) -> Vec<u8> {
        let mut all = [0; 8];
        all[8 - self.width..].copy_from_slice(&bytes[..self.width]);
        let bits = u64::from_be_bytes(all) ^ self.sign;
        bits.to_le_bytes()[..self.width].to_vec()
    }
}
