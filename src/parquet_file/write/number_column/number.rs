//! The types of numbers that are stored; floats as integers with the same bits.

use arrow::datatypes::ArrowNativeType;

/// An integer as it is stored.
pub(crate) trait Number: ArrowNativeType {
    /// The differences in a block of DELTA_BINARY_PACKED: as many as the crate has.
    const BLOCK: usize;

    /// The number that is stored for a signed integer of this width.
    fn number(self) -> i64;

    /// The difference from the value before, which wraps around in this width.
    fn difference(self, before: Self) -> i64;
}

impl Number for i32 {
    const BLOCK: usize = 128;

    fn number(self) -> i64 {
        self.into()
    }

    fn difference(self, before: Self) -> i64 {
        self.wrapping_sub(before).into()
    }
}

impl Number for i64 {
    const BLOCK: usize = 256;

    fn number(self) -> i64 {
        self
    }

    fn difference(self, before: Self) -> i64 {
        self.wrapping_sub(before)
    }
}
