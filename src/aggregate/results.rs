//! The results of groups, in order.

use super::accumulator::{as_type, failed};
use super::groups::{BATCH_GROUPS, Groups};
use super::numbered_runs::NumberedRuns;
use super::options::AggregateOptions;
use crate::error::Result;
use crate::expression::AggregateList;
use crate::schema::Order;
use crate::sort::{SortOptions, SortedBatches, Sorter};
use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow::compute::filter_record_batch;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use std::ops::Range;
use std::sync::Arc;

/// Results, in order.
pub struct AggregateBatches {
    pub(super) list: AggregateList,
    pub(super) groups: Ordered,
    pub(super) returned: u64,
}

/// Groups in order.
pub(super) enum Ordered {
    /// In memory, those that were not returned yet.
    Memory(Box<Groups>, Range<usize>),
    Sorted(Box<SortedBatches>),
    /// In temporary files.
    Numbered(Box<NumberedRuns>),
    /// The states of groups, as batches.
    Partial(std::vec::IntoIter<RecordBatch>),
}

impl AggregateBatches {
    /// Returns the next batch; `None` at the end.
    ///
    /// # Errors
    /// I/O errors in the temporary file; a result that cannot be computed.
    pub fn next_batch(&mut self) -> Result<Option<RecordBatch>> {
        let (columns, rows) = match &mut self.groups {
            Ordered::Memory(groups, left) => {
                let next = left.start..left.end.min(left.start + BATCH_GROUPS);
                if next.is_empty() {
                    return Ok(None);
                }
                left.start = next.end;
                (groups.values(next.clone())?, next.len())
            }
            Ordered::Partial(batches) => return Ok(batches.next()),
            Ordered::Sorted(sorted) => match sorted.next_batch()? {
                Some(batch) => (batch.columns().to_vec(), batch.num_rows()),
                None => return Ok(None),
            },
            Ordered::Numbered(runs) => match runs.next_batch()? {
                Some(batch) => (batch.columns().to_vec(), batch.num_rows()),
                None => return Ok(None),
            },
        };
        let batch = group_batch(&self.list, columns, rows)?;
        result(&self.list, &batch, &mut self.returned).map(Some)
    }
}

/// The result for groups: those that fulfil the condition, and what the list makes of them.
pub(super) fn result(
    list: &AggregateList,
    groups: &RecordBatch,
    returned: &mut u64,
) -> Result<RecordBatch> {
    let first = *returned;
    *returned += groups.num_rows() as u64;
    let mut kept = groups.clone();
    if let Some(having) = list.having() {
        let read = groups.project(having.columns()).map_err(failed)?;
        let answers = having.evaluate_from(&read, first).map_err(|e| e.with("--having"))?;
        kept = filter_record_batch(groups, &answers).map_err(failed)?;
    }
    let read = kept.project(list.results().columns()).map_err(failed)?;
    list.results().evaluate_from(&read, first)
}

/// A batch of groups, of columns that may be followed by their numbers.
pub(super) fn group_batch(
    list: &AggregateList,
    columns: Vec<ArrayRef>,
    rows: usize,
) -> Result<RecordBatch> {
    let schema = list.group_schema();
    let columns = schema.fields().iter().zip(columns).map(|(field, column)| as_type(field, column));
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    let columns = columns.collect::<Result<Vec<_>>>()?;
    RecordBatch::try_new_with_options(schema.clone(), columns, &options).map_err(failed)
}

/// A batch of groups for a sort, with their numbers as the last column.
pub(super) fn numbered_batch(schema: &SchemaRef, columns: Vec<ArrayRef>) -> Result<RecordBatch> {
    let columns = schema.fields().iter().zip(columns).map(|(field, column)| as_type(field, column));
    RecordBatch::try_new(schema.clone(), columns.collect::<Result<_>>()?).map_err(failed)
}

/// The columns of groups and their numbers, named by their positions.
pub(super) fn numbered_schema(list: &AggregateList) -> SchemaRef {
    let fields = list.group_schema().fields();
    let named = fields
        .iter()
        .enumerate()
        .map(|(place, field)| Field::new(place.to_string(), field.data_type().clone(), true));
    let number = Field::new(fields.len().to_string(), DataType::UInt64, false);
    Arc::new(Schema::new(named.chain([number]).collect::<Vec<_>>()))
}

/// A sort of groups by their keys.
pub(super) fn sorter(list: &AggregateList, options: &AggregateOptions) -> Result<Sorter> {
    let schema = numbered_schema(list);
    let keys = 0..list.keys().schema().fields().len();
    let by: Vec<String> = keys.map(|place| place.to_string()).collect();
    let options = SortOptions {
        by: Order::ascending(&by),
        unique: Vec::new(),
        limit: None,
        memory_bytes: options.memory_bytes / 2,
        temporary_directory: options.temporary_directory.clone(),
        threads: options.threads.clone(),
    };
    Sorter::try_new(&schema, &options).map_err(|e| e.with("--sorted"))
}

impl std::fmt::Debug for AggregateBatches {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AggregateBatches").finish_non_exhaustive()
    }
}
