//! Picks one row of every block of rows.
//!
//! A quantile of a quarter of a million random rows is off by a tenth of a percent, so a sketch need
//! not see more of a column with a billion. Of each block of adjacent rows one is picked at random:
//! that is as good as a sample without blocks, and better if neighbours are alike.

use rand_core::{RngCore, SeedableRng};
use rand_xoshiro::SplitMix64;

/// The place of a picked row, and the number of rows for which it stands.
pub type Pick = (usize, u64);

/// Picks rows of a column. All rows are picked until there are twice [`Sampler::LEAST`] of them;
/// then the blocks grow with the column.
#[derive(Debug)]
pub struct Sampler {
    random: SplitMix64,
    /// The rows of a block, a power of two.
    block: u64,
    /// The first row of the current block, the row that is picked of it, and the rows so far.
    start: u64,
    next: u64,
    seen: u64,
}

impl Default for Sampler {
    fn default() -> Self {
        Self { random: SplitMix64::seed_from_u64(1), block: 1, start: 0, next: 0, seen: 0 }
    }
}

impl Sampler {
    /// The fewest rows that are picked of a column that has as many.
    pub const LEAST: u64 = 1 << 18;

    /// Picks of the next rows.
    pub fn rows(&mut self, rows: usize) -> Vec<Pick> {
        let end = self.seen + rows as u64;
        let mut picks = Vec::with_capacity(rows / self.block as usize + 1);
        while self.next < end {
            picks.push(((self.next - self.seen) as usize, self.block));
            self.begin_block();
        }
        self.seen = end;
        picks
    }

    fn begin_block(&mut self) {
        self.start += self.block;
        if 2 * Self::LEAST <= self.start / self.block {
            self.block *= 2;
        }
        self.next = self.start + (self.random.next_u64() & (self.block - 1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_rows_are_picked_and_later_one_of_each_block() {
        let mut sampler = Sampler::default();
        assert_eq!(sampler.rows(3), [(0, 1), (1, 1), (2, 1)]);
        let (mut picked, mut weight, mut last) = (3, 3, 1);
        for _ in 0..200 {
            for (place, rows) in sampler.rows(50_001) {
                assert!(place < 50_001 && last <= rows);
                (picked, weight, last) = (picked + 1, weight + rows, rows);
            }
        }
        assert_eq!(last, 32);
        let rows = 200 * 50_001 + 3;
        assert!(Sampler::LEAST < picked && picked < 7 * Sampler::LEAST, "{picked}");
        assert!(rows - 32 <= weight && weight <= rows + 32, "{weight}");
    }
}
