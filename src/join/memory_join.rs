//! Joins the batches of a stream with a table in memory.

use super::index::{Index, NONE};
use super::merge::Merge;
use super::pairs::{Right, Write};
use super::partners::Partners;
use super::plan::JoinPlan;
use super::result_writer::ResultWriter;
use crate::batch::KnownKeys;
use crate::error::Result;
use arrow::array::RecordBatch;
use std::ops::Range;

/// A table in memory, with which the batches of a stream are joined.
pub struct MemoryJoin {
    keys: KnownKeys,
    index: Index,
    /// The times of the table's rows, sorted as the index is.
    times: Vec<i128>,
    rows: ResultWriter,
}

impl MemoryJoin {
    pub(super) fn new(
        plan: JoinPlan,
        keys: KnownKeys,
        index: Index,
        times: Vec<i128>,
        right: Right,
        rows: usize,
    ) -> Self {
        Self { keys, index, times, rows: ResultWriter::new(plan, right, rows) }
    }

    /// The same join after this many rows of the stream, for the numbers of rows in messages; the
    /// first rows of the table have had partners, or not.
    pub(super) fn after(self, passed_rows: u64, seen: &[bool]) -> Self {
        Self { rows: self.rows.after(passed_rows, seen), ..self }
    }

    /// Whether each row of the table has had a partner, if the join is full.
    pub(super) fn into_seen(self) -> Vec<bool> {
        self.rows.into_seen()
    }

    /// Gives the order of the rows of the next batch, for a full join of sorted inputs.
    pub(super) fn set_order(&mut self, merge: Option<Merge>) {
        self.rows.set_order(merge);
    }

    /// Joins the next batch of the stream: calls `write` with batches of the result, and `aside`
    /// with the rows of the batch that have no partner, if they are wanted and there are any.
    ///
    /// # Errors
    /// A row without the expected partners; values that cannot be compared or copied; those of
    /// `write` and `aside`.
    pub(super) fn push(
        &mut self,
        batch: &RecordBatch,
        aside: Write<'_>,
        write: Write<'_>,
    ) -> Result<()> {
        let numbers = self.numbers(batch)?;
        let partners = partners(numbers, &self.index, &self.times, self.rows.plan(), batch)?;
        self.rows.push(batch, &partners, aside, write)
    }

    /// Writes the rows of the table that had no partner, after the last batch of the stream.
    ///
    /// # Errors
    /// Rows that cannot be copied; those of `write`.
    pub(super) fn finish(self, write: Write<'_>) -> Result<()> {
        self.rows.finish(write)
    }

    /// Writes those of some rows of the table that had no partner.
    ///
    /// # Errors
    /// Rows that cannot be copied; those of `write`.
    pub(super) fn write_alone(&self, rows: Range<usize>, write: Write<'_>) -> Result<()> {
        self.rows.write_alone(rows, write)
    }

    /// The number of each row's key.
    fn numbers(&mut self, batch: &RecordBatch) -> Result<Vec<u32>> {
        let keys = self.rows.plan().bound().stream_keys.of(batch)?;
        let mut numbers = Vec::with_capacity(batch.num_rows());
        self.keys.number(&keys.batch, &mut numbers)?;
        keys.forget_unequal(&mut numbers);
        Ok(numbers)
    }
}

/// The partners of rows with these keys.
fn partners<'a>(
    mut numbers: Vec<u32>,
    index: &'a Index,
    times: &[i128],
    plan: &JoinPlan,
    batch: &RecordBatch,
) -> Result<Partners<'a>> {
    let Some(as_of) = &plan.bound().as_of else {
        return Ok(if index.is_unique {
            Partners::One(index.rows_of(numbers))
        } else {
            Partners::Many(numbers, index)
        });
    };
    for (number, time) in numbers.iter_mut().zip(as_of.of_stream(batch)?) {
        let places = index.places(*number);
        let nearest = time.and_then(|time| as_of.nearest(time, &times[places.clone()]));
        *number = nearest.map_or(NONE, |place| index.row(places.start + place));
    }
    Ok(Partners::One(numbers))
}
