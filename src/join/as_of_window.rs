//! The rows of a table sorted by time that may be partners of the next rows of a stream.

use super::as_of::AsOf;
use super::failed;
use super::held::joined;
use super::index::NONE;
use super::pairs::{Right, large_rows};
use super::plan::JoinPlan;
use crate::batch::KeyNumbers;
use crate::error::{Result, guard};
use crate::schema::{batch_of, expand};
use crate::text::escaped;
use arrow::array::{Array, ArrayRef, BooleanArray, RecordBatch, new_empty_array};
use arrow::compute::{filter_record_batch, interleave};

/// Rows of the table, in their order. Those of one key are a chain: from its first row that may
/// still be a partner to its last one.
pub(super) struct AsOfWindow {
    batches: Vec<RecordBatch>,
    /// The number of rows up to the end of each batch.
    ends: Vec<usize>,
    /// The time of each row.
    times: Vec<i128>,
    /// The next row of the same key, or [`NONE`].
    next: Vec<u32>,
    /// The keys of the rows, and those of the stream.
    keys: KeyNumbers,
    /// The first and the last row of each key, or [`NONE`].
    first: Vec<u32>,
    last: Vec<u32>,
    /// With more rows or keys, the window is full.
    most: usize,
}

impl AsOfWindow {
    /// # Errors
    /// Keys whose values cannot be compared (a usage error).
    pub(super) fn try_new(plan: &JoinPlan, most: usize) -> Result<Self> {
        let empty = RecordBatch::new_empty(plan.bound().table_schema.clone());
        let keys = plan.bound().table_keys.of(&empty)?.batch;
        let places: Vec<usize> = (0..keys.num_columns()).collect();
        Ok(Self {
            batches: Vec::new(),
            ends: Vec::new(),
            times: Vec::new(),
            next: Vec::new(),
            keys: KeyNumbers::try_new(&keys.schema(), &places)?,
            first: Vec::new(),
            last: Vec::new(),
            most,
        })
    }

    pub(super) fn is_full(&self) -> bool {
        self.most < self.times.len().max(self.keys.count())
    }

    /// Adds the next batch of the table.
    ///
    /// # Errors
    /// More keys than can be numbered.
    pub(super) fn push(&mut self, plan: &JoinPlan, as_of: &AsOf, batch: RecordBatch) -> Result<()> {
        let keys = plan.bound().table_keys.of(&batch)?;
        let mut numbers = Vec::with_capacity(batch.num_rows());
        self.keys.number(&keys.batch, &mut numbers)?;
        keys.forget_unequal(&mut numbers);
        self.make_room();
        for (number, time) in numbers.into_iter().zip(as_of.of_table(&batch)?) {
            let row = self.times.len() as u32;
            self.times.push(time.unwrap_or_default());
            self.next.push(NONE);
            if number == NONE || time.is_none() {
                continue;
            }
            let key = number as usize;
            match self.first[key] {
                NONE => self.first[key] = row,
                _ => self.next[self.last[key] as usize] = row,
            }
            self.last[key] = row;
        }
        self.ends.push(self.times.len());
        self.batches.push(batch);
        Ok(())
    }

    /// The partner of each row of the stream, or [`NONE`]. No time is below that of an earlier row.
    ///
    /// # Errors
    /// More keys than can be numbered.
    pub(super) fn partners(
        &mut self,
        plan: &JoinPlan,
        as_of: &AsOf,
        batch: &RecordBatch,
        times: &[Option<i128>],
    ) -> Result<Vec<u32>> {
        let keys = plan.bound().stream_keys.of(batch)?;
        let mut numbers = Vec::with_capacity(batch.num_rows());
        self.keys.number(&keys.batch, &mut numbers)?;
        keys.forget_unequal(&mut numbers);
        self.make_room();
        for (number, time) in numbers.iter_mut().zip(times) {
            *number = match time {
                Some(time) if *number != NONE => {
                    let row = self.advance(*number as usize, *time, as_of);
                    let is_met = |row: u32| as_of.may_meet(*time, self.times[row as usize]);
                    if row != NONE && is_met(row) { row } else { NONE }
                }
                _ => NONE,
            };
        }
        Ok(numbers)
    }

    /// The columns of the table that are written, with these rows of it, which become their numbers
    /// there.
    ///
    /// # Errors
    /// Rows that cannot be copied.
    pub(super) fn gathered(&self, plan: &JoinPlan, partners: &mut [u32]) -> Result<Right> {
        let mut rows: Vec<u32> = partners.iter().copied().filter(|row| *row != NONE).collect();
        rows.sort_unstable();
        rows.dedup();
        for row in partners.iter_mut().filter(|row| **row != NONE) {
            *row = rows.partition_point(|other| *other < *row) as u32;
        }
        let (mut used, mut places) = (Vec::new(), Vec::with_capacity(rows.len()));
        for row in rows.iter().map(|row| *row as usize) {
            let batch = self.ends.partition_point(|end| *end <= row);
            if used.last() != Some(&batch) {
                used.push(batch);
            }
            let start = batch.checked_sub(1).map_or(0, |before| self.ends[before]);
            places.push((used.len() - 1, row - start));
        }
        let types = plan.schema().fields().iter().skip(plan.stream.len());
        let columns = plan.table.iter().zip(types).map(|((column, _), field)| {
            let parts: Vec<&dyn Array> =
                used.iter().map(|batch| self.batches[*batch].column(*column).as_ref()).collect();
            if parts.is_empty() {
                return Ok(new_empty_array(field.data_type()));
            }
            let taken = guard("cannot join", || interleave(&parts, &places).map_err(failed))?;
            if taken.data_type() == field.data_type() {
                return Ok(taken);
            }
            expand(&taken).map_err(failed)
        });
        let columns = columns.collect::<Result<Vec<ArrayRef>>>()?;
        let (sizes, has_large) = large_rows(&columns, rows.len());
        let keys = vec![None; plan.stream.len()];
        Ok(Right { columns, keys, sizes: has_large.then_some(sizes) })
    }

    /// The same window without the rows that cannot be partners from this time of the stream on; it
    /// is full with more than twice its rows.
    ///
    /// # Errors
    /// More text in a column than an array can have.
    pub(super) fn compacted(
        mut self,
        plan: &JoinPlan,
        as_of: &AsOf,
        time: i128,
        most: usize,
    ) -> Result<Self> {
        let mut is_kept = vec![false; self.times.len()];
        for key in 0..self.first.len() {
            let mut row = self.advance(key, time, as_of);
            while row != NONE {
                is_kept[row as usize] = true;
                row = self.next[row as usize];
            }
        }
        let (mut kept, mut start) = (Vec::new(), 0);
        for (batch, end) in self.batches.iter().zip(&self.ends) {
            let mask = BooleanArray::from(is_kept[start..*end].to_vec());
            start = *end;
            let batch = filter_record_batch(batch, &mask).map_err(failed)?;
            kept.extend((batch.num_rows() > 0).then_some(batch));
        }
        let rows: usize = kept.iter().map(RecordBatch::num_rows).sum();
        let mut window = Self::try_new(plan, most.max(2 * rows))?;
        if rows > 0 {
            window.push(plan, as_of, one_batch(plan, &kept, rows)?)?;
        }
        Ok(window)
    }

    /// The first row of a key that may be the partner of a row of the stream with this time, or of a
    /// later one.
    fn advance(&mut self, key: usize, time: i128, as_of: &AsOf) -> u32 {
        let mut row = self.first[key];
        while row != NONE {
            let next = self.next[row as usize];
            let time_after = (next != NONE).then(|| self.times[next as usize]);
            if !as_of.is_passed(time, self.times[row as usize], time_after) {
                break;
            }
            row = next;
        }
        self.first[key] = row;
        row
    }

    /// Makes room for the keys.
    fn make_room(&mut self) {
        self.first.resize(self.keys.count(), NONE);
        self.last.resize(self.keys.count(), NONE);
    }
}

/// The rows as one batch, which keeps no memory of other rows.
fn one_batch(plan: &JoinPlan, parts: &[RecordBatch], rows: usize) -> Result<RecordBatch> {
    let schema = &plan.bound().table_schema;
    let name = escaped(&plan.options.table_name);
    let columns = schema.fields().iter().enumerate().map(|(place, field)| {
        let parts: Vec<ArrayRef> = parts.iter().map(|part| part.column(place).clone()).collect();
        joined(&parts, field.data_type(), &name)
    });
    batch_of(schema, columns.collect::<Result<_>>()?, rows).map_err(failed)
}
