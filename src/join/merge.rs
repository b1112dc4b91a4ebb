//! The order of the result of a full join of sorted inputs.

use super::index::NONE;
use super::pairs::Pairs;

/// The places of a batch's rows among the rows of the table.
#[derive(Debug)]
pub(super) struct Merge {
    /// For each row of the stream, the number of rows of the table with smaller keys.
    places: Vec<u32>,
    /// The number of rows of the table that are written, or have a partner.
    passed: u32,
}

impl Merge {
    pub(super) fn new(places: Vec<u32>, passed: u32) -> Self {
        Self { places, passed }
    }

    /// The pairs, and before each of them the rows of the table with smaller keys that have no
    /// partner. No later row of the stream can have these keys.
    pub(super) fn merged(&mut self, pairs: &Pairs, seen: &[bool]) -> Pairs {
        let mut merged = Pairs::default();
        for (left, right) in pairs.left.iter().zip(&pairs.right) {
            let place = self.places[*left as usize];
            let below = (self.passed..place).filter(|row| !seen[*row as usize]);
            merged.right.extend(below);
            merged.left.resize(merged.right.len(), NONE);
            self.passed = place;
            merged.left.push(*left);
            merged.right.push(*right);
        }
        merged
    }
}
