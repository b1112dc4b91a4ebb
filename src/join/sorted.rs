//! Joins a stream with a table when both are sorted by their keys: only the rows of the table that may
//! meet the rows at hand are in memory.

use super::held::Held;
use super::keys::KeyColumns;
use super::memory_join::MemoryJoin;
use super::pairs::Write;
use super::plan::JoinPlan;
use crate::batch::OrderCheck;
use crate::error::Result;
use crate::text::escaped;
use arrow::array::RecordBatch;
use arrow::datatypes::Schema;
use arrow::row::{OwnedRow, Rows};
use std::collections::VecDeque;
use std::sync::Arc;

/// The batches of a table, one after another.
pub type Batches = Box<dyn FnMut() -> Result<Option<RecordBatch>>>;

/// The table's rows in memory are more than this only if they have one key: enough for the cost of
/// the index to vanish, and little memory.
const WINDOW_ROWS: usize = 1 << 16;

/// A join of two sorted inputs.
pub struct SortedJoin {
    plan: JoinPlan,
    table: Batches,
    stream_order: Checked,
    table_order: Checked,
    /// The table's rows that may meet the next rows of the stream, with the last key of each batch.
    window: VecDeque<(RecordBatch, OwnedRow)>,
    is_ended: bool,
    /// The join with the rows of the window; none if the window has changed.
    join: Option<MemoryJoin>,
    passed_rows: u64,
}

impl SortedJoin {
    /// # Errors
    /// Keys whose values have no order (a usage error).
    pub(super) fn try_new(plan: JoinPlan, table: Batches) -> Result<Self> {
        let bound = plan.bound();
        let stream = ("the stream", &bound.stream_keys, &*bound.stream_schema);
        let name = escaped(&plan.options.table_name);
        let stream_order = Checked::try_new(stream.0, stream.1, stream.2)?;
        let table_order = Checked::try_new(&name, &bound.table_keys, &bound.table_schema)?;
        let window = VecDeque::new();
        let (is_ended, join, passed_rows) = (false, None, 0);
        Ok(Self { plan, table, stream_order, table_order, window, is_ended, join, passed_rows })
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
            self.drop_below(&keys, from);
            if self.needs_more(&keys, from) {
                self.read()?;
                continue;
            }
            let rows = self.rows_met(&keys, from);
            if rows == 0 {
                self.read()?;
                continue;
            }
            self.joined(&batch.slice(from, rows), aside, write)?;
            from += rows;
        }
        Ok(())
    }

    /// Reads the table to its end, so that damage there is noticed.
    ///
    /// # Errors
    /// Those of the table's reader.
    pub(super) fn finish(mut self) -> Result<()> {
        while !self.is_ended {
            self.is_ended = (self.table)()?.is_none();
        }
        Ok(())
    }

    /// Forgets the rows of the table whose keys are below that of a row of the stream.
    fn drop_below(&mut self, keys: &Rows, row: usize) {
        while self.window.front().is_some_and(|(_, last)| last.row() < keys.row(row)) {
            self.window.pop_front();
            self.join = None;
        }
    }

    /// Whether the table's next rows may meet those of the stream, and there is room for them.
    fn needs_more(&self, keys: &Rows, from: usize) -> bool {
        let Some((_, last)) = self.window.back() else { return !self.is_ended };
        let rows: usize = self.window.iter().map(|(batch, _)| batch.num_rows()).sum();
        let next = keys.row(keys.num_rows() - 1);
        // The table may have more rows with the last key of the window.
        !self.is_ended && last.row() <= next && (rows < WINDOW_ROWS || last.row() == keys.row(from))
    }

    /// How many rows of the stream from here on meet only rows of the window.
    fn rows_met(&self, keys: &Rows, from: usize) -> usize {
        match self.window.back() {
            Some((_, last)) if !self.is_ended => {
                let (mut low, mut high) = (from, keys.num_rows());
                while low < high {
                    let middle = low + (high - low) / 2;
                    if keys.row(middle) < last.row() { low = middle + 1 } else { high = middle }
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
        if let Some(last) = batch.num_rows().checked_sub(1) {
            self.window.push_back((batch, keys.row(last).owned()));
            self.join = None;
        }
        Ok(())
    }

    fn joined(&mut self, batch: &RecordBatch, aside: Write<'_>, write: Write<'_>) -> Result<()> {
        let join = match &mut self.join {
            Some(join) => join,
            none => {
                let mut held = Held::try_new(&self.plan)?;
                for (batch, _) in &self.window {
                    held.push(&self.plan, batch)?;
                }
                none.insert(held.finish(self.plan.clone())?.after(self.passed_rows))
            }
        };
        join.push(batch, aside, write)?;
        self.passed_rows += batch.num_rows() as u64;
        Ok(())
    }
}

/// The keys of one side, whose order is checked.
struct Checked {
    name: String,
    columns: KeyColumns,
    order: OrderCheck,
}

impl Checked {
    fn try_new(name: &str, columns: &KeyColumns, schema: &Schema) -> Result<Self> {
        let empty = RecordBatch::new_empty(Arc::new(schema.clone()));
        let keys = columns.of(&empty)?.batch.schema();
        let named = columns
            .places()
            .zip(keys.fields())
            .map(|(place, key)| key.as_ref().clone().with_name(schema.field(place).name()));
        let order = OrderCheck::ascending(&Schema::new(named.collect::<Vec<_>>()))?;
        Ok(Self { name: name.to_owned(), columns: columns.clone(), order })
    }

    /// The keys of the next batch.
    ///
    /// # Errors
    /// A key below the one before it.
    fn rows(&mut self, batch: &RecordBatch) -> Result<Rows> {
        let keys = self.columns.of(batch)?.batch;
        self.order.check(&keys).map_err(|error| {
            error.with(format!(
                "--sorted: {} is not sorted by its keys (sort it with stream-sort, or leave out \
                 --sorted)",
                self.name
            ))
        })
    }
}
