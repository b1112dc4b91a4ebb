//! Which rows of a stream a sample keeps: the first values of each group, or every so many rows.
//!
//! Everything here works in one pass and on one batch at a time. Equality of values is the house's:
//! nulls are values, NaN equals NaN, -0 equals 0, and dictionary and run-end encoded values are
//! compared by what they stand for. Not for random samples.

mod canonical;
mod every;
mod keys;
mod numbering;
mod runs;
mod selection;

pub use every::EverySampler;

use crate::error::Result;
use arrow::array::RecordBatch;
use arrow::buffer::BooleanBuffer;
use arrow::datatypes::Schema;
use keys::Keys;
use numbering::{Key, Numbering};
use std::ops::Range;

/// One way of sampling or the other.
#[expect(clippy::large_enum_variant, reason = "a process has one")]
#[derive(Debug)]
pub enum Sampler {
    /// The first of each group.
    First(FirstSampler),
    /// Every so many rows.
    Every(EverySampler),
}

impl Sampler {
    /// The kept rows of the next batch of the stream, in order.
    ///
    /// # Errors
    /// Those of the sampler.
    pub fn apply(&mut self, batch: &RecordBatch) -> Result<RecordBatch> {
        match self {
            Self::First(sampler) => sampler.apply(batch),
            Self::Every(sampler) => sampler.apply(batch),
        }
    }

    /// Whether no further row will be kept, whatever comes: the producer need not be asked again.
    pub fn is_done(&self) -> bool {
        match self {
            Self::First(sampler) => sampler.is_done(),
            Self::Every(_) => false,
        }
    }
}

/// Keeps the first distinct ids met in each group, and every row of those ids, however much later
/// they come back; without id columns, the first rows of each group.
///
/// Memory grows with groups × first: an id that came too late is looked up, never stored. Work per
/// row is one comparison with the row before; only where a value changes is anything encoded and
/// looked up, so sorted data runs at the speed of that comparison.
#[derive(Debug)]
pub struct FirstSampler {
    first: u64,
    groups: Groups,
    ids: Option<Ids>,
    /// For each group, the distinct ids kept so far; without id columns, the rows.
    kept: Vec<u64>,
}

impl FirstSampler {
    /// A sampler for batches of `schema` that keeps the `first` distinct values of the columns
    /// numbered `of` (rows, if there are none) in each group of equal values in the columns
    /// numbered `per` (one group, if there are none).
    ///
    /// # Errors
    /// A column whose type cannot be compared, or that does not exist.
    pub fn try_new(schema: &Schema, first: u64, of: &[usize], per: &[usize]) -> Result<Self> {
        let ids = if of.is_empty() { None } else { Some(Ids::try_new(schema, of)?) };
        Ok(Self { first, groups: Groups::try_new(schema, per)?, ids, kept: Vec::new() })
    }

    /// Whether no further row will be kept, whatever comes. Where there are ids or groups, rows of a
    /// kept id or of a new group may always come.
    pub fn is_done(&self) -> bool {
        let only_rows = self.ids.is_none() && self.groups.keys.is_empty();
        self.first == 0 || only_rows && self.kept.first() == Some(&self.first)
    }

    /// The kept rows of the next batch of the stream, in order. A batch that is kept whole, or in
    /// one piece, is not copied.
    ///
    /// # Errors
    /// A batch of another schema, or more distinct values than can be counted.
    pub fn apply(&mut self, batch: &RecordBatch) -> Result<RecordBatch> {
        if self.first == 0 || batch.num_rows() == 0 {
            return Ok(batch.slice(0, 0));
        }
        let changes = self.groups.keys.changes(batch)?;
        let groups = self.groups.runs(batch, &changes)?;
        self.kept.resize(self.groups.count(), 0);
        let kept = match &mut self.ids {
            None => first_rows(&groups, self.first, &mut self.kept),
            Some(ids) => ids.first(batch, &changes, &groups, self.first, &mut self.kept)?,
        };
        selection::select(batch, &kept)
    }
}

/// Consecutive rows of one group: which, and from where to where.
struct Run {
    group: u32,
    rows: Range<usize>,
}

fn first_rows(groups: &[Run], first: u64, kept: &mut [u64]) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    for run in groups {
        let count = &mut kept[run.group as usize];
        let rows = (run.rows.len() as u64).min(first - *count);
        *count += rows;
        selection::push(&mut ranges, run.rows.start..run.rows.start + rows as usize);
    }
    ranges
}

/// Gives each group a number, in the order they are met.
#[derive(Debug)]
struct Groups {
    keys: Keys,
    numbering: Numbering,
}

impl Groups {
    fn try_new(schema: &Schema, columns: &[usize]) -> Result<Self> {
        Ok(Self { keys: Keys::try_new(schema, columns)?, numbering: Numbering::default() })
    }

    fn count(&self) -> usize {
        self.numbering.len()
    }

    fn runs(&mut self, batch: &RecordBatch, changes: &BooleanBuffer) -> Result<Vec<Run>> {
        let starts = runs::starts(changes);
        let keys = self.keys.encode(batch, &starts)?;
        let rows: Vec<Range<usize>> = runs::ranges(&starts, batch.num_rows()).collect();
        let mut runs = Vec::with_capacity(starts.len());
        for (part, rows) in rows.chunks(Numbering::FETCHED).enumerate() {
            let place = part * Numbering::FETCHED;
            let keys: Vec<Key<'_>> = (place..place + rows.len())
                .map(|place| self.numbering.key(0, keys.key(place)))
                .collect();
            self.numbering.fetch(&keys);
            for (key, rows) in keys.into_iter().zip(rows) {
                let (group, _) = self.numbering.insert(key)?;
                runs.push(Run { group, rows: rows.clone() });
            }
        }
        Ok(runs)
    }
}

/// Remembers the ids kept of each group.
#[derive(Debug)]
struct Ids {
    keys: Keys,
    numbering: Numbering,
}

impl Ids {
    fn try_new(schema: &Schema, columns: &[usize]) -> Result<Self> {
        Ok(Self { keys: Keys::try_new(schema, columns)?, numbering: Numbering::default() })
    }

    fn first(
        &mut self,
        batch: &RecordBatch,
        group_changes: &BooleanBuffer,
        groups: &[Run],
        first: u64,
        kept: &mut [u64],
    ) -> Result<Vec<Range<usize>>> {
        let changes = &self.keys.changes(batch)? | group_changes;
        let starts = runs::starts(&changes);
        let keys = self.keys.encode(batch, &starts)?;
        let runs = split(groups, &starts, batch.num_rows());
        let mut ranges = Vec::new();
        for (part, runs) in runs.chunks(Numbering::FETCHED).enumerate() {
            let place = part * Numbering::FETCHED;
            let keys: Vec<Key<'_>> = runs
                .iter()
                .enumerate()
                .map(|(more, run)| self.numbering.key(run.group, keys.key(place + more)))
                .collect();
            self.numbering.fetch(&keys);
            for (key, run) in keys.into_iter().zip(runs) {
                let count = &mut kept[run.group as usize];
                let is_kept = if *count < first {
                    let (_, is_new) = self.numbering.insert(key)?;
                    *count += u64::from(is_new);
                    true
                } else {
                    self.numbering.contains(key)
                };
                if is_kept {
                    selection::push(&mut ranges, run.rows.clone());
                }
            }
        }
        Ok(ranges)
    }
}

/// The runs of groups cut at more starts, among which their own are.
fn split(groups: &[Run], starts: &[usize], rows: usize) -> Vec<Run> {
    let mut runs = Vec::with_capacity(starts.len());
    let mut groups = groups.iter().peekable();
    for rows in runs::ranges(starts, rows) {
        while groups.next_if(|run| run.rows.end <= rows.start).is_some() {}
        runs.extend(groups.peek().map(|run| Run { group: run.group, rows }));
    }
    runs
}

#[cfg(test)]
mod tests;
