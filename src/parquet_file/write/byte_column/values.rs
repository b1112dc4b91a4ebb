//! The values of byte arrays of all layouts, in a form that can be read in blocks of fixed length.

use arrow::array::{GenericByteArray, GenericByteViewArray};
use arrow::datatypes::{ArrowNativeType, ByteArrayType, ByteViewType};
use std::ops::Range;

/// A value among the bytes of others.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slot<'a> {
    /// The value, and what is stored around it.
    bytes: &'a [u8],
    start: usize,
    length: usize,
}

/// Values by row.
pub(super) trait Values {
    /// The value of a row that is not null.
    fn slot(&self, row: usize) -> Slot<'_>;

    /// The bytes of the values of adjacent rows that are not null.
    fn bytes(&self, rows: Range<usize>) -> usize {
        rows.map(|row| self.slot(row).len()).sum()
    }
}

impl<'a> Slot<'a> {
    /// A value with nothing around it.
    pub(super) fn alone(value: &'a [u8]) -> Self {
        Self { bytes: value, start: 0, length: value.len() }
    }

    pub(super) fn value(self) -> &'a [u8] {
        &self.bytes[self.start..self.start + self.length]
    }

    pub(super) fn len(self) -> usize {
        self.length
    }

    /// The last eight bytes as a number; all if there are fewer.
    pub(super) fn suffix(self) -> u64 {
        let value = self.value();
        match value.last_chunk() {
            Some(bytes) => u64::from_be_bytes(*bytes),
            None => self.prefix(),
        }
    }

    /// The first bytes as a number that has the order of the values. Values with the same number
    /// can differ.
    pub(super) fn prefix(self) -> u64 {
        match self.bytes[self.start..].first_chunk() {
            Some(bytes) if self.length < 8 => {
                u64::from_be_bytes(*bytes) & !(u64::MAX >> (8 * self.length))
            }
            Some(bytes) => u64::from_be_bytes(*bytes),
            None => {
                let mut bytes = [0; 8];
                let length = self.length.min(8);
                bytes[..length].copy_from_slice(&self.value()[..length]);
                u64::from_be_bytes(bytes)
            }
        }
    }

    /// Copies the value to the start of `to`, which is longer by [`Slot::SLACK_BYTES`]; bytes
    /// after it may change. A short value is copied as a block of fixed length: most values are
    /// short, and then a call of `memcpy` takes longer than the copy.
    pub(super) fn copy_to(self, to: &mut [u8]) {
        const BLOCK: usize = Slot::SLACK_BYTES;
        match (self.bytes[self.start..].first_chunk::<BLOCK>(), to.first_chunk_mut::<BLOCK>()) {
            (Some(from), Some(to)) if self.length <= BLOCK => *to = *from,
            _ => to[..self.length].copy_from_slice(self.value()),
        }
    }
}

impl Slot<'_> {
    /// The most bytes that [`Slot::copy_to`] changes after the value.
    pub(super) const SLACK_BYTES: usize = 64;
}

impl<T: ByteArrayType> Values for GenericByteArray<T> {
    fn slot(&self, row: usize) -> Slot<'_> {
        let offsets = self.value_offsets();
        let (start, end) = (offsets[row].as_usize(), offsets[row + 1].as_usize());
        Slot { bytes: self.value_data(), start, length: end - start }
    }

    fn bytes(&self, rows: Range<usize>) -> usize {
        let offsets = self.value_offsets();
        offsets[rows.end].as_usize() - offsets[rows.start].as_usize()
    }
}

impl<T: ByteViewType> Values for GenericByteViewArray<T> {
    fn slot(&self, row: usize) -> Slot<'_> {
        let value: &T::Native = self.value(row);
        Slot::alone(value.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{BinaryArray, BinaryViewArray};

    #[test]
    fn prefixes_have_the_order_of_the_values() {
        let mut values: Vec<Vec<u8>> = Vec::new();
        for tail in [&b""[..], b"\0", b"\0\0", b"a", b"\xff", b"ab\0", b"12345678", b"123456789"] {
            values.extend([0, 1, 6, 7, 8, 9].map(|zeros| [&vec![0; zeros], tail].concat()));
            values.extend([0, 1, 7, 20].map(|many| [&vec![b'x'; many], tail].concat()));
        }
        values.sort();
        let arrays = BinaryArray::from_iter_values(&values);
        let views = BinaryViewArray::from_iter_values(&values);
        let bytes = |rows: Range<usize>| values[rows].iter().map(Vec::len).sum::<usize>();
        for row in 0..values.len() {
            assert_eq!(arrays.bytes(row / 2..row), bytes(row / 2..row));
            assert_eq!(views.bytes(row / 2..row), bytes(row / 2..row));
            assert_eq!(arrays.slot(row).value(), values[row]);
            assert_eq!(views.slot(row).value(), values[row]);
            assert_eq!(arrays.slot(row).prefix(), views.slot(row).prefix());
            assert!(row == 0 || arrays.slot(row - 1).prefix() <= arrays.slot(row).prefix());
            let mut copy = vec![7; values[row].len() + Slot::SLACK_BYTES];
            arrays.slot(row).copy_to(&mut copy);
            assert_eq!(copy[..values[row].len()], values[row]);
        }
    }
}
