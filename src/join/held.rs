//! A table in memory: its batches while it is read, then its columns and the index of its keys.

use super::failed;
use super::index::{Index, NONE};
use super::keys::expanded_as;
use super::memory_join::MemoryJoin;
use super::options::How;
use super::pairs::{Right, large_rows};
use super::plan::JoinPlan;
use crate::batch::{KeyNumbers, batch_bytes};
use crate::error::{Error, Result, guard};
use crate::schema::{batch_of, expand};
use crate::text::escaped;
use arrow::array::{Array, ArrayRef, RecordBatch, new_empty_array};
use arrow::compute::concat;
use arrow::datatypes::DataType;

/// The rows so far.
pub(super) struct Held {
    keys: KeyNumbers,
    /// The number of each row's key.
    numbers: Vec<u32>,
    times: Vec<i128>,
    batches: Vec<RecordBatch>,
    batch_bytes: usize,
}

impl Held {
    /// # Errors
    /// Keys whose values cannot be compared (a usage error).
    pub(super) fn try_new(plan: &JoinPlan) -> Result<Self> {
        let empty = RecordBatch::new_empty(plan.bound().table_schema.clone());
        let keys = plan.bound().table_keys.of(&empty)?.batch;
        let places: Vec<usize> = (0..keys.num_columns()).collect();
        Ok(Self {
            keys: KeyNumbers::try_new(&keys.schema(), &places)?,
            numbers: Vec::new(),
            times: Vec::new(),
            batches: Vec::new(),
            batch_bytes: 0,
        })
    }

    /// # Errors
    /// More rows than can be numbered.
    pub(super) fn push(&mut self, plan: &JoinPlan, batch: &RecordBatch) -> Result<()> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        self.number(plan, batch)?;
        let columns = batch.columns().iter().map(copied).collect::<Result<_>>()?;
        let batch = batch_of(batch.schema_ref(), columns, batch.num_rows()).map_err(failed)?;
        self.batch_bytes += batch_bytes(&batch);
        self.batches.push(batch);
        Ok(())
    }

    fn number(&mut self, plan: &JoinPlan, batch: &RecordBatch) -> Result<()> {
        let bound = plan.bound();
        let start = self.numbers.len();
        let keys = bound.table_keys.of(batch)?;
        self.keys.number(&keys.batch, &mut self.numbers)?;
        let numbers = &mut self.numbers[start..];
        keys.forget_unequal(numbers);
        if let Some(as_of) = &bound.as_of {
            for (number, time) in numbers.iter_mut().zip(as_of.of_table(batch)?) {
                self.times.push(time.unwrap_or_default());
                if time.is_none() {
                    *number = NONE;
                }
            }
        }
        if u32::try_from(self.numbers.len()).is_ok_and(|rows| rows < NONE) {
            return Ok(());
        }
        let name = escaped(&plan.options.table_name);
        Err(Error::failed(format!("{name} has more rows than can be joined: 4,294,967,295")))
    }

    pub(super) fn rows(&self) -> usize {
        self.numbers.len()
    }

    pub(super) fn key_count(&self) -> usize {
        self.keys.count()
    }

    /// The memory in use, and that of the index to come.
    pub(super) fn bytes(&self) -> usize {
        let index = 3 * size_of::<u32>() * self.numbers.len();
        let times = 2 * size_of::<i128>() * self.times.len();
        self.batch_bytes + self.keys.bytes() + index + times
    }

    pub(super) fn into_batches(self) -> Vec<RecordBatch> {
        self.batches
    }

    /// # Errors
    /// More text in a column than an array can have.
    pub(super) fn finish(self, plan: JoinPlan) -> Result<MemoryJoin> {
        let Self { keys, numbers, times, batches, .. } = self;
        let keys = keys.known();
        let (mut index, mut sorted_times) = (Index::new(&numbers, keys.count()), Vec::new());
        if plan.bound().as_of.is_some() {
            index = Index::sorted(&numbers, keys.count());
            sorted_times = index.sort_by(&times);
        }
        let rows = numbers.len();
        drop((numbers, times));
        let right = right_of(&plan, batches, rows)?;
        Ok(MemoryJoin::new(plan, keys, index, sorted_times, right, rows))
    }
}

/// The columns of the table that are written, from its batches.
///
/// # Errors
/// More text in a column than an array can have.
pub(super) fn right_of(plan: &JoinPlan, batches: Vec<RecordBatch>, rows: usize) -> Result<Right> {
    let parts = written_parts(plan, batches)?;
    let name = escaped(&plan.options.table_name);
    // One after another, so that only one column is in memory twice.
    let columns = parts.into_iter().map(|(parts, to)| joined(&parts, &to, &name));
    let mut columns = columns.collect::<Result<Vec<_>>>()?;
    let mut own_keys = columns.split_off(plan.table.len()).into_iter();
    let keys = (0..plan.stream.len())
        .map(|written| plan.key_of_written(written).and_then(|_| own_keys.next()))
        .collect();
    let (sizes, has_large) = large_rows(&columns, rows);
    Ok(Right { columns, keys, sizes: has_large.then_some(sizes) })
}

/// The parts of each column that is written, and its type: those of the table, then, of a full
/// join, the keys that are written for rows without a partner.
fn written_parts(
    plan: &JoinPlan,
    batches: Vec<RecordBatch>,
) -> Result<Vec<(Vec<ArrayRef>, DataType)>> {
    let fields = plan.schema().fields();
    let is_full = plan.options.how == How::Full;
    let mut written = Vec::new();
    for ((place, _), field) in plan.table.iter().zip(&fields[plan.stream.len()..]) {
        written.push((*place, field.data_type().clone()));
    }
    for (column, field) in fields.iter().take(plan.stream.len()).enumerate().filter(|_| is_full) {
        let key = plan.key_of_written(column);
        written.extend(key.map(|key| (key, field.data_type().clone())));
    }
    let mut columns: Vec<(Vec<ArrayRef>, DataType)> =
        written.iter().map(|(_, data_type)| (Vec::new(), data_type.clone())).collect();
    for batch in batches {
        for (number, (place, data_type)) in written.iter().enumerate() {
            let column = batch.column(*place);
            let is_key = plan.table.len() <= number;
            columns[number].0.push(match column.data_type() {
                own if own == data_type => column.clone(),
                _ if is_key => expanded_as(column, data_type)?,
                _ => expand(column).map_err(failed)?,
            });
        }
    }
    Ok(columns)
}

/// A copy, which does not keep the message in memory that the column came in.
fn copied(column: &ArrayRef) -> Result<ArrayRef> {
    let half = column.len() / 2;
    // Of a single array, Arrow would return the same memory.
    let halves = [column.slice(0, half), column.slice(half, column.len() - half)];
    guard("cannot join", || concat(&[&halves[0], &halves[1]]).map_err(failed))
}

/// The parts of a column as one array; an empty table has none.
///
/// # Errors
/// More text than an array can have.
pub(super) fn joined(parts: &[ArrayRef], data_type: &DataType, table: &str) -> Result<ArrayRef> {
    match parts {
        [] => return Ok(new_empty_array(data_type)),
        [one] => return Ok(one.clone()),
        _ => {}
    }
    let parts: Vec<&dyn Array> = parts.iter().map(AsRef::as_ref).collect();
    guard("cannot join", || {
        concat(&parts).map_err(|e| Error::failed(format!("cannot keep {table} in memory: {e}")))
    })
}
