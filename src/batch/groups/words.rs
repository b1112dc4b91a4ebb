//! Numbers values of up to eight bytes: in a hash table, or by their places if they are dense.
//!
//! Row numbers, ids and days lie close together. A hash table that outgrows the caches of a core is
//! replaced by one number for each value between the smallest and the largest, if that takes no more
//! memory: a row then touches four bytes of a table a quarter as large, and nothing is hashed or
//! compared. Counting 20 million rows by a million integers took half the time with it.

use super::nulls::number_null;
use super::numbered::{ABSENT, Numbered};
use super::table::Table;
use crate::error::Result;

/// Distinct values of up to eight bytes and their numbers.
#[derive(Debug)]
pub(super) enum WordKeys {
    Hashed(Table<u64>),
    Dense(Dense),
}

/// The numbers of the values from `first` on, [`ABSENT`] for those that have none.
#[derive(Debug, Default)]
pub(super) struct Dense {
    first: u64,
    numbers: Vec<u32>,
    numbered: Numbered<u64>,
}

/// The most places for each value: 32 bytes, as many as it takes in a hash table on average.
const MOST_PLACES: usize = 8;

impl WordKeys {
    pub(super) fn new() -> Self {
        Self::Hashed(Table::new())
    }

    /// The values in the order of their numbers.
    pub(super) fn values(&self) -> &[u64] {
        match self {
            Self::Hashed(table) => table.values(),
            Self::Dense(dense) => dense.numbered.values(),
        }
    }

    /// The memory in use.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Hashed(table) => table.bytes(),
            Self::Dense(dense) => size_of_val(&*dense.numbers) + dense.numbered.bytes(),
        }
    }

    /// Gives no new numbers from now on: [`ABSENT`] is the number of other values.
    pub(super) fn close(&mut self) {
        match self {
            Self::Hashed(table) => table.close(),
            Self::Dense(dense) => dense.numbered.close(),
        }
    }

    /// Appends the numbers of at most [`super::table::CHUNK`] values. Those whose bits are set in
    /// `nulls` are null, with the number `null`.
    ///
    /// # Errors
    /// More values than can be numbered.
    pub(super) fn number(
        &mut self,
        values: &[u64],
        nulls: u64,
        null: &mut Option<u32>,
        numbers: &mut Vec<u32>,
    ) -> Result<()> {
        if let Self::Hashed(table) = self
            && table.outgrows_caches(values.len())
            && let Some(dense) = Dense::of(table)
        {
            *self = Self::Dense(dense);
        }
        let mut done = 0;
        if let Self::Dense(dense) = self {
            done = dense.number(values, nulls, null, numbers)?;
            if done < values.len() {
                *self = Self::Hashed(std::mem::take(dense).into_table());
            }
        }
        if let (Self::Hashed(table), Some(left @ [_, ..])) = (self, values.get(done..)) {
            let other = |numbered: &mut Numbered<u64>, _| number_null(null, numbered, 0);
            table.number(left, nulls >> done, numbers, other)?;
        }
        Ok(())
    }
}

impl Dense {
    /// The values of a table, which it takes, if they are dense.
    fn of(table: &mut Table<u64>) -> Option<Self> {
        // In the order of signed numbers, negative ones are next to zero.
        let signed = || table.known().map(|(value, _)| value.cast_signed());
        let (first, last) = (signed().min()?.cast_unsigned(), signed().max()?.cast_unsigned());
        let places = places(first, last, table.values().len())?;
        let mut numbers = vec![ABSENT; places];
        for (value, number) in table.known() {
            numbers[value.wrapping_sub(first) as usize] = number;
        }
        Some(Self { first, numbers, numbered: table.take_numbered() })
    }

    /// Appends the numbers of values up to the first that would make the places too many. Returns
    /// how many.
    fn number(
        &mut self,
        values: &[u64],
        nulls: u64,
        null: &mut Option<u32>,
        numbers: &mut Vec<u32>,
    ) -> Result<usize> {
        for (row, value) in values.iter().enumerate() {
            if nulls >> row & 1 == 1 {
                numbers.push(number_null(null, &mut self.numbered, 0)?);
                continue;
            }
            let place = value.wrapping_sub(self.first);
            let place = usize::try_from(place).unwrap_or(usize::MAX);
            match self.numbers.get(place).copied() {
                Some(number) if number != ABSENT => numbers.push(number),
                _ if self.numbered.is_closed() => numbers.push(ABSENT),
                _ if !self.reaches(*value) => return Ok(row),
                _ => {
                    let number = self.numbered.push(*value)?;
                    self.numbers[value.wrapping_sub(self.first) as usize] = number;
                    numbers.push(number);
                }
            }
        }
        Ok(values.len())
    }

    /// Whether the value has a place, which it gets if the places do not become too many.
    #[cold]
    fn reaches(&mut self, value: u64) -> bool {
        let length = self.numbers.len() as u64;
        if value.wrapping_sub(self.first) < length {
            return true;
        }
        let (last, count) = (self.first.wrapping_add(length - 1), self.numbered.values().len());
        let is_before = value.cast_signed() < self.first.cast_signed();
        let range = if is_before { (value, last) } else { (self.first, value) };
        let Some(needed) = places(range.0, range.1, count) else { return false };
        // Room for the next ones, so that each value is moved a few times only.
        let length = needed.max((MOST_PLACES * count).min(2 * self.numbers.len()));
        if is_before {
            let mut moved = vec![ABSENT; length - self.numbers.len()];
            self.first = self.first.wrapping_sub(moved.len() as u64);
            moved.append(&mut self.numbers);
            self.numbers = moved;
        } else {
            self.numbers.resize(length, ABSENT);
        }
        true
    }

    fn into_table(self) -> Table<u64> {
        let places = self.numbers.into_iter().enumerate();
        let known = places.filter(|(_, number)| *number != ABSENT);
        let value = |place: usize| self.first.wrapping_add(place as u64);
        Table::of(self.numbered, known.map(|(place, number)| (value(place), number)))
    }
}

/// The number of places from the first value to the last, unless they are too many for `count`
/// values.
fn places(first: u64, last: u64, count: usize) -> Option<usize> {
    let places = usize::try_from(last.wrapping_sub(first)).ok()?.checked_add(1)?;
    (places <= MOST_PLACES * count).then_some(places)
}

#[cfg(test)]
mod tests {
    use super::super::table::CHUNK;
    use super::*;
    use std::collections::HashMap;

    /// Numbers the values, of which every seventh is null, and compares with a map. Returns the keys.
    fn numbered(values: &[u64]) -> WordKeys {
        let (mut keys, mut numbers, mut null) = (WordKeys::new(), Vec::new(), None);
        for (chunk, values) in values.chunks(CHUNK).enumerate() {
            let nulls = if chunk.is_multiple_of(3) { 0x8102_0408_1020_4081 } else { 0 };
            keys.number(values, nulls, &mut null, &mut numbers).unwrap();
        }
        let (mut model, mut met) = (HashMap::new(), Vec::new());
        for (row, (value, number)) in values.iter().zip(&numbers).enumerate() {
            let is_null = (row / CHUNK).is_multiple_of(3)
                && 0x8102_0408_1020_4081_u64 >> (row % CHUNK) & 1 == 1;
            let value = (!is_null).then_some(*value);
            let next = model.len() as u32;
            let expected = *model.entry(value).or_insert_with(|| {
                met.push(value.unwrap_or(0));
                next
            });
            assert_eq!(*number, expected, "row {row}");
        }
        assert_eq!(numbers.len(), values.len());
        assert_eq!(keys.values(), met);
        keys
    }

    fn is_dense(keys: &WordKeys) -> bool {
        matches!(keys, WordKeys::Dense(_))
    }

    fn shuffled(count: u64, first: i64, step: u64) -> Vec<u64> {
        let place = |row: u64| (row % count).wrapping_mul(0x9e37_79b9_7f4a_7c15) % count * step;
        (0..2 * count).map(|row| (first as u64).wrapping_add(place(row))).collect()
    }

    #[test]
    fn dense_values_are_numbered_by_their_places() {
        for first in [0, -100_000, 1 << 40, i64::MIN, i64::MAX - 200_000] {
            assert!(is_dense(&numbered(&shuffled(200_000, first, 1))), "{first}");
        }
        assert!(is_dense(&numbered(&shuffled(200_000, 5, 4))));
        assert!(!is_dense(&numbered(&shuffled(200_000, 5, 20))));
        assert!(!is_dense(&numbered(&shuffled(1000, 5, 1))));
    }

    #[test]
    fn places_are_added_on_both_sides() {
        let rising: Vec<u64> = (0..300_000).collect();
        assert!(is_dense(&numbered(&rising)));
        let falling: Vec<u64> = (0..300_000_u64).map(|row| 100_000_u64.wrapping_sub(row)).collect();
        assert!(is_dense(&numbered(&falling)));
        let both = (0..300_000_u64).map(|row| if row % 2 == 0 { row } else { row.wrapping_neg() });
        assert!(is_dense(&numbered(&both.collect::<Vec<_>>())));
    }

    #[test]
    fn a_distant_value_ends_it_and_nothing_is_lost() {
        for distant in [1 << 60, u64::MAX << 40, i64::MIN as u64, i64::MAX as u64] {
            let mut values = shuffled(150_000, 10, 1);
            assert!(is_dense(&numbered(&values)));
            values.push(distant);
            values.extend(shuffled(150_000, 160_000, 1));
            assert!(!is_dense(&numbered(&values)), "{distant}");
        }
    }

    #[test]
    fn closed_keys_get_no_number_and_no_place() {
        let mut keys = numbered(&shuffled(100_000, 10, 1));
        keys.close();
        let (mut numbers, mut null, bytes) = (Vec::new(), None, keys.bytes());
        keys.number(&[9, 10, 1 << 50, 0, 5], 0b10000, &mut null, &mut numbers).unwrap();
        assert_eq!(numbers[0], ABSENT);
        assert_ne!(numbers[1], ABSENT);
        assert_eq!(numbers[2..], [ABSENT, ABSENT, ABSENT]);
        assert!(is_dense(&keys) && keys.bytes() == bytes);
    }
}
