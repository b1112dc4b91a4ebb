//! How many rows each group has, in half the memory of numbers of 64 bits while they fit.

use super::accumulator::grow;
use crate::batch::vector_bytes;
use std::ops::Range;

/// The rows of each group.
#[derive(Debug)]
pub(super) struct Tally {
    counts: Counts,
    /// The rows of all groups: no group has more.
    all: u64,
}

#[derive(Debug)]
enum Counts {
    Narrow(Vec<u32>),
    Wide(Vec<i64>),
}

impl Default for Tally {
    fn default() -> Self {
        Self { counts: Counts::Narrow(Vec::new()), all: 0 }
    }
}

impl Tally {
    /// Makes room for this many groups.
    pub(super) fn grow(&mut self, count: usize) {
        match &mut self.counts {
            Counts::Narrow(counts) => grow(counts, count, 0),
            Counts::Wide(counts) => grow(counts, count, 0),
        }
    }

    /// Adds a row to each of these groups, of which there are `rows`.
    pub(super) fn add(&mut self, groups: impl Iterator<Item = u32>, rows: usize) {
        self.expect(rows as u64);
        match &mut self.counts {
            Counts::Narrow(counts) => groups.for_each(|group| counts[group as usize] += 1),
            Counts::Wide(counts) => groups.for_each(|group| counts[group as usize] += 1),
        }
    }

    /// Adds rows to groups. Counts below zero, which only foreign states have, are kept.
    pub(super) fn merge(&mut self, groups: &[u32], added: &[i64]) {
        let rows = added.iter().fold(0, |all: u64, rows| all.saturating_add(*rows as u64));
        self.expect(rows);
        for (group, rows) in groups.iter().zip(added) {
            match &mut self.counts {
                Counts::Narrow(counts) => counts[*group as usize] += *rows as u32,
                Counts::Wide(counts) => {
                    let count = &mut counts[*group as usize];
                    *count = count.wrapping_add(*rows);
                }
            }
        }
    }

    /// Makes room for more rows.
    fn expect(&mut self, rows: u64) {
        self.all = self.all.saturating_add(rows);
        if let (Counts::Narrow(counts), true) = (&self.counts, self.all > u64::from(u32::MAX)) {
            self.counts = Counts::Wide(counts.iter().map(|count| i64::from(*count)).collect());
        }
    }

    pub(super) fn of(&self, group: usize) -> i64 {
        match &self.counts {
            Counts::Narrow(counts) => counts[group].into(),
            Counts::Wide(counts) => counts[group],
        }
    }

    pub(super) fn values(&self, groups: Range<usize>) -> Vec<i64> {
        match &self.counts {
            Counts::Narrow(counts) => counts[groups].iter().copied().map(i64::from).collect(),
            Counts::Wide(counts) => counts[groups].to_vec(),
        }
    }

    pub(super) fn bytes(&self) -> usize {
        match &self.counts {
            Counts::Narrow(counts) => vector_bytes(counts),
            Counts::Wide(counts) => vector_bytes(counts),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_outgrow_their_width() {
        let mut tally = Tally::default();
        tally.grow(3);
        tally.add([0, 2, 2].into_iter(), 3);
        tally.merge(&[1, 2], &[u32::MAX.into(), 5]);
        tally.grow(4);
        tally.add([1, 3].into_iter(), 2);
        assert_eq!(tally.values(0..4), [1, i64::from(u32::MAX) + 1, 7, 1]);
        assert_eq!((tally.of(1), tally.of(2)), (i64::from(u32::MAX) + 1, 7));
    }

    #[test]
    fn foreign_counts_below_zero_are_kept() {
        let mut tally = Tally::default();
        tally.grow(1);
        tally.merge(&[0, 0], &[-3, i64::MIN]);
        assert_eq!(tally.of(0), (-3_i64).wrapping_add(i64::MIN));
    }
}
