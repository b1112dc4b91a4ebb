//! The hybrid of runs and packed bits by which Parquet writes levels and the indices of dictionaries
//! (Encodings.md, "RLE / bit-packing hybrid"): runs come out as runs, packed values in blocks.
//!
//! The bytes are foreign: whatever they say, nothing here is read outside of them.

use bytes::Bytes;
use parquet::errors::{ParquetError, Result};

/// Reads one such sequence, whose values are of one width.
#[derive(Debug)]
pub(super) struct Hybrid {
    bytes: Bytes,
    at: usize,
    width: usize,
    run: (u32, usize),
    /// Packed values that were not unpacked yet.
    packed_left: usize,
    block: Box<[u32; BLOCK_VALUES]>,
    /// What of the block is still to come.
    waiting: std::ops::Range<usize>,
}

/// What comes next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// One value, so many times.
    Run(u32, usize),
    /// Values one by one.
    Values(&'a [u32]),
}

/// Unpacked at once: 2 KiB stay in the fastest cache, and make the calls around them cheap.
const BLOCK_VALUES: usize = 512;

/// Packed values come in groups of eight, which begin and end with a byte.
const GROUP_VALUES: usize = 8;

/// A group is read by words of 64 bits that begin in its last bytes.
const SLACK_BYTES: usize = 8;

impl Hybrid {
    /// A sequence of values of `width` bits.
    pub(super) fn try_new(bytes: Bytes, width: u8) -> Result<Self> {
        if 32 < width {
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

    /// The next piece, of one to `most` values.
    ///
    /// # Errors
    /// Bytes that end before, or make no sense.
    pub(super) fn next(&mut self, most: usize) -> Result<Piece<'_>> {
        loop {
            if 0 < self.run.1 {
                let count = self.run.1.min(most);
                self.run.1 -= count;
                return Ok(Piece::Run(self.run.0, count));
            }
            if !self.waiting.is_empty() {
                let start = self.waiting.start;
                let end = self.waiting.end.min(start + most);
                self.waiting.start = end;
                return Ok(Piece::Values(&self.block[start..end]));
            }
            if 0 < self.packed_left {
                self.unpack_block()?;
            } else {
                self.read_header()?;
            }
        }
    }

    /// A varint: its lowest bit says what follows, the others how much of it.
    fn read_header(&mut self) -> Result<()> {
        let mut header = 0_u64;
        for shift in (0..).step_by(7) {
            let byte = *self.bytes.get(self.at).ok_or_else(ends_early)?;
            self.at += 1;
            // Five bytes hold the 32 bits that a count can have.
            if 28 < shift {
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
        // Some writers leave out the last bytes of the last group, where it has no values.
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

/// Unpacks as many groups as fill `values`; says how many bytes those took. What is missing of the
/// last group is zero.
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

/// Eight values, lowest bits first: all places are known when this is compiled.
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
    ParquetError::General(format!("damaged page: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], width: u8, count: usize, most: usize) -> Result<Vec<u32>> {
        let mut hybrid = Hybrid::try_new(Bytes::copy_from_slice(bytes), width)?;
        let mut values = Vec::new();
        while values.len() < count {
            match hybrid.next(most.min(count - values.len()))? {
                Piece::Run(value, count) => values.extend(std::iter::repeat_n(value, count)),
                Piece::Values(block) => values.extend_from_slice(block),
            }
        }
        Ok(values)
    }

    /// The specification, value by value and bit by bit: runs and groups in turn.
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
    fn what_ends_early_is_an_error_and_a_last_group_may_be_short() {
        let values: Vec<u32> = (0..21).collect();
        let bytes = written(&values, 5);
        // 21 values of 5 bits are 14 bytes; the third group would have 15.
        assert_eq!(read(&bytes[..15], 5, 21, 8).unwrap(), values);
        for cut in 0..15 {
            assert!(read(&bytes[..cut], 5, 21, 8).is_err(), "{cut}");
        }
        assert!(read(&[0xff; 20], 5, 1, 8).is_err());
        assert!(read(&[0; 20], 5, 1, 8).is_err());
        assert!(Hybrid::try_new(Bytes::new(), 33).is_err());
    }

    #[test]
    fn no_bytes_lead_outside_of_them() {
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
            // Whether that makes sense or not: it ends, and does not panic.
            let _ = read(&bytes, (round % 33) as u8, 3000, 700);
        }
    }
}
