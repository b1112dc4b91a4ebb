//! Random samples: a fraction of the rows, or a fixed number.
//!
//! One random number is generated for each row, so that the sample depends on the seed and the
//! rows' positions in the stream, not on the batch boundaries.

use super::selection;
use crate::batch::groups::Groups;
use crate::batch::{BatchLimits, Rechunker, compact_with_dictionaries};
use crate::error::Result;
use arrow::array::{BooleanArray, RecordBatch, UInt64Array};
use arrow::buffer::BooleanBuffer;
use arrow::compute::{filter_record_batch, take_record_batch};
use arrow::datatypes::SchemaRef;
use rand_core::{RngCore, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use std::collections::BinaryHeap;

/// Keeps each row independently with the same probability.
#[derive(Debug)]
pub struct FractionSampler {
    random: Xoshiro256PlusPlus,
    /// A random number of 53 bits below this one keeps its row.
    bound: u64,
}

impl FractionSampler {
    /// Returns a sampler that keeps a row with the probability `fraction`, from 0 to 1.
    pub fn new(fraction: f64, seed: u64) -> Self {
        // Exact: a float64 from 0 to 1 times a power of two.
        let bound = (fraction * (1_u64 << 53) as f64).ceil() as u64;
        Self { random: Xoshiro256PlusPlus::seed_from_u64(seed), bound }
    }

    /// The kept rows of the next batch of the stream, in order.
    ///
    /// # Errors
    /// A column type from which Arrow cannot take individual rows.
    pub fn apply(&mut self, batch: &RecordBatch) -> Result<RecordBatch> {
        let kept = BooleanBuffer::collect_bool(batch.num_rows(), |_| {
            self.random.next_u64() >> 11 < self.bound
        });
        match kept.count_set_bits() {
            0 => Ok(batch.slice(0, 0)),
            all if all == batch.num_rows() => Ok(batch.clone()),
            _ => filter_record_batch(batch, &BooleanArray::new(kept, None))
                .map_err(selection::cannot_select),
        }
    }
}

/// Keeps a fixed number of rows of each group; every choice of them is equally likely.
///
/// Each row gets a random number, and the rows with the smallest numbers are kept. Rows are copied
/// when they enter the sample. Rows that have left it are dropped when there are as many of them as
/// there are to keep, so that at most twice the sample and one batch are held.
#[derive(Debug)]
pub struct ReservoirSampler {
    random: Xoshiro256PlusPlus,
    schema: SchemaRef,
    /// The number of rows to keep of each group.
    rows: usize,
    groups: Groups,
    /// For each group, the random numbers of its rows in the sample, with the rows' positions in
    /// the stream.
    drawn: Vec<BinaryHeap<(u64, u64)>>,
    /// The number of rows in the sample.
    kept_rows: usize,
    held: Vec<RecordBatch>,
    /// The positions of the held rows, in ascending order.
    held_places: Vec<u64>,
    passed_rows: u64,
    /// The number of batches that are held before they are merged.
    most_batches: usize,
}

/// A batch costs several hundred bytes for each column in addition to its values.
const LEAST_JOINED: usize = 256;

/// The size of output batches: as large as other tools make them.
const JOINED: BatchLimits = BatchLimits { rows: 64 * 1024, bytes: 16 << 20 };

impl ReservoirSampler {
    /// Returns a sampler that keeps `rows` rows, or all if there are fewer, of each group of equal
    /// values in the columns numbered `per` (one group, if there are none).
    ///
    /// # Errors
    /// A column whose type cannot be compared, or that does not exist.
    pub fn try_new(schema: SchemaRef, rows: u64, per: &[usize], seed: u64) -> Result<Self> {
        Ok(Self {
            random: Xoshiro256PlusPlus::seed_from_u64(seed),
            groups: Groups::try_new(&schema, per)?,
            schema,
            // As many rows as memory can address are all rows.
            rows: usize::try_from(rows).unwrap_or(usize::MAX),
            drawn: Vec::new(),
            kept_rows: 0,
            held: Vec::new(),
            held_places: Vec::new(),
            passed_rows: 0,
            most_batches: LEAST_JOINED,
        })
    }

    /// Samples the rows of the next batch of the stream.
    ///
    /// # Errors
    /// A column type from which Arrow cannot take individual rows.
    pub fn add(&mut self, batch: &RecordBatch) -> Result<()> {
        let held_rows = self.held_places.len();
        let changes = self.groups.changes(batch)?;
        let runs = self.groups.runs(batch, &changes)?;
        self.drawn.resize_with(self.groups.len(), BinaryHeap::new);
        for run in runs {
            let drawn = &mut self.drawn[run.group as usize];
            for place in (self.passed_rows + run.rows.start as u64..).take(run.rows.len()) {
                let number = self.random.next_u64();
                if drawn.len() < self.rows {
                    drawn.push((number, place));
                    self.kept_rows += 1;
                } else if let Some(mut largest) = drawn.peek_mut()
                    && (number, place) < *largest
                {
                    *largest = (number, place);
                } else {
                    continue;
                }
                self.held_places.push(place);
            }
        }
        let taken = &self.held_places[held_rows..];
        if !taken.is_empty() {
            let rows = taken.iter().map(|place| place - self.passed_rows);
            let copy = take_record_batch(batch, &UInt64Array::from_iter_values(rows));
            let copy = copy.map_err(selection::cannot_select)?;
            self.held.push(compact_with_dictionaries(&copy));
        }
        self.passed_rows += batch.num_rows() as u64;
        let fallen_rows = self.held_places.len() - self.kept_rows;
        if self.kept_rows < fallen_rows || self.most_batches < self.held.len() {
            self.drop_fallen()?;
            // Batches that cannot be merged are not tried again with each new one.
            self.most_batches = LEAST_JOINED.max(2 * self.held.len());
        }
        Ok(())
    }

    /// Returns the sample, in the order of the stream.
    ///
    /// # Errors
    /// A column type from which Arrow cannot take individual rows.
    pub fn finish(&mut self) -> Result<Vec<RecordBatch>> {
        self.drop_fallen()?;
        Ok(std::mem::take(&mut self.held))
    }

    /// Drops rows that are no longer in the sample, and merges small batches.
    fn drop_fallen(&mut self) -> Result<()> {
        let mut places: Vec<u64> = self.drawn.iter().flatten().map(|(_, place)| *place).collect();
        places.sort_unstable();
        let mut kept = places.iter().copied().peekable();
        let is_kept = |place: &u64| kept.next_if_eq(place).is_some();
        let is_kept: Vec<bool> = self.held_places.iter().map(is_kept).collect();
        let mut rest = &is_kept[..];
        let mut joiner = Rechunker::new(self.schema.clone(), JOINED);
        let mut joined = Vec::new();
        for batch in std::mem::take(&mut self.held) {
            let (mask, others) = rest.split_at(batch.num_rows());
            rest = others;
            let left = filter_record_batch(&batch, &BooleanArray::from(mask.to_vec()));
            joined.extend(joiner.push(&left.map_err(selection::cannot_select)?));
        }
        joined.extend(joiner.finish());
        (self.held, self.held_places) = (joined, places);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{ArrayRef, AsArray, Int64Array};
    use arrow::datatypes::Int64Type;
    use std::sync::Arc;

    fn numbers(rows: i64) -> RecordBatch {
        let column: ArrayRef = Arc::new(Int64Array::from_iter_values(0..rows));
        RecordBatch::try_from_iter([("n", column)]).unwrap()
    }

    fn parts(batch: &RecordBatch, batch_rows: usize) -> impl Iterator<Item = RecordBatch> {
        let rows = batch.num_rows();
        let part = move |start| batch.slice(start, batch_rows.min(rows - start));
        (0..rows).step_by(batch_rows).map(part)
    }

    fn values(batches: &[RecordBatch]) -> Vec<i64> {
        let values = |b: &RecordBatch| b.column(0).as_primitive::<Int64Type>().values().to_vec();
        batches.iter().flat_map(values).collect()
    }

    fn fraction(of: &RecordBatch, fraction: f64, seed: u64, batch_rows: usize) -> Vec<i64> {
        let mut sampler = FractionSampler::new(fraction, seed);
        values(&parts(of, batch_rows).map(|b| sampler.apply(&b).unwrap()).collect::<Vec<_>>())
    }

    fn reservoir(of: &RecordBatch, rows: u64, seed: u64, batch_rows: usize) -> Vec<i64> {
        let mut sampler = ReservoirSampler::try_new(of.schema(), rows, &[], seed).unwrap();
        parts(of, batch_rows).for_each(|batch| sampler.add(&batch).unwrap());
        values(&sampler.finish().unwrap())
    }

    /// The sum over all cells of (seen - expected)^2 / expected: about the number of cells.
    fn chi_square(seen: &[u32], expected: f64) -> f64 {
        seen.iter().map(|seen| (f64::from(*seen) - expected).powi(2) / expected).sum()
    }

    #[test]
    fn the_sample_does_not_depend_on_where_batches_end() {
        let all = numbers(1000);
        for seed in 0..5 {
            let whole = (fraction(&all, 0.3, seed, 1000), reservoir(&all, 50, seed, 1000));
            for batch_rows in [1, 2, 7, 100, 999] {
                let parts =
                    (fraction(&all, 0.3, seed, batch_rows), reservoir(&all, 50, seed, batch_rows));
                assert_eq!(whole, parts);
            }
            assert!(whole.0.is_sorted() && whole.1.is_sorted());
            assert_eq!(whole.1.len(), 50);
        }
    }

    #[test]
    fn of_each_group_every_row_is_as_likely_as_any_other() {
        // Twenty rows of group 0 and five of group 1, mixed, and two of group 2.
        let group = |n: i64| if n == 3 || n == 26 { 2 } else { i64::from(n % 5 == 0) };
        let groups: ArrayRef = Arc::new(Int64Array::from_iter_values((0..27).map(group)));
        let columns = [("n", numbers(27).column(0).clone()), ("g", groups)];
        let all = RecordBatch::try_from_iter(columns).unwrap();
        let mut seen = [0; 27];
        for seed in 0..10_000 {
            let sample = |batch_rows| {
                let per = [1];
                let mut sampler = ReservoirSampler::try_new(all.schema(), 3, &per, seed).unwrap();
                parts(&all, batch_rows).for_each(|batch| sampler.add(&batch).unwrap());
                values(&sampler.finish().unwrap())
            };
            let whole = sample(27);
            if seed < 100 {
                assert_eq!(whole, sample(4));
            }
            let sizes = [0, 1, 2].map(|g| whole.iter().filter(|n| group(**n) == g).count());
            assert_eq!((sizes, whole.is_sorted()), ([3, 3, 2], true));
            whole.iter().for_each(|n| seen[*n as usize] += 1);
        }
        for g in [0, 1] {
            let of_group: Vec<u32> =
                (0..27).filter(|n| group(*n) == g).map(|n| seen[n as usize]).collect();
            let likely = 30_000.0 / of_group.len() as f64;
            assert!(chi_square(&of_group, likely) < 44.0, "{of_group:?}");
        }
    }

    #[test]
    fn the_ends_are_exact() {
        let all = numbers(1000);
        for seed in 0..50 {
            assert_eq!(fraction(&all, 0.0, seed, 10).len(), 0);
            assert_eq!(fraction(&all, 1.0, seed, 10).len(), 1000);
            assert_eq!(reservoir(&all, 0, seed, 10).len(), 0);
            assert_eq!(reservoir(&all, 1000, seed, 10), (0..1000).collect::<Vec<_>>());
            assert_eq!(reservoir(&all, u64::MAX, seed, 10).len(), 1000);
        }
    }

    #[test]
    fn every_row_and_every_pair_is_as_likely_as_any_other() {
        let (rows, kept, seeds) = (20_usize, 5_usize, 20_000);
        let all = numbers(rows as i64);
        let (mut single, mut pairs) = (vec![0; rows], vec![0; rows * rows]);
        for seed in 0..seeds {
            let sample = reservoir(&all, kept as u64, seed, 6);
            for a in &sample {
                single[*a as usize] += 1;
                for b in sample.iter().filter(|b| a < b) {
                    pairs[*a as usize * rows + *b as usize] += 1;
                }
            }
        }
        let seeds = seeds as f64;
        let likely = seeds * kept as f64 / rows as f64;
        // If the sample is fair, less than one seed in a thousand exceeds these bounds; the seeds
        // are fixed, so the result is always the same.
        assert!(chi_square(&single, likely) < 44.0);
        pairs.retain(|seen| *seen > 0);
        assert_eq!(pairs.len(), rows * (rows - 1) / 2);
        let likely = likely * (kept - 1) as f64 / (rows - 1) as f64;
        assert!(chi_square(&pairs, likely) < 255.0);
    }

    #[test]
    fn a_fraction_is_kept_of_every_row_independently() {
        let all = numbers(100);
        let (mut single, mut neighbours) = (vec![0; 100], 0);
        for seed in 0..10_000 {
            let sample = fraction(&all, 0.2, seed, 100);
            sample.iter().for_each(|n| single[*n as usize] += 1);
            neighbours += sample.windows(2).filter(|pair| pair[0] + 1 == pair[1]).count();
        }
        // The variance of a count is 0.8 of its mean.
        assert!(chi_square(&single, 2000.0) / 0.8 < 149.0);
        let expected = 10_000.0 * 99.0 * 0.04;
        assert!((neighbours as f64 - expected).abs() < 5.0 * expected.sqrt());
    }

    #[test]
    fn what_is_held_does_not_grow_with_the_stream() {
        let mut sampler = ReservoirSampler::try_new(numbers(0).schema(), 100, &[], 1).unwrap();
        for _ in 0..500 {
            sampler.add(&numbers(1000)).unwrap();
            let bytes: usize = sampler.held.iter().map(RecordBatch::get_array_memory_size).sum();
            assert!(sampler.held_places.len() <= 1200 && bytes < 100_000, "{bytes}");
        }
    }
}
