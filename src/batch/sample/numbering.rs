//! Numbers for distinct strings of bytes: 0, 1, 2 … in the order they were first met.
//!
//! A hash table that only grows: the bytes lie one after another in one allocation, the table holds
//! numbers. A key of 13 bytes (a group and an integer) costs 13 + 8 + 11–21 bytes, where a map of
//! boxed slices costs about 80.

use crate::error::{Error, Result};
use std::hash::{BuildHasher, RandomState};

/// Distinct strings of bytes and their numbers.
#[derive(Debug)]
pub(super) struct Numbering {
    bytes: Vec<u8>,
    /// Where each key ends in `bytes`; it begins where the one before ends.
    ends: Vec<usize>,
    /// A power of two of slots, none at first; at most three quarters are in use.
    slots: Vec<Slot>,
    seed: u64,
}

/// A place in the table: half of the hash, which spares most visits to the bytes and lets the table
/// grow without hashing again, and the number plus one; zero is a free slot.
#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    hash: u32,
    number_plus_one: u32,
}

impl Default for Numbering {
    fn default() -> Self {
        // Keys come from foreign data: a seed of this process alone keeps anyone from preparing
        // keys that collide.
        let seed = RandomState::new().hash_one(0);
        Self { bytes: Vec::new(), ends: Vec::new(), slots: Vec::new(), seed }
    }
}

impl Numbering {
    /// How many keys have a number.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether the key has a number.
    pub(super) fn contains(&self, key: &[u8]) -> bool {
        !self.slots.is_empty() && self.find(self.hash(key), key).is_ok()
    }

    /// The number of the key, and whether it was given just now.
    ///
    /// # Errors
    /// More keys than numbers of 32 bits.
    pub(super) fn insert(&mut self, key: &[u8]) -> Result<(u32, bool)> {
        if self.slots.len() / 4 * 3 <= self.len() {
            self.grow();
        }
        let hash = self.hash(key);
        let free = match self.find(hash, key) {
            Ok(number) => return Ok((number, false)),
            Err(free) => free,
        };
        let number = u32::try_from(self.len()).ok().filter(|number| *number < u32::MAX);
        let number = number.ok_or_else(|| Error::failed("more than 4294967295 distinct values"))?;
        self.slots[free] = Slot { hash, number_plus_one: number + 1 };
        self.bytes.extend_from_slice(key);
        self.ends.push(self.bytes.len());
        Ok((number, true))
    }

    /// The number of the key, or the slot that is free for it.
    fn find(&self, hash: u32, key: &[u8]) -> Result<u32, usize> {
        let mask = self.slots.len() - 1;
        let mut place = hash as usize & mask;
        loop {
            let slot = self.slots[place];
            let Some(number) = slot.number_plus_one.checked_sub(1) else { return Err(place) };
            if slot.hash == hash && self.key(number) == key {
                return Ok(number);
            }
            place = (place + 1) & mask;
        }
    }

    fn key(&self, number: u32) -> &[u8] {
        let number = number as usize;
        let start = if number == 0 { 0 } else { self.ends[number - 1] };
        &self.bytes[start..self.ends[number]]
    }

    fn grow(&mut self) {
        let mut slots = vec![Slot::default(); (self.slots.len() * 2).max(16)];
        let mask = slots.len() - 1;
        for slot in self.slots.iter().filter(|slot| slot.number_plus_one != 0) {
            let mut place = slot.hash as usize & mask;
            while slots[place].number_plus_one != 0 {
                place = (place + 1) & mask;
            }
            slots[place] = *slot;
        }
        self.slots = slots;
    }

    /// Eight bytes at a time, each folded in by the two halves of a 128-bit product (as in wyhash).
    fn hash(&self, key: &[u8]) -> u32 {
        // Odd constants without structure: digits of the golden ratio and of pi.
        const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
        const PI: u64 = 0x243f_6a88_85a3_08d3;
        let fold = |a: u64, b: u64| {
            let product = u128::from(a) * u128::from(b);
            product as u64 ^ (product >> 64) as u64
        };
        let (words, rest) = key.as_chunks::<8>();
        let mut hash = self.seed ^ key.len() as u64;
        for word in words {
            hash = fold(hash ^ u64::from_le_bytes(*word), GOLDEN);
        }
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        (fold(hash ^ u64::from_le_bytes(last), PI) >> 16) as u32
    }
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
