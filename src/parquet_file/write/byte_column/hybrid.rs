//! Writes the format's hybrid of runs and bit-packed groups, for levels and dictionary indices.

use crate::parquet_file::thrift::write_varint;
use std::ops::Range;

/// The values of a group.
const GROUP: usize = 8;

/// The most groups in a row: their header takes one byte. Other writers have the same limit.
const MOST_GROUPS: usize = 63;

/// The bytes that one group writes beyond its end.
const SLACK_BYTES: usize = 16;

/// The number of bits that values up to `most` take.
pub(crate) fn width_of(most: usize) -> usize {
    (usize::BITS - most.leading_zeros()) as usize
}

/// The most bytes that `count` values take.
pub(crate) fn most_bytes(count: usize, width: usize) -> usize {
    let groups = count.div_ceil(GROUP);
    groups + groups * width.max(width.div_ceil(8))
}

/// Appends the values, each of which fits in `width` bits.
pub(crate) fn write(values: &[u32], width: usize, to: &mut Vec<u8>) {
    let (mut packed, mut place) = (0, 0);
    while let Some(group) = values[place..].first_chunk::<GROUP>() {
        let first = group[0];
        if group.iter().any(|value| *value != first) {
            place += GROUP;
            continue;
        }
        pack(&values[packed..place], width, to);
        let run = values[place..].iter().take_while(|value| **value == first).count();
        write_run(first, run, width, to);
        place += run;
        packed = place;
    }
    let rest = &values[packed..];
    match rest.split_first() {
        Some((first, others))
            if rest.len() < GROUP && others.iter().all(|value| value == first) =>
        {
            write_run(*first, rest.len(), width, to);
        }
        _ => pack(rest, width, to),
    }
}

/// Appends `count` values of one bit each, the lowest bits of `bytes` first, as [`write`] does.
pub(crate) fn write_bits(bytes: &[u8], count: usize, to: &mut Vec<u8>) {
    let group = |place: usize| {
        let pair = [place / GROUP, place / GROUP + 1].map(|at| bytes.get(at).copied().unwrap_or(0));
        let bits = (u16::from_le_bytes(pair) >> (place % GROUP)) as u8;
        // Nothing beyond the last value.
        if place + GROUP <= count { bits } else { bits & !(u8::MAX << (count - place)) }
    };
    let (mut packed, mut place) = (0, 0);
    while place + GROUP <= count {
        let first = group(place);
        if !matches!(first, 0 | u8::MAX) {
            place += GROUP;
            continue;
        }
        pack_bits(packed..place, group, to);
        let mut end = place + GROUP;
        while end + GROUP <= count && group(end) == first {
            end += GROUP;
        }
        if end < count {
            let others = (group(end) ^ first).trailing_zeros() as usize;
            end = count.min(end + others);
        }
        write_run(u32::from(first & 1), end - place, 1, to);
        place = end;
        packed = end;
    }
    let left = count - packed;
    let rest = if left > 0 { group(packed) } else { 0 };
    if 0 < left && left < GROUP && (rest == 0 || rest == !(u8::MAX << left)) {
        write_run(u32::from(rest & 1), left, 1, to);
    } else {
        pack_bits(packed..count, group, to);
    }
}

/// Packs the bits of a range; `group` has those from a place on.
fn pack_bits(bits: Range<usize>, group: impl Fn(usize) -> u8, to: &mut Vec<u8>) {
    for start in bits.clone().step_by(MOST_GROUPS * GROUP) {
        let end = bits.end.min(start + MOST_GROUPS * GROUP);
        to.push(((end - start).div_ceil(GROUP) << 1 | 1) as u8);
        to.extend((start..end).step_by(GROUP).map(&group));
    }
}

/// Appends one value several times.
pub(crate) fn write_run(value: u32, count: usize, width: usize, to: &mut Vec<u8>) {
    write_varint(to, (count as u64) << 1);
    to.extend_from_slice(&value.to_le_bytes()[..width.div_ceil(8)]);
}

fn pack(values: &[u32], width: usize, to: &mut Vec<u8>) {
    for part in values.chunks(MOST_GROUPS * GROUP) {
        let groups = part.len().div_ceil(GROUP);
        to.push((groups << 1 | 1) as u8);
        let start = to.len();
        to.resize(start + groups * width + SLACK_BYTES, 0);
        for (number, values) in part.chunks(GROUP).enumerate() {
            let mut group = [0; GROUP];
            group[..values.len()].copy_from_slice(values);
            pack_group(&group, width, &mut to[start + number * width..]);
        }
        to.truncate(start + groups * width);
    }
}

/// Packs eight values, the lowest bits first; up to [`SLACK_BYTES`] bytes after them become zero.
fn pack_group(group: &[u32; GROUP], width: usize, to: &mut [u8]) {
    if width <= 8 {
        let bits = group.iter().rev().fold(0, |bits, value| bits << width | u64::from(*value));
        to[..8].copy_from_slice(&bits.to_le_bytes());
    } else if width <= 16 {
        let bits = group.iter().rev().fold(0, |bits, value| bits << width | u128::from(*value));
        to[..16].copy_from_slice(&bits.to_le_bytes());
    } else {
        let (mut bits, mut count, mut place) = (0_u64, 0, 0);
        for value in group {
            bits |= u64::from(*value) << count;
            count += width;
            if 32 <= count {
                to[place..place + 4].copy_from_slice(&(bits as u32).to_le_bytes());
                (bits, count, place) = (bits >> 32, count - 32, place + 4);
            }
        }
        to[place..place + 4].copy_from_slice(&(bits as u32).to_le_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values, read by the specification, bit by bit.
    fn read(bytes: &[u8], width: usize, count: usize) -> Vec<u32> {
        let (mut values, mut place) = (Vec::new(), 0);
        while values.len() < count {
            let (mut header, mut shift) = (0_usize, 0);
            loop {
                let byte = usize::from(bytes[place]);
                (header, shift, place) = (header | (byte & 0x7f) << shift, shift + 7, place + 1);
                if byte < 0x80 {
                    break;
                }
            }
            let bit = |bit: usize| u32::from(bytes[place + bit / 8] >> (bit % 8) & 1);
            let value = |at: usize| (0..width).fold(0, |value, n| value | bit(at + n) << n);
            if header & 1 == 0 {
                values.extend(std::iter::repeat_n(value(0), header >> 1));
                place += width.div_ceil(8);
            } else {
                values.extend((0..(header >> 1) * GROUP).map(|number| value(number * width)));
                place += (header >> 1) * width;
            }
        }
        assert_eq!(place, bytes.len());
        values.truncate(count);
        values
    }

    #[test]
    fn bits_are_written_as_other_values() {
        for count in [0, 1, 7, 8, 9, 31, 32, 33, 64, 503, 504, 505, 3000] {
            for runs in [1, 2, 3, 8, 9, 15, 31, 40, 100, 1000, 5000] {
                let value = |n: u32| (n / runs).wrapping_mul(0x9e37_79b9) >> 9 & 1;
                let values: Vec<u32> = (0..count).map(value).collect();
                let byte =
                    |bits: &[u32]| bits.iter().rev().fold(0, |byte, bit| byte << 1 | *bit as u8);
                let mut packed: Vec<u8> = values.chunks(8).map(byte).collect();
                if let Some(last) = packed.last_mut() {
                    *last |= u8::MAX.checked_shl(count % 8).filter(|_| count % 8 > 0).unwrap_or(0);
                }
                packed.push(0xff);
                let (mut bytes, mut expected) = (Vec::new(), Vec::new());
                write_bits(&packed, values.len(), &mut bytes);
                write(&values, 1, &mut expected);
                assert_eq!(bytes, expected, "{count} {runs}");
            }
        }
    }

    #[test]
    fn every_width_and_pattern_is_read_back() {
        for width in 0..=32 {
            let mask = u32::MAX.checked_shr(32 - width as u32).unwrap_or(0);
            for count in [0, 1, 5, 7, 8, 9, 16, 503, 504, 505, 512, 3000] {
                for runs in [1, 2, 3, 7, 8, 9, 20, 1000] {
                    let value = |n: u32| (n / runs).wrapping_mul(0x9e37_79b9) >> 3 & mask;
                    let values: Vec<u32> = (0..count).map(value).collect();
                    let mut bytes = Vec::new();
                    write(&values, width, &mut bytes);
                    assert_eq!(read(&bytes, width, values.len()), values, "{width} {count} {runs}");
                    assert!(
                        bytes.len() <= most_bytes(values.len(), width),
                        "{width} {count} {runs}"
                    );
                }
            }
        }
    }
}
