//! Keeps the first values of each group with a [`FirstSampler`].

use super::selection;
use crate::batch::groups::{GroupRange, Groups, Members, arrays_at, changes, runs};
use crate::error::Result;
use arrow::array::RecordBatch;
use arrow::buffer::BooleanBuffer;
use arrow::datatypes::Schema;
use std::ops::Range;

/// Keeps the first distinct IDs in each group, and every row with those IDs, however much later
/// they occur again; without ID columns, the first rows of each group.
///
/// Memory grows with groups × first: an ID that came too late is looked up, but never stored. Each
/// row costs one comparison with the previous row. Only where a value changes is anything encoded
/// and looked up, so sorted data is processed at the speed of that comparison.
#[derive(Debug)]
pub struct FirstSampler {
    first: u64,
    groups: Groups,
    ids: Option<Ids>,
    /// For each group, the number of distinct IDs kept so far; without ID columns, the number of
    /// rows.
    kept: Vec<u64>,
}

/// The IDs of groups.
#[derive(Debug)]
struct Ids {
    columns: Vec<usize>,
    keys: Members,
}

impl FirstSampler {
    /// Returns a sampler for batches with `schema` that keeps the `first` distinct values of the
    /// columns numbered `of` (rows, if there are none) in each group of equal values in the columns
    /// numbered `per` (one group, if there are none).
    ///
    /// # Errors
    /// A column whose type cannot be compared, or that does not exist.
    pub fn try_new(schema: &Schema, first: u64, of: &[usize], per: &[usize]) -> Result<Self> {
        let ids = if of.is_empty() { None } else { Some(Ids::try_new(schema, of)?) };
        Ok(Self { first, groups: Groups::try_new(schema, per)?, ids, kept: Vec::new() })
    }

    /// Whether no more rows will be kept, whatever comes. With IDs or groups, rows with a kept ID
    /// or in a new group may always come.
    pub fn is_done(&self) -> bool {
        let only_rows = self.ids.is_none() && self.groups.is_one();
        self.first == 0 || only_rows && self.kept.first() == Some(&self.first)
    }

    /// The kept rows of the next batch of the stream, in order. A batch that is kept whole, or in
    /// one piece, is not copied.
    ///
    /// # Errors
    /// A batch with another schema; more distinct values than can be counted.
    pub fn apply(&mut self, batch: &RecordBatch) -> Result<RecordBatch> {
        if self.first == 0 || batch.num_rows() == 0 {
            return Ok(batch.slice(0, 0));
        }
        let changes = self.groups.changes(batch)?;
        let groups = self.groups.runs(batch, &changes)?;
        self.kept.resize(self.groups.len(), 0);
        let kept = match &mut self.ids {
            None => first_rows(&groups, self.first, &mut self.kept),
            Some(ids) => ids.first(batch, &changes, &groups, self.first, &mut self.kept)?,
        };
        selection::select(batch, &kept)
    }

    #[cfg(test)]
    pub(super) fn remembered_ids(&self) -> usize {
        self.ids.as_ref().map_or(0, |ids| ids.keys.len())
    }
}

fn first_rows(groups: &[GroupRange], first: u64, kept: &mut [u64]) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    for run in groups {
        let count = &mut kept[run.group as usize];
        let rows = (run.rows.len() as u64).min(first - *count);
        *count += rows;
        selection::push(&mut ranges, run.rows.start..run.rows.start + rows as usize);
    }
    ranges
}

impl Ids {
    fn try_new(schema: &Schema, columns: &[usize]) -> Result<Self> {
        Ok(Self { columns: columns.to_vec(), keys: Members::try_new(schema, columns)? })
    }

    /// The rows of the first IDs of each group.
    fn first(
        &mut self,
        batch: &RecordBatch,
        group_changes: &BooleanBuffer,
        groups: &[GroupRange],
        first: u64,
        kept: &mut [u64],
    ) -> Result<Vec<Range<usize>>> {
        let changes = &changes(batch, &self.columns)? | group_changes;
        let starts = runs::starts(&changes, batch.num_rows());
        let mut runs = split(groups, &starts, batch.num_rows());
        let mut ranges = Vec::new();
        let arrays = arrays_at(batch, &self.columns, &starts)?;
        self.keys.look_up(&arrays, &mut runs, |run, is_known| {
            let count = &mut kept[run.group as usize];
            let is_first = !is_known && *count < first;
            *count += u64::from(is_first);
            if is_known || is_first {
                selection::push(&mut ranges, run.rows.clone());
            }
            is_first
        })?;
        Ok(ranges)
    }
}

/// Splits the runs of groups at additional starts; `starts` includes their own.
fn split(groups: &[GroupRange], starts: &[usize], rows: usize) -> Vec<GroupRange> {
    let mut runs = Vec::with_capacity(starts.len());
    let mut groups = groups.iter().peekable();
    for rows in runs::ranges(starts, rows) {
        while groups.next_if(|run| run.rows.end <= rows.start).is_some() {}
        runs.extend(groups.peek().map(|run| GroupRange { group: run.group, rows }));
    }
    runs
}
