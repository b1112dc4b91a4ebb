//! The dictionary of a column chunk: each value once, in the order in which they first occur.

use super::values::Slot as Value;
use crate::batch::are_shared;
use arrow::array::ArrayRef;
use foldhash::quality::RandomState;
use std::hash::{BuildHasher, Hasher};

/// The dictionary of a column chunk.
#[derive(Debug, Default)]
pub(super) struct Dictionary {
    /// The values in the plain encoding: each after its length.
    page: Vec<u8>,
    entries: Vec<Entry>,
    /// A hash table of the entries: less than half full, and empty before the first value.
    slots: Vec<Slot>,
    state: RandomState,
    seeds: [u64; 2],
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    start: usize,
    length: usize,
}

/// A slot knows enough of its value that a short one is found without looking anywhere else.
#[derive(Debug, Clone, Copy)]
struct Slot {
    /// The first bytes of the value.
    prefix: u64,
    /// The length of the value.
    length: u32,
    /// The code of the entry; [`FREE`] for none.
    code: u32,
}

const FREE: u32 = u32::MAX;

/// A value of up to this length is known by its first bytes and its length.
const PREFIX_BYTES: usize = 8;

const LEAST_SLOTS: usize = 256;

impl Dictionary {
    /// The number of values.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The plain encoding of the values.
    pub(super) fn page(&self) -> &[u8] {
        &self.page
    }

    /// The value with a code.
    pub(super) fn value(&self, code: u32) -> &[u8] {
        let Entry { start, length } = self.entries[code as usize];
        &self.page[start..start + length]
    }

    /// The length of the value with a code.
    pub(super) fn length(&self, code: u32) -> usize {
        self.entries[code as usize].length
    }

    /// All values.
    pub(super) fn values(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.entries.len() as u32).map(|code| self.value(code))
    }

    /// The code of a value, which is added if it is new.
    pub(super) fn code(&mut self, value: Value<'_>) -> u32 {
        if self.slots.len() <= 2 * self.entries.len() {
            self.grow();
        }
        let (prefix, length) = (value.prefix(), value.len());
        let mask = self.slots.len() - 1;
        let mut at = self.hash(value) as usize & mask;
        loop {
            let slot = self.slots[at & mask];
            if slot.code == FREE {
                return self.add(at & mask, value);
            }
            if slot.prefix == prefix
                && slot.length as usize == length
                && (length <= PREFIX_BYTES || self.value(slot.code) == value.value())
            {
                return slot.code;
            }
            at += 1;
        }
    }

    fn add(&mut self, at: usize, value: Value<'_>) -> u32 {
        let (code, length) = (self.entries.len() as u32, value.len());
        self.slots[at] = Slot { prefix: value.prefix(), length: length as u32, code };
        self.page.extend_from_slice(&(length as u32).to_le_bytes());
        self.entries.push(Entry { start: self.page.len(), length });
        self.page.extend_from_slice(value.value());
        code
    }

    /// The hash of a value: short ones consist of their first and last bytes.
    fn hash(&self, value: Value<'_>) -> u64 {
        if value.len() <= 2 * PREFIX_BYTES {
            let first = value.prefix() ^ self.seeds[0] ^ value.len() as u64;
            let product = u128::from(first) * u128::from(value.suffix() ^ self.seeds[1]);
            return product as u64 ^ (product >> 64) as u64;
        }
        let mut hasher = self.state.build_hasher();
        hasher.write(value.value());
        hasher.finish()
    }

    fn grow(&mut self) {
        if self.entries.is_empty() {
            self.seeds = [0, 1].map(|number: u64| self.state.hash_one(number));
        }
        let count = (4 * self.entries.len()).next_power_of_two().max(LEAST_SLOTS);
        let mut slots = vec![Slot { prefix: 0, length: 0, code: FREE }; count];
        for code in 0..self.entries.len() as u32 {
            let value = Value::alone(self.value(code));
            let mut at = self.hash(value) as usize & (count - 1);
            while slots[at].code != FREE {
                at = (at + 1) & (count - 1);
            }
            slots[at] = Slot { prefix: value.prefix(), length: value.len() as u32, code };
        }
        self.slots = slots;
    }
}

/// The codes of the values of an incoming dictionary, looked up when a row first has the value.
/// Batches often share a dictionary.
#[derive(Debug, Default)]
pub(super) struct Known {
    values: Option<ArrayRef>,
    codes: Vec<u32>,
}

/// The code of a value that was not looked up yet.
pub(super) const UNKNOWN: u32 = u32::MAX;

impl Known {
    /// The codes for the values of this dictionary.
    pub(super) fn codes_of(&mut self, values: &ArrayRef) -> &mut [u32] {
        if !self.values.as_ref().is_some_and(|known| are_shared(known, values)) {
            self.codes.clear();
            self.codes.resize(values.len(), UNKNOWN);
            self.values = Some(values.clone());
        }
        &mut self.codes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_has_one_code_in_order_of_occurrence() {
        let mut dictionary = Dictionary::default();
        let value = |n: u32| format!("{}", n * n % 10_007).into_bytes();
        let mut expected: Vec<Vec<u8>> = Vec::new();
        for n in 0..20_000 {
            let value = if n == 5 { Vec::new() } else { value(n) };
            let code = dictionary.code(Value::alone(&value));
            if code as usize == expected.len() {
                expected.push(value.clone());
            }
            assert_eq!(expected[code as usize], value);
        }
        assert_eq!(dictionary.len(), expected.len());
        assert!(dictionary.values().eq(expected.iter().map(Vec::as_slice)));
        let page: Vec<u8> = expected.iter().fold(Vec::new(), |mut page, value| {
            page.extend((value.len() as u32).to_le_bytes());
            page.extend(value);
            page
        });
        assert_eq!(dictionary.page(), page);
    }
}
