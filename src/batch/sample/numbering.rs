//! Numbers for distinct strings of bytes: 0, 1, 2 … in the order they were first met.
//!
//! A hash table that only grows. Keys lie one after another in one allocation, so that a key of 13
//! bytes (a group and an integer) costs 21 bytes and 11 to 21 of the table, where a map of boxed
//! slices costs about 80; and a look-up touches two places in memory, which is what it costs when
//! there are millions of keys (0.15 µs for each on the virtual machine it was measured on).

use crate::error::{Error, Result};
use std::hash::{BuildHasher, RandomState};

/// Distinct strings of bytes and their numbers.
#[derive(Debug)]
pub(super) struct Numbering {
    /// For each key its length and its bytes' number, four bytes each, then its bytes.
    records: Vec<u8>,
    count: u32,
    /// A power of two of slots, none at first; at most three quarters are in use.
    slots: Vec<Slot>,
    seed: u64,
}

/// A place in the table: free (zero), or the upper bits of the key's hash, which spare most visits
/// to other keys, and one more than the place of its record.
#[derive(Debug, Clone, Copy, Default)]
struct Slot(u64);

/// A tebibyte of records.
const PLACE_BITS: u32 = 40;
const LENGTH_BYTES: usize = size_of::<u32>();
const HEAD_BYTES: usize = LENGTH_BYTES + size_of::<u32>();

impl Default for Numbering {
    fn default() -> Self {
        // Keys come from foreign data: a seed of this process alone keeps anyone from preparing
        // keys that collide.
        let seed = RandomState::new().hash_one(0);
        Self { records: Vec::new(), count: 0, slots: Vec::new(), seed }
    }
}

impl Numbering {
    /// How many keys have a number.
    pub(super) fn len(&self) -> usize {
        self.count as usize
    }

    /// Whether the key has a number.
    pub(super) fn contains(&self, key: &[u8]) -> bool {
        !self.slots.is_empty() && self.find(hash(self.seed, key), key).is_ok()
    }

    /// The number of the key, and whether it was given just now.
    ///
    /// # Errors
    /// More keys than numbers of 32 bits, or a tebibyte of them.
    pub(super) fn insert(&mut self, key: &[u8]) -> Result<(u32, bool)> {
        if self.slots.len() / 4 * 3 <= self.len() {
            self.grow();
        }
        let hash = hash(self.seed, key);
        let free = match self.find(hash, key) {
            Ok(number) => return Ok((number, false)),
            Err(free) => free,
        };
        let place = self.records.len();
        let (Ok(length), false) = (u32::try_from(key.len()), self.is_full()) else {
            return Err(Error::failed("too many distinct values to remember"));
        };
        let number = self.count;
        self.count += 1;
        self.slots[free] = Slot::new(hash, place);
        self.records.extend_from_slice(&length.to_le_bytes());
        self.records.extend_from_slice(&number.to_le_bytes());
        self.records.extend_from_slice(key);
        Ok((number, true))
    }

    /// The number of the key, or the slot that is free for it.
    fn find(&self, hash: u64, key: &[u8]) -> Result<u32, usize> {
        let mask = self.slots.len() - 1;
        let mut slot = hash as usize & mask;
        loop {
            let Some((place, tag)) = self.slots[slot].taken() else { return Err(slot) };
            if tag == hash >> PLACE_BITS {
                let (number, bytes) = self.record(place);
                if bytes == key {
                    return Ok(number);
                }
            }
            slot = (slot + 1) & mask;
        }
    }

    fn record(&self, place: usize) -> (u32, &[u8]) {
        let word = |at: usize| {
            let bytes = self.records[at..].first_chunk().copied().unwrap_or_default();
            u32::from_le_bytes(bytes)
        };
        let start = place + HEAD_BYTES;
        (word(place + LENGTH_BYTES), &self.records[start..start + word(place) as usize])
    }

    fn is_full(&self) -> bool {
        self.count == u32::MAX || 1 << PLACE_BITS <= self.records.len() as u64 + 1
    }

    /// The table holds too few bits of the hashes to make a larger one; the records are gone
    /// through in order instead, which is what memory is fast at.
    fn grow(&mut self) {
        let mut slots = vec![Slot::default(); (self.slots.len() * 2).max(16)];
        let mask = slots.len() - 1;
        let mut place = 0;
        while place < self.records.len() {
            let (_, key) = self.record(place);
            let hash = hash(self.seed, key);
            let mut slot = hash as usize & mask;
            while slots[slot].taken().is_some() {
                slot = (slot + 1) & mask;
            }
            slots[slot] = Slot::new(hash, place);
            place += HEAD_BYTES + key.len();
        }
        self.slots = slots;
    }
}

impl Slot {
    fn new(hash: u64, place: usize) -> Self {
        Self(hash >> PLACE_BITS << PLACE_BITS | (place as u64 + 1))
    }

    /// The place of the record and the upper bits of its key's hash.
    fn taken(self) -> Option<(usize, u64)> {
        let place = (self.0 & ((1 << PLACE_BITS) - 1)).checked_sub(1)?;
        Some((place as usize, self.0 >> PLACE_BITS))
    }
}

/// Eight bytes at a time, each folded in by the two halves of a 128-bit product (as in wyhash).
fn hash(seed: u64, key: &[u8]) -> u64 {
    // Odd constants without structure: digits of the golden ratio and of pi.
    const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
    const PI: u64 = 0x243f_6a88_85a3_08d3;
    let fold = |a: u64, b: u64| {
        let product = u128::from(a) * u128::from(b);
        product as u64 ^ (product >> 64) as u64
    };
    let (words, rest) = key.as_chunks::<8>();
    let mut hash = seed ^ key.len() as u64;
    for word in words {
        hash = fold(hash ^ u64::from_le_bytes(*word), GOLDEN);
    }
    // The last bytes, together with some that were folded in already where there are any: one read.
    let last = match key.last_chunk::<8>() {
        Some(last) => u64::from_le_bytes(*last),
        None => rest.iter().fold(0, |last, byte| last << 8 | u64::from(*byte)),
    };
    fold(hash ^ last, PI)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    #[test]
    fn numbers_agree_with_a_plain_map() {
        let mut numbering = Numbering::default();
        let mut model: HashMap<Vec<u8>, u32> = HashMap::new();
        for step in 0_u64..200_000 {
            // Keys of 0 to 8 bytes, met again and again.
            let value = step.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 44;
            let key = &value.to_le_bytes()[..(value % 9) as usize];
            assert_eq!(numbering.contains(key), model.contains_key(key));
            let next = model.len() as u32;
            let expected = *model.entry(key.to_vec()).or_insert(next);
            assert_eq!(numbering.insert(key).unwrap(), (expected, expected == next));
        }
        assert_eq!(numbering.len(), model.len());
    }

    #[test]
    fn zeros_of_different_length_differ() {
        let mut numbering = Numbering::default();
        for length in 0..100 {
            assert_eq!(numbering.insert(&vec![0; length]).unwrap(), (length as u32, true));
        }
    }
}
