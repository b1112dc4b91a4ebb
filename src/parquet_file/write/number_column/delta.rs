//! The format's DELTA_BINARY_PACKED: packed differences of integers.

use super::number::Number;
use crate::parquet_file::thrift::write_varint;

/// The parts of a block that are packed in a width of their own.
const PARTS: usize = 4;

/// The most values of a part.
const MOST_PART: usize = 64;

/// The values of a page, as differences.
#[derive(Debug)]
pub(super) struct Delta<N> {
    /// The full blocks.
    blocks: Vec<u8>,
    first: N,
    last: N,
    count: usize,
    /// The differences of the next block.
    block: Vec<i64>,
}

impl<N: Number> Delta<N> {
    pub(super) fn new() -> Self {
        let (first, last) = (N::default(), N::default());
        Self { blocks: Vec::new(), first, last, count: 0, block: Vec::with_capacity(N::BLOCK) }
    }

    /// The bytes of full blocks.
    pub(super) fn bytes(&self) -> usize {
        self.blocks.len()
    }

    pub(super) fn add(&mut self, values: &[N]) {
        let mut left = values;
        if self.count == 0
            && let Some((first, others)) = values.split_first()
        {
            (self.first, self.last, left) = (*first, *first, others);
        }
        self.count += values.len();
        while !left.is_empty() {
            let (part, rest) = left.split_at(left.len().min(N::BLOCK - self.block.len()));
            self.block.push(part[0].difference(self.last));
            self.block.extend(part.windows(2).map(|pair| pair[1].difference(pair[0])));
            (self.last, left) = (part[part.len() - 1], rest);
            if self.block.len() == N::BLOCK {
                self.end_block();
            }
        }
    }

    fn end_block(&mut self) {
        let Some(least) = self.block.iter().min().copied() else { return };
        write_varint(&mut self.blocks, zigzag(least));
        let widths = self.blocks.len();
        self.blocks.resize(widths + PARTS, 0);
        for (number, part) in self.block.chunks(N::BLOCK / PARTS).enumerate() {
            let mut values = [0; MOST_PART];
            let values = &mut values[..N::BLOCK / PARTS];
            for (value, difference) in values.iter_mut().zip(part) {
                *value = difference.wrapping_sub(least) as u64;
            }
            let width = u64::BITS - values.iter().fold(0, |all, value| all | value).leading_zeros();
            self.blocks[widths + number] = width as u8;
            pack(values, width, &mut self.blocks);
        }
        self.block.clear();
    }

    /// Appends the encoded page, and starts the next one.
    pub(super) fn finish(&mut self, to: &mut Vec<u8>) {
        self.end_block();
        for number in [N::BLOCK, PARTS, self.count] {
            write_varint(to, number as u64);
        }
        write_varint(to, zigzag(self.first.number()));
        to.extend_from_slice(&self.blocks);
        self.blocks.clear();
        (self.first, self.count) = (N::default(), 0);
    }
}

fn zigzag(number: i64) -> u64 {
    (number << 1 ^ number >> 63) as u64
}

/// Appends values of `width` bits, the lowest bits first; together they fill whole words.
fn pack(values: &[u64], width: u32, to: &mut Vec<u8>) {
    if width == 0 {
        return;
    }
    let (mut bits, mut count) = (0_u64, 0);
    for value in values {
        bits |= value << count;
        let next = count + width;
        if next < u64::BITS {
            count = next;
            continue;
        }
        to.extend_from_slice(&bits.to_le_bytes());
        // The bits of the value that did not fit; `count` may be 0.
        bits = value >> 1 >> (u64::BITS - 1 - count);
        count = next - u64::BITS;
    }
    to.extend_from_slice(&bits.to_le_bytes()[..count as usize / 8]);
}
