//! Damage that knows nothing of formats.

use super::Random;

/// The most bytes that a repeated or inserted piece has.
const MOST_PIECE_BYTES: usize = 64;

/// The most bytes to which repetitions let an input grow.
const MOST_BYTES: usize = 1 << 20;

/// Writes an extreme value of 1, 2, 4 or 8 bytes to a random place.
pub(super) fn extreme(bytes: &mut [u8], random: &mut Random) {
    let width = random.one_of(&[1, 2, 4, 8]).min(bytes.len());
    let mut place = random.below(bytes.len() - width + 1);
    // Fields are aligned in flatbuffers and in buffers.
    if random.below(2) == 0 {
        place -= place % width;
    }
    let value = random.extreme();
    let little = value.to_le_bytes();
    bytes[place..place + width].copy_from_slice(&little[..width]);
}

/// One to eight random changes.
pub(super) fn havoc(bytes: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..=random.below(8) {
        if bytes.is_empty() {
            return;
        }
        change(bytes, random);
    }
}

fn change(bytes: &mut Vec<u8>, random: &mut Random) {
    let place = random.below(bytes.len());
    let length = 1 + random.below(MOST_PIECE_BYTES.min(bytes.len() - place));
    match random.below(8) {
        0 => bytes[place] = random.next() as u8,
        1 => bytes[place] = bytes[place].wrapping_add(random.one_of(&[1, 0xff])),
        2 => drop(bytes.drain(place..place + length)),
        3 if bytes.len() < MOST_BYTES => {
            let piece = bytes[place..place + length].to_vec();
            let to = random.below(bytes.len() + 1);
            drop(bytes.splice(to..to, piece));
        }
        4 => {
            let to = random.below(bytes.len() - length + 1);
            bytes.copy_within(place..place + length, to);
        }
        5 => bytes[place..place + length].fill(random.one_of(&[0, 0xff, 0x80, b'"', b'9'])),
        6 if bytes.len() < MOST_BYTES => {
            let byte = random.next() as u8;
            drop(bytes.splice(place..place, std::iter::repeat_n(byte, length)));
        }
        _ => extreme(bytes, random),
    }
}
