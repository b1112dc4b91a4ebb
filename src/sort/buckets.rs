//! Divides the range of numbers into buckets that have about equally many of them.
//!
//! Finding the bucket of a number costs one look into a table of a few kilobytes: the range is
//! divided into equal cells, and each cell, depending on how many numbers of a sample are in it,
//! into equal parts again. That suits floats, of which few exponents are used, and most of them in
//! one half of the range.

/// Buckets in ascending order.
#[derive(Debug)]
pub(super) struct Buckets {
    /// The least number that is not in the first cell in any case.
    low: u64,
    /// The distance from there of the greatest number that has its own place in the last cell.
    span: u64,
    /// A cell has two to the power of this many numbers.
    cell_bits: u32,
    cells: Vec<Cell>,
    count: usize,
}

#[derive(Debug, Clone, Copy)]
struct Cell {
    /// The number of its first bucket.
    first: u32,
    /// A bucket has two to the power of this many numbers.
    bucket_bits: u32,
}

/// The number of cells.
const CELLS: u64 = 1 << 10;

/// A cell has at most two to the power of this many buckets.
const MOST_SPLITS: u32 = 11;

/// The rows of a bucket should fit into the cache of a core, and so should the memory that is
/// written to when rows go to all buckets in turn.
const BUCKET_ROWS: usize = 1 << 12;
const MOST_BUCKETS: usize = 1 << 12;

impl Buckets {
    /// Buckets for this many rows, whose numbers are distributed as in the sample.
    pub(super) fn of_sample(mut sample: Vec<u64>, rows: usize) -> Self {
        sample.sort_unstable();
        let wanted = (rows / BUCKET_ROWS).min(MOST_BUCKETS);
        // A few outliers do not count.
        let outliers = sample.len() / 1024;
        let ends = sample.get(outliers).zip(sample.get(sample.len().wrapping_sub(outliers + 1)));
        let (low, high) = match ends {
            Some((low, high)) if wanted > 1 => (*low, *high),
            _ => (0, 0),
        };
        let cell_bits = (0..u64::BITS).find(|bits| (high - low) >> bits < CELLS).unwrap_or(54);
        let span = u128::from(CELLS) << cell_bits;
        let span = u64::try_from(span - 1).unwrap_or(u64::MAX);
        let mut counts = vec![0_usize; CELLS as usize];
        for number in &sample {
            counts[(number.saturating_sub(low).min(span) >> cell_bits) as usize] += 1;
        }
        let mut count = 0;
        let cell = |of_cell: usize| {
            let share = of_cell * wanted / sample.len().max(1);
            let splits = share.checked_ilog2().unwrap_or(0).min(MOST_SPLITS).min(cell_bits);
            let first = count;
            count += 1 << splits;
            Cell { first, bucket_bits: cell_bits - splits }
        };
        let cells = counts.into_iter().map(cell).collect();
        Self { low, span, cell_bits, cells, count: count as usize }
    }

    /// The number of buckets.
    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// The bucket of a number; of a larger number, the same or a later one.
    pub(super) fn of(&self, number: u64) -> usize {
        let distance = number.saturating_sub(self.low).min(self.span);
        let cell = distance >> self.cell_bits;
        let Cell { first, bucket_bits } = self.cells[cell as usize];
        first as usize + ((distance - (cell << self.cell_bits)) >> bucket_bits) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The name of the case, the number of each row, and the most rows in a bucket.
    type Case<'a> = (&'a str, &'a dyn Fn(u64) -> u64, usize);

    fn random(row: u64) -> u64 {
        let number = (row + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (number ^ number >> 31).wrapping_mul(0xbf58_476d_1ce4_e5b9)
    }

    #[test]
    fn buckets_are_in_order_and_about_equally_full() {
        const ROWS: usize = 1 << 20;
        let float = |row: u64| (random(row) >> 11) as f64 / (1_u64 << 53) as f64;
        let numbers: [Case<'_>; 8] = [
            ("random", &random, 20_000),
            ("ascending", &|row| row, 20_000),
            ("floats", &|row| float(row).to_bits(), 20_000),
            // Half of them negative.
            ("signs", &|row| (float(row) - 0.5).to_bits(), 20_000),
            ("outlier", &|row| if row == 7 { u64::MAX } else { row }, 20_000),
            ("two", &|row| row % 2 * u64::MAX, ROWS),
            ("equal", &|_| 9, ROWS),
            // Two far heaps are as good as equal: a sort of each is slower, but right.
            ("extremes", &|row| if row % 3 > 0 { u64::MAX - row } else { row }, ROWS),
        ];
        for (name, number, most) in numbers {
            let sample = (0..ROWS as u64).step_by(67).map(number).collect();
            let buckets = Buckets::of_sample(sample, ROWS);
            assert!(buckets.len() < 8 * MOST_BUCKETS);
            let mut all: Vec<u64> = (0..ROWS as u64).map(number).collect();
            all.extend([0, 1, u64::MAX, u64::MAX - 1, 1 << 63]);
            all.sort_unstable();
            let places: Vec<usize> = all.iter().map(|number| buckets.of(*number)).collect();
            assert!(places.is_sorted() && *places.last().unwrap() < buckets.len(), "{name}");
            let fullest = places.chunk_by(|a, b| a == b).map(<[usize]>::len).max().unwrap();
            assert!(fullest <= most + 5, "{name}: {fullest}");
        }
    }

    #[test]
    fn few_rows_and_none_have_buckets_too() {
        for sample in [vec![], vec![u64::MAX], vec![0, u64::MAX]] {
            for rows in [0, 1, 100_000_000] {
                let buckets = Buckets::of_sample(sample.clone(), rows);
                let places = [0, 1, 1 << 40, u64::MAX].map(|number| buckets.of(number));
                assert!(places.is_sorted() && places[3] < buckets.len());
            }
        }
    }
}
