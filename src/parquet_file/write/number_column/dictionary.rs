//! The dictionary of a column chunk: each number once, in the order in which they first occur.

use super::number::Number;
use foldhash::quality::RandomState;
use std::hash::BuildHasher;

/// The dictionary of a column chunk.
#[derive(Debug)]
pub(super) struct Dictionary<N> {
    values: Vec<N>,
    /// A hash table of values and their codes, less than half full.
    slots: Vec<(N, u32)>,
    seeds: [u64; 2],
    /// The value looked up last, and its code.
    last: Option<(N, u32)>,
}

const FREE: u32 = u32::MAX;

const LEAST_SLOTS: usize = 256;

impl<N: Number> Dictionary<N> {
    pub(super) fn new() -> Self {
        let state = RandomState::default();
        let seeds = [0, 1].map(|number: u64| state.hash_one(number) | number);
        let slots = vec![(N::default(), FREE); LEAST_SLOTS];
        Self { values: Vec::new(), slots, seeds, last: None }
    }

    pub(super) fn values(&self) -> &[N] {
        &self.values
    }

    /// The code of a value, which is added if it is new.
    pub(super) fn code(&mut self, value: N) -> u32 {
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
