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

    /// Appends the codes of values, which are added if they are new. Stops after the value with
    /// which the dictionary reaches `most_bytes`.
    pub(super) fn append_codes<'a>(
        &mut self,
        values: impl Iterator<Item = Value<'a>>,
        most_bytes: usize,
        codes: &mut Vec<u32>,
    ) {
        for value in values {
            if let Some(code) = self.known_short(value) {
                codes.push(code);
                continue;
            }
            codes.push(self.code(value));
            if most_bytes <= self.page.len() {
                return;
            }
        }
    }

    /// The code of a short value that is already known: most values of columns with a dictionary are
    /// short, and found without their bytes.
    #[inline]
    fn known_short(&self, value: Value<'_>) -> Option<u32> {
        let length = value.len();
        if length > PREFIX_BYTES {
            return None;
        }
        let prefix = value.prefix();
        let mut at = self.hash_short(prefix, length) as usize;
        let mask = self.slots.len().wrapping_sub(1);
        loop {
            let slot = self.slots.get(at & mask)?;
            if slot.prefix == prefix && slot.length as usize == length {
                return (slot.code != FREE).then_some(slot.code);
            }
            if slot.code == FREE {
                return None;
            }
            at += 1;
        }
    }

    /// The code of a value, which is added if it is new.
    pub(super) fn code(&mut self, value: Value<'_>) -> u32 {
        if self.slots.len() <= 2 * self.entries.len() {
            self.grow();
        }
        let (prefix, length) = (value.prefix(), value.len());
        let mask = self.slots.len() - 1;
        let mut at = self.hash(value) as usize;
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

    /// The hash of a value.
    fn hash(&self, value: Value<'_>) -> u64 {
        if value.len() <= PREFIX_BYTES {
            return self.hash_short(value.prefix(), value.len());
        }
        if value.len() <= 2 * PREFIX_BYTES {
            return self.hash_ends(value.prefix(), value.suffix(), value.len());
        }
        let mut hasher = self.state.build_hasher();
        hasher.write(value.value());
        hasher.finish()
    }

    /// The hash of a value that is known by its prefix and length.
    fn hash_short(&self, prefix: u64, length: usize) -> u64 {
        self.hash_ends(prefix, prefix, length)
    }

    /// The hash of a value that consists of its first and last bytes.
    fn hash_ends(&self, prefix: u64, suffix: u64, length: usize) -> u64 {
        let first = prefix ^ self.seeds[0] ^ length as u64;
        let product = u128::from(first) * u128::from(suffix ^ self.seeds[1]);
        product as u64 ^ (product >> 64) as u64
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
            let mut codes = Vec::new();
            dictionary.append_codes(std::iter::once(Value::alone(&value)), usize::MAX, &mut codes);
            assert_eq!(codes, [code]);
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
