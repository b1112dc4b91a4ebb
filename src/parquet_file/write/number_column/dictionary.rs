//! The dictionary of a column chunk: each number once, in the order in which they first occur.

use super::number::Number;
use super::window::{FREE, Window};
use foldhash::quality::RandomState;
use std::hash::BuildHasher;

/// The dictionary of a column chunk.
#[derive(Debug)]
pub(super) struct Dictionary<N> {
    values: Vec<N>,
    /// The codes of values that are close to each other.
    window: Window,
    /// A hash table of values and their codes, less than half full.
    slots: Vec<(N, u32)>,
    seeds: [u64; 2],
    /// The value that was looked up last in the hash table, and its code.
    last: Option<(N, u32)>,
}

const LEAST_SLOTS: usize = 256;

impl<N: Number> Dictionary<N> {
    pub(super) fn new() -> Self {
        let state = RandomState::default();
        let seeds = [0, 1].map(|number: u64| state.hash_one(number) | number);
        let slots = vec![(N::default(), FREE); LEAST_SLOTS];
        Self { values: Vec::new(), window: Window::default(), slots, seeds, last: None }
    }

    pub(super) fn values(&self) -> &[N] {
        &self.values
    }

    /// Appends the codes of values, which are added if they are new.
    pub(super) fn append_codes(&mut self, values: &[N], codes: &mut Vec<u32>) {
        codes.extend(values.iter().map(|value| match self.window.code(value.number()) {
            FREE => self.code_by_hash(*value),
            code => code,
        }));
    }

    #[inline(never)]
    fn code_by_hash(&mut self, value: N) -> u32 {
        if let Some((last, code)) = self.last
            && last == value
        {
            return code;
        }
        let at = self.place(value);
        let mut code = self.slots[at].1;
        if code == FREE {
            code = self.values.len() as u32;
            self.values.push(value);
            self.slots[at] = (value, code);
            if self.slots.len() <= 2 * self.values.len() {
                self.grow();
            }
            self.window.add(value.number(), self.values.iter().map(|value| value.number()));
        }
        self.last = Some((value, code));
        code
    }

    /// The slot of a value, or the free one that it would have.
    fn place(&self, value: N) -> usize {
        let mask = self.slots.len() - 1;
        let product = u128::from(value.number() as u64 ^ self.seeds[0]) * u128::from(self.seeds[1]);
        let mut at = (product as u64 ^ (product >> 64) as u64) as usize & mask;
        while self.slots[at].1 != FREE && self.slots[at].0 != value {
            at = (at + 1) & mask;
        }
        at
    }

    fn grow(&mut self) {
        self.slots = vec![(N::default(), FREE); 4 * self.values.len().next_power_of_two()];
        for code in 0..self.values.len() {
            let value = self.values[code];
            let at = self.place(value);
            self.slots[at] = (value, code as u32);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    fn codes_are_right(values: impl Iterator<Item = i64>) -> Dictionary<i64> {
        let (mut dictionary, mut known) = (Dictionary::new(), HashMap::new());
        for value in values {
            let next = known.len() as u32;
            let code = *known.entry(value).or_insert(next);
            let mut codes = Vec::new();
            dictionary.append_codes(&[value], &mut codes);
            assert_eq!(codes, [code], "{value}");
        }
        assert_eq!(dictionary.values().len(), known.len());
        dictionary
    }

    #[test]
    fn values_have_the_codes_of_their_first_row() {
        let up = |start: i64, step: i64, count: i64| {
            (0..2 * count).map(move |at| start.wrapping_add((at % count).wrapping_mul(step)))
        };
        for start in [0, -1000, i64::MIN, i64::MIN + 3, i64::MAX - 5, i64::MAX - 90_000] {
            for (step, count) in
                [(1, 30), (1, 100_000), (-1, 100_000), (37, 5000), (i64::MAX / 9, 100)]
            {
                codes_are_right(up(start, step, count));
            }
        }
        // In no order, and far outside after many inside.
        codes_are_right(
            (0..60_000).map(|at| at * at * 7 % 1461 + if at % 999 == 7 { i64::MIN } else { 0 }),
        );
    }

    #[test]
    fn a_wide_range_takes_little_memory() {
        for step in [1000, 100_000, i64::MAX / 2000] {
            let dictionary = codes_are_right((0..1000).map(|at| at * step));
            assert!(dictionary.window.bytes() <= 256 * 1000, "{step}");
        }
    }
}
