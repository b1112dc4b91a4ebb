//! A hash table of values of a fixed width, numbered in the order of their first occurrence.
//!
//! A slot of the table has half of the hash of a value, and its number, by which the value is found:
//! eight bytes, whatever the width of the values, so that ten million values of eight bytes take 204
//! MiB. Values are looked up in chunks: all their hashes first, then what is in the first slots of
//! all of them, so that the processor waits for many of them at the same time.

use super::numbered::{ABSENT, Numbered};
use super::slots::{Slot, Slots};
use crate::error::Result;
use foldhash::fast::RandomState;
use std::fmt::Debug;
use std::hash::{BuildHasher, Hasher};

/// The number of values that are looked up together: the bits of a word of nulls.
pub(super) const CHUNK: usize = u64::BITS as usize;

/// A table of this size stays in the cache of a core.
const CACHED_BYTES: usize = 1 << 20;

/// A value of a fixed width.
pub(in crate::batch) trait Word: Copy + Default + Eq + Debug {
    fn hash(self, state: &RandomState) -> u64;
}

/// A value of up to 16 bytes.
pub(in crate::batch) type Wide = [u64; 2];

impl Word for u64 {
    fn hash(self, state: &RandomState) -> u64 {
        let mut hasher = state.build_hasher();
        hasher.write_u64(self);
        hasher.finish()
    }
}

impl Word for Wide {
    fn hash(self, state: &RandomState) -> u64 {
        let mut hasher = state.build_hasher();
        hasher.write_u64(self[0]);
        hasher.write_u64(self[1]);
        hasher.finish()
    }
}

/// Distinct values and their numbers.
#[derive(Debug)]
pub(in crate::batch) struct Table<K> {
    slots: Slots,
    /// Values come from untrusted data: a seed that is unique to this process prevents prepared
    /// collisions.
    state: RandomState,
    numbered: Numbered<K>,
}

/// The findings at the first slots of the values of a chunk.
struct First {
    tags: [u32; CHUNK],
    /// The numbers of the values that are there.
    numbers: [u32; CHUNK],
    /// The bits of those that are not.
    others: u64,
}

impl<K: Word> Table<K> {
    pub(super) fn new() -> Self {
        Self { slots: Slots::new(), state: RandomState::default(), numbered: Numbered::default() }
    }

    /// The values in the order of their numbers.
    pub(super) fn values(&self) -> &[K] {
        &self.numbered.values
    }

    /// A table of values that have numbers, some of which are known by these.
    pub(super) fn of(numbered: Numbered<K>, known: impl Iterator<Item = (K, u32)>) -> Self {
        let mut table = Self { numbered, ..Self::new() };
        for (value, number) in known {
            table.slots.make_room(1);
            let tag = value.tag(&table.state);
            table.slots.add(Slot::new(tag, number));
        }
        table
    }

    /// A table of the same keys in another form, which must be distinct and have slots.
    pub(super) fn map<L: Word>(self, change: impl Fn(K) -> L) -> Table<L> {
        let Self { slots, numbered: Numbered { values, is_closed }, .. } = self;
        // The slots of both tables are not needed at the same time.
        drop(slots);
        let values: Vec<L> = values.into_iter().map(change).collect();
        let numbered = Numbered { values: Vec::new(), is_closed };
        let mut table = Table { numbered, ..Table::new() };
        table.slots.make_room(values.len());
        for (part, values) in values.chunks(CHUNK).enumerate() {
            let first = table.look(values);
            for (number, tag) in (part * CHUNK..).zip(&first.tags[..values.len()]) {
                table.slots.add(Slot::new(*tag, number as u32));
            }
        }
        table.numbered.values = values;
        table
    }

    /// The values that have a slot, and their numbers.
    pub(super) fn known(&self) -> impl Iterator<Item = (K, u32)> {
        self.slots.numbers().map(|number| (self.numbered.values[number as usize], number))
    }

    /// The values in the order of their numbers, which the table loses.
    pub(super) fn take_numbered(&mut self) -> Numbered<K> {
        std::mem::take(&mut self.numbered)
    }

    /// The memory in use.
    pub(super) fn bytes(&self) -> usize {
        self.slots.bytes() + self.numbered.bytes()
    }

    /// Whether room for more values makes the table larger than the caches of a core.
    pub(super) fn outgrows_caches(&self, values: usize) -> bool {
        let touched = self.slots.touched_bytes() + size_of_val(self.values());
        self.slots.is_full(values) && 2 * touched > CACHED_BYTES
    }

    /// Gives no new numbers from now on: [`ABSENT`] is the number of other values.
    pub(super) fn close(&mut self) {
        self.numbered.close();
    }

    /// Appends the numbers of at most [`CHUNK`] values. Those whose bits are set in `others` have
    /// no slot: `other` numbers each of them by its place in the chunk.
    ///
    /// # Errors
    /// Those of `other`, and more values than can be numbered.
    pub(super) fn number(
        &mut self,
        values: &[K],
        others: u64,
        numbers: &mut Vec<u32>,
        mut other: impl FnMut(&mut Numbered<K>, usize) -> Result<u32>,
    ) -> Result<()> {
        self.slots.make_room(values.len());
        let first = self.look(values);
        let start = numbers.len();
        numbers.extend_from_slice(&first.numbers[..values.len()]);
        for place in places(first.others | others, values.len()) {
            numbers[start + place] = if others >> place & 1 == 1 {
                other(&mut self.numbered, place)?
            } else {
                let (tag, value) = (first.tags[place], values[place]);
                match self.find(tag, value) {
                    Ok(number) => number,
                    Err(free) => self.insert(free, tag, value)?,
                }
            };
        }
        Ok(())
    }

    /// Looks up at most [`CHUNK`] values. `decide` gets the place of each, and whether it has a
    /// number; if not, it decides whether to give it one.
    ///
    /// # Errors
    /// More values than can be numbered.
    pub(super) fn look_up(
        &mut self,
        values: &[K],
        mut decide: impl FnMut(usize, bool) -> bool,
    ) -> Result<()> {
        self.slots.make_room(values.len());
        let first = self.look(values);
        for (place, (tag, value)) in first.tags.into_iter().zip(values).enumerate() {
            let found = match first.others >> place & 1 {
                0 => Ok(first.numbers[place]),
                _ => self.find(tag, *value),
            };
            if let (true, Err(free)) = (decide(place, found.is_ok()), found) {
                self.insert(free, tag, *value)?;
            }
        }
        Ok(())
    }

    /// Looks for the values in their first slots only. None waits for another, and hardly a branch
    /// is guessed wrong, if most of them are there.
    #[inline]
    fn look(&self, values: &[K]) -> First {
        let mut first = First { tags: [0; CHUNK], numbers: [ABSENT; CHUNK], others: 0 };
        for (tag, value) in first.tags.iter_mut().zip(values) {
            *tag = value.tag(&self.state);
        }
        let known = self.values();
        for (place, (tag, value)) in first.tags.iter().zip(values).enumerate() {
            let slot = self.slots.at(self.slots.home(*tag));
            // A free slot has the number of no value.
            let number = slot.number_or_absent();
            let is_there = slot.tag() == *tag && known.get(number as usize) == Some(value);
            first.numbers[place] = number;
            first.others |= u64::from(!is_there) << place;
        }
        first
    }

    /// The number of a value, or the free slot for it.
    #[inline]
    fn find(&self, tag: u32, value: K) -> Result<u32, usize> {
        let mut place = self.slots.home(tag);
        loop {
            let slot = self.slots.at(place);
            let Some(number) = slot.number() else { return Err(place) };
            if slot.tag() == tag && self.numbered.values[number as usize] == value {
                return Ok(number);
            }
            place += 1;
        }
    }

    fn insert(&mut self, free: usize, tag: u32, value: K) -> Result<u32> {
        let number = self.numbered.push(value)?;
        if number == ABSENT {
            return Ok(number);
        }
        self.slots.fill(free, Slot::new(tag, number));
        Ok(number)
    }
}

/// The places of the bits that are set, of which `count` are valid.
fn places(mut bits: u64, count: usize) -> impl Iterator<Item = usize> {
    bits &= u64::MAX.checked_shr((CHUNK - count) as u32).unwrap_or(0);
    std::iter::from_fn(move || {
        let place = (bits != 0).then(|| bits.trailing_zeros() as usize)?;
        bits &= bits - 1;
        Some(place)
    })
}

/// A value by a part of its hash, which its slot keeps.
trait Tagged: Word {
    #[inline]
    fn tag(self, state: &RandomState) -> u32 {
        (self.hash(state) >> u32::BITS) as u32
    }
}

impl<K: Word> Tagged for K {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    /// Values that share a few hashes.
    #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
    struct Colliding(u64);

    impl Word for Colliding {
        fn hash(self, _: &RandomState) -> u64 {
            // The last slot of any table, too: the search goes on after it.
            (self.0 % 3).wrapping_sub(2) << 32
        }
    }

    fn agrees_with_a_map<K: Word + std::hash::Hash>(values: &[K]) {
        let (mut table, mut numbers) = (Table::new(), Vec::new());
        let mut model: HashMap<Option<K>, u32> = HashMap::new();
        let mut expected = Vec::new();
        let mut null = None;
        for chunk in values.chunks(CHUNK - 1) {
            let others = 0x8000_0010_0000_0100;
            for (place, value) in chunk.iter().enumerate() {
                let next = model.len() as u32;
                let key = (others >> place & 1 == 0).then_some(*value);
                expected.push(*model.entry(key).or_insert(next));
            }
            let other = |numbered: &mut Numbered<K>, _| match null {
                Some(number) => Ok(number),
                None => Ok(*null.insert(numbered.push(K::default())?)),
            };
            table.number(chunk, others, &mut numbers, other).unwrap();
        }
        assert_eq!(numbers, expected);
        for (number, value) in table.values().iter().enumerate() {
            let key = (null != Some(number as u32)).then_some(*value);
            assert_eq!(model[&key], number as u32);
        }
    }

    #[test]
    fn numbers_agree_with_a_map() {
        let spread = |step: u64, values: u64| step.wrapping_mul(0x9e37_79b9_7f4a_7c15) % values;
        for values in [1, 3, 200, 100_000] {
            let narrow: Vec<u64> = (0..200_000).map(|step| spread(step, values)).collect();
            agrees_with_a_map(&narrow);
            let wide: Vec<Wide> = narrow.iter().map(|value| [value % 7, value / 7]).collect();
            agrees_with_a_map(&wide);
        }
    }

    #[test]
    fn values_of_another_form_keep_their_numbers() {
        for count in [0, 1, 63, 5000, 100_000_u64] {
            let (mut table, mut numbers) = (Table::new(), Vec::new());
            let values: Vec<u64> = (0..count).map(|value| value * 7).collect();
            for chunk in values.chunks(CHUNK) {
                table.number(chunk, 0, &mut numbers, |_, _| unreachable!()).unwrap();
            }
            let mut table = table.map(|value| [value / 2, value]);
            let (mut again, mut added) = (Vec::new(), Vec::new());
            for chunk in values.chunks(CHUNK) {
                let chunk: Vec<Wide> = chunk.iter().map(|value| [value / 2, *value]).collect();
                table.number(&chunk, 0, &mut again, |_, _| unreachable!()).unwrap();
            }
            assert_eq!(numbers, again);
            table.number(&[[1, 1]], 0, &mut added, |_, _| unreachable!()).unwrap();
            assert_eq!(added, [count as u32]);
        }
    }

    #[test]
    fn only_values_that_were_chosen_are_known() {
        let mut table = Table::new();
        let mut known = std::collections::HashSet::new();
        for round in 0..3 {
            for start in (0..5000_u64).step_by(CHUNK) {
                let values: Vec<u64> =
                    (start..5000).take(CHUNK).map(|value| value * 7 % 3000).collect();
                let decide = |place: usize, is_known: bool| {
                    assert_eq!(is_known, known.contains(&values[place]));
                    let is_chosen = values[place] % 3 == round;
                    is_chosen && (is_known || known.insert(values[place]))
                };
                table.look_up(&values, decide).unwrap();
            }
        }
        assert_eq!(table.values().len(), known.len());
    }

    #[test]
    fn values_with_the_same_hash_differ() {
        let values: Vec<Colliding> = (0..3000).map(|step| Colliding(step * 7 % 700)).collect();
        agrees_with_a_map(&values);
    }
}
