//! Counts and ranges of the decoded values of a page or column chunk.

use super::parquet_order::{Order, Stored};
use parquet::data_type::AsBytes;
use std::cmp::Ordering;
use std::collections::HashSet;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

/// The counts and the range of some values.
#[derive(Debug, Clone)]
pub(super) struct Found<T> {
    /// The values including nulls: one per definition level.
    pub(super) levels: u64,
    pub(super) nulls: u64,
    /// The nulls of the leaf itself, without those of its parents and empty lists.
    pub(super) leaf_nulls: u64,
    /// The rows that begin here.
    pub(super) rows: u64,
    /// The values other than nulls.
    pub(super) values: u64,
    pub(super) min: Option<T>,
    pub(super) max: Option<T>,
}

impl<T> Default for Found<T> {
    fn default() -> Self {
        let (min, max) = (None, None);
        Self { levels: 0, nulls: 0, leaf_nulls: 0, rows: 0, values: 0, min, max }
    }
}

impl<T: Stored> Found<T> {
    /// Adds the range of some values.
    pub(super) fn range(&mut self, values: &[T], order: Order) {
        let Some(first) = values.iter().find(|value| value.compare(value, order).is_some()) else {
            return;
        };
        let (mut min, mut max) = (first, first);
        for value in values {
            if value.compare(min, order) == Some(Ordering::Less) {
                min = value;
            } else if value.compare(max, order) == Some(Ordering::Greater) {
                max = value;
            }
        }
        self.widen(min, max, order);
    }

    fn widen(&mut self, min: &T, max: &T, order: Order) {
        let is_beyond = |value: &T, bound: &Option<T>, side| {
            bound.as_ref().is_none_or(|bound| value.compare(bound, order) == Some(side))
        };
        if is_beyond(min, &self.min, Ordering::Less) {
            self.min = Some(min.clone());
        }
        if is_beyond(max, &self.max, Ordering::Greater) {
            self.max = Some(max.clone());
        }
    }

    /// Adds what was found in a page.
    pub(super) fn add(&mut self, page: &Self, order: Order) {
        self.levels += page.levels;
        self.nulls += page.nulls;
        self.leaf_nulls += page.leaf_nulls;
        self.rows += page.rows;
        self.values += page.values;
        if let Some((min, max)) = page.min.as_ref().zip(page.max.as_ref()) {
            self.widen(min, max, order);
        }
    }
}

/// Counts distinct values by their hashes; gives up if there are too many for the memory.
pub(super) struct Distinct {
    hashes: HashSet<u64>,
    state: RandomState,
    is_over: bool,
}

/// About 64 MiB of hashes.
const MOST_DISTINCT: usize = 1 << 22;

impl Distinct {
    pub(super) fn new() -> Self {
        Self { hashes: HashSet::new(), state: RandomState::new(), is_over: false }
    }

    pub(super) fn add<T: AsBytes>(&mut self, values: &[T]) {
        for value in values {
            if self.is_over {
                return;
            }
            self.hashes.insert(self.state.hash_one(value.as_bytes()));
            self.is_over = MOST_DISTINCT < self.hashes.len();
        }
        if self.is_over {
            self.hashes = HashSet::new();
        }
    }

    /// The number of distinct values; none if there are too many.
    pub(super) fn count(&self) -> Option<u64> {
        (!self.is_over).then_some(self.hashes.len() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_without_a_place_in_the_order_are_left_out_of_the_range() {
        let mut found = Found::default();
        found.range(&[f64::NAN, 2.0, f64::NAN, -1.0, 7.5], Order::Natural);
        found.range(&[f64::NAN], Order::Natural);
        assert_eq!((found.min, found.max), (Some(-1.0), Some(7.5)));
    }

    #[test]
    fn distinct_values_are_counted() {
        let mut distinct = Distinct::new();
        distinct.add(&[1_i64, 2, 1, 3]);
        distinct.add(&[3_i64]);
        assert_eq!(distinct.count(), Some(3));
    }
}
