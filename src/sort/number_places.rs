//! Sorts rows by their numbers; rows with equal numbers keep their order.
//!
//! A row is a number and a position, 16 bytes. The rows are dealt into buckets of a few thousand,
//! each of which is then sorted where it is, so that several threads can sort. The numbers come
//! from the batches, twice: to hold them would take 8 bytes more a row.

use super::bucket::sort_bucket;
use super::buckets::Buckets;
use super::places::{Item, SortedPlaces, packed};
use crate::batch::{Numbers, OrderNumbers};
use crate::error::Result;
use crate::threads::Threads;
use arrow::array::RecordBatch;
use std::ops::Range;

/// The number of rows that are worth another thread; fewer in tests, which have few.
const TASK_ROWS: usize = if cfg!(test) { 1 << 10 } else { 1 << 16 };

/// More threads than this would only wait for the memory.
const MOST_THREADS: usize = 8;

/// The number of batches, and of rows in each, that the buckets are made from.
const SAMPLE_BATCHES: usize = 64;
const SAMPLE_ROWS: usize = 1 << 14;

struct Source<'a> {
    batches: &'a [RecordBatch],
    numbers: &'a OrderNumbers,
    threads: &'a Threads,
    nulls_first: bool,
}

/// Sorts the rows of these batches, which are in input order. If only the first `needed` rows are
/// needed, the order of the others is unspecified.
///
/// # Errors
/// A batch with other columns than its schema.
pub(super) fn sorted(
    batches: &[RecordBatch],
    numbers: &OrderNumbers,
    needed: usize,
    threads: &Threads,
) -> Result<SortedPlaces> {
    let Some(first) = batches.first() else { return Ok(SortedPlaces::default()) };
    let nulls_first = numbers.numbers(first.slice(0, 0).columns())?.nulls_first();
    let source = Source { batches, numbers, threads, nulls_first };
    let buckets = source.buckets()?;
    let counts = source.counts(&buckets)?;
    let starts = starts(&counts);
    let mut items = source.dealt(&buckets, &starts)?;
    // Nulls, in the first or the last bucket, are in order.
    let nulls = if nulls_first { 0 } else { counts.len() - 1 };
    sort_buckets(&mut items, &starts, nulls, needed, threads)?;
    Ok(SortedPlaces::new(items, starts[nulls]..starts[nulls + 1]))
}

impl Source<'_> {
    fn rows(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    fn numbers_of(&self, batch: usize) -> Result<Numbers> {
        self.numbers.numbers(self.batches[batch].columns())
    }

    /// As many states as threads are of use.
    fn states(&self) -> Vec<()> {
        let useful = self.rows().div_ceil(TASK_ROWS);
        vec![(); self.threads.count().min(useful).clamp(1, MOST_THREADS)]
    }

    /// Buckets with about equally many rows, as far as a sample shows.
    fn buckets(&self) -> Result<Buckets> {
        let rows = self.rows();
        let mut sample = Vec::new();
        let step = self.batches.len().div_ceil(SAMPLE_BATCHES);
        let sampled = (0..self.batches.len()).step_by(step.max(1));
        let most_rows = SAMPLE_ROWS / sampled.len().max(1) + 1;
        for batch in sampled {
            let numbers = self.numbers_of(batch)?;
            let step = (numbers.len() / most_rows).max(1);
            let rows = (0..numbers.len()).step_by(step);
            let is_value = |row: &usize| numbers.nulls.as_ref().is_none_or(|n| n.is_valid(*row));
            sample.extend(rows.filter(is_value).map(|row| numbers.values[row]));
        }
        Ok(Buckets::of_sample(sample, rows))
    }

    /// The number of rows in each bucket; the first and the last are for nulls.
    fn counts(&self, buckets: &Buckets) -> Result<Vec<usize>> {
        let mut states = self.states();
        let length = self.batches.len().div_ceil(4 * states.len()).max(1);
        let tasks = (0..self.batches.len()).step_by(length);
        let counts = self.threads.each("cannot sort rows", &mut states, tasks, |(), start| {
            let mut counts = vec![0; buckets.len() + 2];
            for batch in start..self.batches.len().min(start + length) {
                self.each(batch, buckets, |bucket, _| counts[bucket] += 1)?;
            }
            Ok(counts)
        })?;
        let mut sums = vec![0; buckets.len() + 2];
        for counts in counts {
            sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        }
        Ok(sums)
    }

    /// The rows, bucket by bucket, in each of them in input order. Each thread reads all rows, and
    /// takes those of its buckets.
    fn dealt(&self, buckets: &Buckets, starts: &[usize]) -> Result<Vec<Item>> {
        let rows = self.rows();
        let mut items = vec![Item::default(); rows];
        let mut states = self.states();
        let shares = states.len();
        let (mut rest, mut tasks, mut bucket) = (&mut items[..], Vec::new(), 0);
        for share in 1..=shares {
            // The first bucket that starts at the end of the share, or after it.
            let next = starts.partition_point(|start| *start < rows * share / shares);
            let next = if share == shares { starts.len() - 1 } else { next.max(bucket) };
            let (own, others) = rest.split_at_mut(starts[next] - starts[bucket]);
            tasks.push((bucket..next, own));
            (rest, bucket) = (others, next);
        }
        let deal = |(): &mut (), (own, items): (Range<usize>, &mut [Item])| {
            let first = starts[own.start];
            let mut ends: Vec<usize> = starts[own.clone()].iter().map(|s| s - first).collect();
            for batch in 0..self.batches.len() {
                self.each(batch, buckets, |bucket, item| {
                    if let Some(end) = ends.get_mut(bucket.wrapping_sub(own.start)) {
                        items[*end] = item;
                        *end += 1;
                    }
                })?;
            }
            Ok(())
        };
        self.threads.each("cannot sort rows", &mut states, tasks.into_iter(), deal)?;
        Ok(items)
    }

    /// Calls `take` with the bucket of each row.
    fn each(
        &self,
        batch: usize,
        buckets: &Buckets,
        mut take: impl FnMut(usize, Item),
    ) -> Result<()> {
        let numbers = self.numbers_of(batch)?;
        let rows = numbers.values.iter().enumerate();
        let mut value = |(row, number): (usize, &u64)| {
            take(buckets.of(*number) + 1, (*number, packed(batch, row)));
        };
        let Some(nulls) = &numbers.nulls else {
            rows.for_each(value);
            return Ok(());
        };
        let null_bucket = if self.nulls_first { 0 } else { buckets.len() + 1 };
        for (row, number) in rows {
            if nulls.is_valid(row) {
                value((row, number));
            }
        }
        (0..nulls.len())
            .filter(|row| nulls.is_null(*row))
            .for_each(|row| take(null_bucket, (0, packed(batch, row))));
        Ok(())
    }
}

/// The first row of each bucket, and the number of rows.
fn starts(counts: &[usize]) -> Vec<usize> {
    let mut start = 0;
    let next = |count: &usize| {
        start += count;
        start
    };
    [0].into_iter().chain(counts.iter().map(next)).collect()
}

/// Sorts the rows of each bucket but that of nulls.
fn sort_buckets(
    items: &mut [Item],
    starts: &[usize],
    nulls: usize,
    needed: usize,
    threads: &Threads,
) -> Result<()> {
    let (mut tasks, mut task, mut task_rows, mut rest) = (Vec::new(), Vec::new(), 0, items);
    for (bucket, ends) in starts.windows(2).enumerate() {
        let (own, others) = rest.split_at_mut(ends[1] - ends[0]);
        rest = others;
        if bucket != nulls && own.len() > 1 && ends[0] < needed {
            task_rows += own.len();
            task.push(own);
        }
        if task_rows > TASK_ROWS {
            tasks.push(std::mem::take(&mut task));
            task_rows = 0;
        }
    }
    tasks.push(task);
    let mut states = vec![Vec::new(); threads.count().min(tasks.len()).min(MOST_THREADS)];
    let sort = |scratch: &mut Vec<Item>, buckets: Vec<&mut [Item]>| {
        buckets.into_iter().for_each(|bucket| sort_bucket(bucket, scratch));
        Ok(())
    };
    threads.each("cannot sort rows", &mut states, tasks.into_iter(), sort).map(drop)
}
