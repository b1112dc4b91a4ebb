//! Joins a stream with a table when both are sorted by their keys: only the rows of the table that may
//! meet the rows at hand are in memory.

use super::checked::Checked;
use super::held::Held;
use super::memory_join::MemoryJoin;
use super::merge::Merge;
use super::options::How;
use super::pairs::Write;
use super::plan::JoinPlan;
use crate::error::Result;
use crate::text::escaped;
use arrow::array::RecordBatch;
use arrow::row::{Row, Rows};
use std::collections::VecDeque;
use std::ops::Range;

/// The batches of a table, one after another.
pub type Batches = Box<dyn FnMut() -> Result<Option<RecordBatch>>>;

/// The table's rows in memory are more than this only if they have one key: enough for the cost of
/// the index to vanish, and little memory.
pub(super) const WINDOW_ROWS: usize = 1 << 16;

const BY: &str = "its keys";

/// A join of two sorted inputs.
pub struct SortedJoin {
    plan: JoinPlan,
    table: Batches,
    stream_order: Checked,
    table_order: Checked,
    /// The table's rows that may meet the next rows of the stream; no batch is empty.
    window: VecDeque<Part>,
    is_ended: bool,
    /// The number of rows of the window that are below the last row of the stream.
    passed: usize,
    /// Of a full join, whether the first rows of the window have had a partner.
    seen: Vec<bool>,
    /// The join with the rows of the window; none if the window has changed.
    join: Option<MemoryJoin>,
    passed_rows: u64,
}

/// A batch of the table and its keys.
struct Part {
    batch: RecordBatch,
    keys: Rows,
}

impl SortedJoin {
    /// # Errors
    /// Keys whose values have no order (a usage error).
    pub(super) fn try_new(plan: JoinPlan, table: Batches) -> Result<Self> {
        let bound = plan.bound();
        let name = escaped(&plan.options.table_name);
        let (stream, own) = (&bound.stream_schema, &bound.stream_keys);
        let stream_order = Checked::try_new("the stream", BY, own, stream)?;
        let table_order = Checked::try_new(&name, BY, &bound.table_keys, &bound.table_schema)?;
        Ok(Self {
            plan,
            table,
            stream_order,
            table_order,
            window: VecDeque::new(),
            is_ended: false,
            passed: 0,
            seen: Vec::new(),
            join: None,
            passed_rows: 0,
        })
    }

    /// Joins the next batch of the stream.
    ///
    /// # Errors
    /// Those of [`super::Joiner::push`]; inputs that are not sorted.
    pub(super) fn push(
        &mut self,
        batch: &RecordBatch,
        aside: Write<'_>,
        write: Write<'_>,
    ) -> Result<()> {
        let keys = self.stream_order.rows(batch)?;
        let mut from = 0;
        while from < batch.num_rows() {
            self.drop_below(keys.row(from), write)?;
            if self.needs_more(&keys, from) {
                self.read()?;
                continue;
            }
            let rows = self.rows_met(&keys, from);
            if rows == 0 {
                self.read()?;
                continue;
            }
            let chunk = from..from + rows;
            from = chunk.end;
            self.join_rows(&batch.slice(chunk.start, rows), &keys, chunk, aside, write)?;
        }
        Ok(())
    }

    /// Reads the table to its end, so that damage there is noticed, and writes what is left of a
    /// full join.
    ///
    /// # Errors
    /// Those of the table's reader and of `write`; a table that is not sorted.
    pub(super) fn finish(mut self, write: Write<'_>) -> Result<()> {
        loop {
            self.drop_first(self.window.len(), write)?;
            if self.is_ended {
                return Ok(());
            }
            self.read()?;
        }
    }

    /// Forgets the batches of the table whose keys are below that of a row of the stream.
    fn drop_below(&mut self, key: Row<'_>, write: Write<'_>) -> Result<()> {
        let batches = self.window.iter().take_while(|part| part.last() < key).count();
        self.drop_first(batches, write)
    }

    /// Forgets the first batches of the window, and writes those of their rows without a partner
    /// that are not written yet.
    fn drop_first(&mut self, batches: usize, write: Write<'_>) -> Result<()> {
        let rows = self.window.iter().take(batches).map(|part| part.batch.num_rows()).sum();
        if rows == 0 {
            return Ok(());
        }
        if self.plan.options.how == How::Full {
            let passed = self.passed;
            self.ready()?.write_alone(passed.min(rows)..rows, write)?;
        }
        self.change_window();
        self.window.drain(..batches);
        self.seen.drain(..rows.min(self.seen.len()));
        self.passed = self.passed.saturating_sub(rows);
        Ok(())
    }

    /// Whether the table's next rows may meet those of the stream, and there is room for them.
    fn needs_more(&self, keys: &Rows, from: usize) -> bool {
        let Some(last) = self.window.back().map(Part::last) else { return !self.is_ended };
        let rows: usize = self.window.iter().map(|part| part.batch.num_rows()).sum();
        let next = keys.row(keys.num_rows() - 1);
        // The table may have more rows with the last key of the window.
        !self.is_ended && last <= next && (rows < WINDOW_ROWS || last == keys.row(from))
    }

    /// How many rows of the stream from here on meet only rows of the window.
    fn rows_met(&self, keys: &Rows, from: usize) -> usize {
        match self.window.back().map(Part::last) {
            Some(last) if !self.is_ended => {
                let (mut low, mut high) = (from, keys.num_rows());
                while low < high {
                    let middle = low + (high - low) / 2;
                    if keys.row(middle) < last { low = middle + 1 } else { high = middle }
                }
                low - from
            }
            _ => keys.num_rows() - from,
        }
    }

    /// Reads the next batch of the table into the window.
    fn read(&mut self) -> Result<()> {
        let Some(batch) = (self.table)()? else {
            self.is_ended = true;
            return Ok(());
        };
        let keys = self.table_order.rows(&batch)?;
        if batch.num_rows() > 0 {
            self.change_window();
            self.window.push_back(Part { batch, keys });
        }
        Ok(())
    }

    /// Joins rows of the stream that meet only rows of the window.
    fn join_rows(
        &mut self,
        batch: &RecordBatch,
        keys: &Rows,
        rows: Range<usize>,
        aside: Write<'_>,
        write: Write<'_>,
    ) -> Result<()> {
        let places = (self.plan.options.how == How::Full).then(|| self.places(keys, rows));
        let passed = self.passed;
        self.passed = places.as_ref().and_then(|p| p.last()).map_or(0, |place| *place as usize);
        let join = self.ready()?;
        join.set_order(places.map(|places| Merge::new(places, passed as u32)));
        join.push(batch, aside, write)?;
        self.passed_rows += batch.num_rows() as u64;
        Ok(())
    }

    /// For each of some rows of the stream, the number of rows of the window with smaller keys.
    fn places(&self, keys: &Rows, rows: Range<usize>) -> Vec<u32> {
        let (mut start, passed) = (0, self.passed);
        let below = self.window.iter().flat_map(move |part| {
            let first = passed.saturating_sub(start).min(part.keys.num_rows());
            start += part.keys.num_rows();
            (first..part.keys.num_rows()).map(|row| part.keys.row(row))
        });
        let (mut below, mut place) = (below.peekable(), passed as u32);
        let places = rows.map(|row| {
            while below.next_if(|key| *key < keys.row(row)).is_some() {
                place += 1;
            }
            place
        });
        places.collect()
    }

    /// The join with the rows of the window.
    fn ready(&mut self) -> Result<&mut MemoryJoin> {
        let join = match self.join.take() {
            Some(join) => join,
            None => {
                let mut held = Held::try_new(&self.plan)?;
                for part in &self.window {
                    held.push(&self.plan, &part.batch)?;
                }
                held.finish(self.plan.clone())?.after(self.passed_rows, &self.seen)
            }
        };
        Ok(self.join.insert(join))
    }

    fn change_window(&mut self) {
        if let Some(join) = self.join.take() {
            self.seen = join.into_seen();
        }
    }
}

impl Part {
    fn last(&self) -> Row<'_> {
        self.keys.row(self.keys.num_rows() - 1)
    }
}
