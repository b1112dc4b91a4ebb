//! Decoder of the RLE / bit-packing hybrid in which Parquet stores levels and dictionary indices
//! (Encodings.md, "RLE / bit-packing hybrid"): runs are returned as runs, packed values in blocks.
//!
//! The bytes are untrusted: whatever they contain, nothing outside of them is read.

use super::column_builder::failed;
use bytes::Bytes;
use parquet::errors::{ParquetError, Result};

/// Reads one sequence of values of one width.
#[derive(Debug)]
pub(crate) struct RleBitPackedDecoder {
    bytes: Bytes,
    at: usize,
    width: usize,
    run: (u32, usize),
    /// The number of packed values not unpacked yet.
    packed_left: usize,
    block: Box<[u32; BLOCK_VALUES]>,
    /// The part of the block still to come.
    waiting: std::ops::Range<usize>,
}

/// A segment of the sequence.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Segment<'a> {
    /// One value, repeated this many times.
    RowRange(u32, usize),
    /// Single values.
    Values(&'a [u32]),
}

/// The number of values unpacked at once: 2 KiB stay in the fastest cache, and make the calls
/// around them cheap.
const BLOCK_VALUES: usize = 512;

/// Packed values are stored in groups of eight, which begin and end at a byte boundary.
const GROUP_VALUES: usize = 8;

/// A group is read in 64-bit words, which may begin in its last bytes.
const SLACK_BYTES: usize = 8;

impl RleBitPackedDecoder {
    /// Creates a decoder for values of `width` bits.
    pub(crate) fn try_new(bytes: Bytes, width: u8) -> Result<Self> {
        if width > 32 {
            return Err(damaged(&format!("values of {width} bits")));
        }
        Ok(Self {
            bytes,
            at: 0,
            width: usize::from(width),
            run: (0, 0),
            packed_left: 0,
            block: Box::new([0; BLOCK_VALUES]),
            waiting: 0..0,
        })
    }

    /// The next segment, of one to `most` values.
    ///
    /// # Errors
    /// Bytes that end too early or are invalid.
    pub(crate) fn next(&mut self, most: usize) -> Result<Segment<'_>> {
        loop {
            if self.run.1 > 0 {
                let count = self.run.1.min(most);
                self.run.1 -= count;
                return Ok(Segment::RowRange(self.run.0, count));
            }
            if !self.waiting.is_empty() {
                let start = self.waiting.start;
                let end = self.waiting.end.min(start + most);
                self.waiting.start = end;
                return Ok(Segment::Values(&self.block[start..end]));
            }
            if self.packed_left > 0 {
                self.unpack_block()?;
            } else {
                self.read_header()?;
            }
        }
    }

    /// Reads a varint: its lowest bit is the kind of the next segment, the others its length.
    fn read_header(&mut self) -> Result<()> {
        let mut header = 0_u64;
        for shift in (0..).step_by(7) {
            let byte = *self.bytes.get(self.at).ok_or_else(ends_early)?;
            self.at += 1;
            // Five bytes hold the 32 bits that a count can have.
            if shift > 28 {
                return Err(damaged("a count of more than 32 bits"));
            }
            header |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                break;
            }
        }
        let count = (header >> 1) as usize;
        if header & 1 == 1 {
            self.packed_left = count.saturating_mul(GROUP_VALUES);
            return Ok(());
        }
        let width_bytes = self.width.div_ceil(8);
        let value = self.bytes.get(self.at..self.at + width_bytes).ok_or_else(ends_early)?;
        let value = value.iter().rev().fold(0, |value, byte| value << 8 | u32::from(*byte));
        self.at += width_bytes;
        self.run = (value, count);
        Ok(())
    }

    fn unpack_block(&mut self) -> Result<()> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        // Some writers omit the last bytes of the last group if they hold no values.
        let there = (rest.len() * 8).checked_div(self.width).unwrap_or(usize::MAX);
        let values = self.packed_left.min(BLOCK_VALUES).min(there);
        if values == 0 {
            return Err(ends_early());
        }
        let used = unpack(rest, self.width, &mut self.block[..values.next_multiple_of(8)]);
        self.at += used;
        self.packed_left = if values == there { 0 } else { self.packed_left - values };
        self.waiting = 0..values;
        Ok(())
    }
}

/// Unpacks as many groups as fill `values`. Returns the number of bytes used. Missing bytes of the
/// last group count as zero.
fn unpack(bytes: &[u8], width: usize, values: &mut [u32]) -> usize {
    macro_rules! by_width {
        ($($width:literal)*) => {
            match width {
                $($width => groups::<$width>(bytes, values),)*
                _ => values.fill(0),
            }
        };
    }
    by_width!(1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32);
    (values.len() / GROUP_VALUES * width).min(bytes.len())
}

fn groups<const WIDTH: usize>(bytes: &[u8], values: &mut [u32]) {
    let (groups, _) = values.as_chunks_mut::<GROUP_VALUES>();
    for (number, group) in groups.iter_mut().enumerate() {
        let start = number * WIDTH;
        match bytes.get(start..start + WIDTH + SLACK_BYTES) {
            Some(packed) => unpack_group::<WIDTH>(packed, group),
            None => {
                let mut packed = [0; 32 + SLACK_BYTES];
                let rest = bytes.get(start..).unwrap_or_default();
                let rest = &rest[..rest.len().min(WIDTH)];
                packed[..rest.len()].copy_from_slice(rest);
                unpack_group::<WIDTH>(&packed[..WIDTH + SLACK_BYTES], group);
            }
        }
    }
}

/// Unpacks eight values, lowest bits first: all positions are known at compile time.
fn unpack_group<const WIDTH: usize>(packed: &[u8], group: &mut [u32; GROUP_VALUES]) {
    let mask = u32::MAX >> (32 - WIDTH);
    for (place, value) in group.iter_mut().enumerate() {
        let bit = place * WIDTH;
        let mut word = [0; 8];
        word.copy_from_slice(&packed[bit / 8..bit / 8 + 8]);
        *value = (u64::from_le_bytes(word) >> (bit % 8)) as u32 & mask;
    }
}

fn ends_early() -> ParquetError {
    damaged("it ends early")
}

fn damaged(why: &str) -> ParquetError {
    failed(format!("damaged page: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], width: u8, count: usize, most: usize) -> Result<Vec<u32>> {
        let mut hybrid = RleBitPackedDecoder::try_new(Bytes::copy_from_slice(bytes), width)?;
        let mut values = Vec::new();
        while values.len() < count {
            match hybrid.next(most.min(count - values.len()))? {
                Segment::RowRange(value, count) => values.extend(std::iter::repeat_n(value, count)),
                Segment::Values(block) => values.extend_from_slice(block),
            }
        }
        Ok(values)
    }

    /// The specification, value by value and bit by bit: runs and groups alternate.
    fn written(values: &[u32], width: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        let header = |mut header: usize, bytes: &mut Vec<u8>| {
            while 0x7f < header {
                bytes.push(header as u8 | 0x80);
                header >>= 7;
            }
            bytes.push(header as u8);
        };
        for part in values.chunks(2000) {
            if part.iter().all(|value| *value == part[0]) {
                header(part.len() << 1, &mut bytes);
                bytes.extend(&part[0].to_le_bytes()[..width.div_ceil(8)]);
                continue;
            }
            let groups = part.len().div_ceil(8);
            header(groups << 1 | 1, &mut bytes);
            let mut packed = vec![0; groups * width];
            for (place, value) in part.iter().enumerate() {
                for bit in (0..width).filter(|bit| value >> bit & 1 == 1) {
                    packed[(place * width + bit) / 8] |= 1 << ((place * width + bit) % 8);
                }
            }
            bytes.extend(packed);
        }
        bytes
    }

    #[test]
    fn every_width_is_read_as_it_was_written() {
        for width in 0..=32_usize {
            let mask = u32::MAX.checked_shr(32 - width as u32).unwrap_or(0);
            let mut values: Vec<u32> =
                (0..8000_u32).map(|n| n.wrapping_mul(0x9e37_79b9) >> 3 & mask).collect();
            values[2000..6000].fill(5 & mask);
            let bytes = written(&values, width);
            for most in [1, 7, 8, 1000, usize::MAX] {
                assert_eq!(read(&bytes, width as u8, values.len(), most).unwrap(), values);
            }
        }
    }

    #[test]
    fn early_ends_are_errors_and_the_last_group_may_be_short() {
        let values: Vec<u32> = (0..21).collect();
        let bytes = written(&values, 5);
        // 21 values of 5 bits are 14 bytes; the third group would have 15.
        assert_eq!(read(&bytes[..15], 5, 21, 8).unwrap(), values);
        for cut in 0..15 {
            assert!(read(&bytes[..cut], 5, 21, 8).is_err(), "{cut}");
        }
        assert!(read(&[0xff; 20], 5, 1, 8).is_err());
        assert!(read(&[0; 20], 5, 1, 8).is_err());
        assert!(RleBitPackedDecoder::try_new(Bytes::new(), 33).is_err());
    }

    #[test]
    fn no_input_causes_a_read_out_of_bounds() {
        let mut noise = 1_u64;
        for round in 0..20_000 {
            let bytes: Vec<u8> = (0..round % 40)
                .map(|_| {
                    noise ^= noise << 13;
                    noise ^= noise >> 7;
                    noise ^= noise << 17;
                    noise as u8
                })
                .collect();
            // Valid or not, reading ends without a panic.
            let _ = read(&bytes, (round % 33) as u8, 3000, 700);
        }
    }
}
