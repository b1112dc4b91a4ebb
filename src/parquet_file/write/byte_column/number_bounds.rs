//! The min and max of numbers, as byte strings with the order of the numbers.

use parquet::basic::{SortOrder, Type as PhysicalType};
use parquet::schema::types::ColumnDescriptor;

/// Turns the bits of a column's numbers into ranks with their order, those into byte strings, and
/// byte strings into stored bytes. Floats are in the total order of IEEE 754.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NumberOrder {
    /// The bit that tells negative numbers from others; 0 for unsigned numbers.
    sign: u64,
    /// The bits of the infinity, for floats.
    infinity: Option<u64>,
    width: usize,
}

impl NumberOrder {
    /// The order of a column; `None` if it has no numbers of four or eight bytes.
    pub(crate) fn of(column: &ColumnDescriptor) -> Option<Self> {
        let (width, infinity) = match column.physical_type() {
            PhysicalType::INT32 => (4, None),
            PhysicalType::INT64 => (8, None),
            PhysicalType::FLOAT => (4, Some(f32::INFINITY.to_bits().into())),
            PhysicalType::DOUBLE => (8, Some(f64::INFINITY.to_bits())),
            _ => return None,
        };
        let is_signed = infinity.is_some() || column.sort_order() == SortOrder::SIGNED;
        Some(Self { sign: if is_signed { 1 << (8 * width - 1) } else { 0 }, infinity, width })
    }

    /// Whether the numbers are floats.
    pub(crate) fn is_of_floats(self) -> bool {
        self.infinity.is_some()
    }

    /// Whether these bits are not a number; they have no place in the order.
    pub(crate) fn is_nan(self, bits: u64) -> bool {
        let magnitude = bits & self.all_bits() & !self.sign;
        self.infinity.is_some_and(|infinity| infinity < magnitude)
    }

    /// The rank of the value with these bits.
    pub(crate) fn rank(self, bits: u64) -> u64 {
        let bits = bits & self.all_bits();
        let is_negative_float = self.is_of_floats() && bits & self.sign != 0;
        if is_negative_float { !bits & self.all_bits() } else { bits ^ self.sign }
    }

    fn all_bits(self) -> u64 {
        u64::MAX >> (64 - 8 * self.width)
    }

    /// The byte string of a rank.
    pub(crate) fn to_bytes(self, rank: u64) -> [u8; 8] {
        (rank << (64 - 8 * self.width)).to_be_bytes()
    }

    /// The value of a byte string, as the format stores it.
    pub(crate) fn stored(self, bytes: &[u8]) -> Vec<u8> {
        let mut all = [0; 8];
        all[8 - self.width..].copy_from_slice(&bytes[..self.width]);
        let rank = u64::from_be_bytes(all);
        let is_negative_float = self.is_of_floats() && rank & self.sign == 0;
        let bits = if is_negative_float { !rank } else { rank ^ self.sign };
        bits.to_le_bytes()[..self.width].to_vec()
    }
}
