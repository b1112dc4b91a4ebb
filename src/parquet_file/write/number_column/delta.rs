//! The format's DELTA_BINARY_PACKED: packed differences of integers.

use super::number::Number;
use crate::parquet_file::thrift::write_varint;

/// The parts of a block that are packed in a width of their own.
const PARTS: usize = 4;

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
            let most = part.iter().max().copied().unwrap_or(least);
            let width = u64::BITS - (most.wrapping_sub(least) as u64).leading_zeros();
            self.blocks[widths + number] = width as u8;
            let values = part.iter().map(|difference| difference.wrapping_sub(least) as u64);
            let missing = N::BLOCK / PARTS - part.len();
            pack(values.chain(std::iter::repeat_n(0, missing)), width, &mut self.blocks);
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

/// Appends values of `width` bits, the lowest bits first; together they fill whole bytes.
fn pack(values: impl Iterator<Item = u64>, width: u32, to: &mut Vec<u8>) {
    if width == 0 {
        return;
    }
    let (mut bits, mut count) = (0_u64, 0);
    for value in values {
        bits |= value << count;
        count += width;
        if u64::BITS <= count {
            to.extend_from_slice(&bits.to_le_bytes());
            count -= u64::BITS;
            // The bits of the value that did not fit.
            bits = value.checked_shr(width - count).unwrap_or(0);
        }
    }
    to.extend_from_slice(&bits.to_le_bytes()[..count as usize / 8]);
}
