//! Aggregates of groups of rows, within a memory limit.
//!
//! Rows are grouped by the numbers of their keys (`batch::KeyNumbers`), and each aggregate keeps a
//! state for each group (`accumulator`; `choice` has that of each function). If they outgrow the
//! memory (`stage`), all states are written to a temporary file, divided by the hashes of their keys
//! (`key_parts`), and merged part by part (`spilled`); the results of the parts are then merged in the
//! order of the groups (`numbered_runs`). States can be the result, too (`partial`).
//!
//! - `count`, `sum`, `moments`: numbers, with the rows of groups in a `tally`; `extreme`, `picked`:
//!   one value of each group.
//! - `distinct_estimate`, `quantile_estimate`: sketches of groups.
//! - `several`: the N smallest or largest values of each group.
//! - `row_counts`: the rows of each group, the largest first.
//! - `collected`: all values of groups; `quantile`, `mode`, `distinct` and `ordered` use it.

mod accumulator;
mod choice;
mod collected;
mod count;
mod distinct;
mod distinct_estimate;
mod extreme;
mod groups;
mod key_parts;
mod mode;
mod moments;
mod numbered_runs;
mod options;
mod ordered;
mod partial;
mod picked;
mod quantile;
mod quantile_estimate;
mod results;
mod row_counts;
mod several;
mod spilled;
mod stage;
mod sum;
mod tally;

use crate::batch::OrderCheck;
use crate::error::Result;
use crate::expression::AggregateList;
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use groups::Groups;
pub use options::AggregateOptions;
use partial::Partial;
pub use results::AggregateBatches;
use results::{Ordered, group_batch, result, sorter};
pub use row_counts::{LargestFirst, RowCounts};
use stage::{Stage, StagePlan};
use std::sync::Arc;

/// Aggregates of a stream.
pub struct Aggregator {
    list: AggregateList,
    options: AggregateOptions,
    /// The columns of the input that are read.
    columns: Vec<usize>,
    rows: u64,
    stage: Stage,
    order: Option<OrderCheck>,
    partial: Partial,
    /// The number of groups that were returned.
    returned: u64,
}

impl Aggregator {
    /// No groups; the columns that the list reads are those of [`AggregateList::columns`].
    ///
    /// # Errors
    /// Keys or arguments of types that cannot be compared.
    pub fn try_new(list: AggregateList, options: AggregateOptions) -> Result<Self> {
        let groups = Groups::try_new(&list)?;
        let keys = list.keys().schema().clone();
        let order = options.is_input_sorted.then(|| OrderCheck::ascending(&keys));
        let order = order.transpose().map_err(|e| e.with("--input-sorted"))?;
        let partial = Partial::try_new(&list, &groups)?;
        let directory = options.temporary_directory.clone();
        let plan = Arc::new(StagePlan::new(&list, &groups, directory));
        let stage = Stage::new(groups, &plan, options.memory_bytes);
        let columns = list.columns();
        Ok(Self { list, options, columns, rows: 0, stage, order, partial, returned: 0 })
    }

    /// The schema of the result.
    pub fn schema(&self) -> &SchemaRef {
        if self.options.is_partial { self.partial.schema() } else { self.list.results().schema() }
    }

    /// Adds a batch that has exactly the columns that the list reads. Returns results that are
    /// ready before the end of the input.
    ///
    /// # Errors
    /// I/O errors, such as a full disk; a value that cannot be computed, naming its row; a row out
    /// of order.
    pub fn push(&mut self, batch: &RecordBatch) -> Result<Vec<RecordBatch>> {
        let keys = self.list.keys().evaluate_among(batch, &self.columns, self.rows);
        let keys = keys.map_err(|e| e.with("--by"))?;
        let inputs = self.list.inputs().evaluate_among(batch, &self.columns, self.rows)?;
        self.rows += batch.num_rows() as u64;
        if let Some(order) = &mut self.order {
            order.check(&keys).map_err(|e| e.with("--input-sorted"))?;
        }
        if self.order.is_none() && !self.options.is_partial {
            self.stage.push(&keys, &inputs)?;
            return Ok(Vec::new());
        }
        self.stage.groups.add(&keys, &inputs)?;
        self.settled()
    }

    /// Adds a batch of a partial result, which has the schema of this aggregator's partial results.
    ///
    /// # Errors
    /// I/O errors, such as a full disk; a sum that overflows.
    pub fn push_partial(&mut self, batch: &RecordBatch) -> Result<Vec<RecordBatch>> {
        let states = self.partial.states(batch, self.rows, &self.stage.plan.states)?;
        self.rows += batch.num_rows() as u64;
        self.stage.groups.merge(&states)?;
        self.settled()
    }

    /// Keeps to the memory limit, and returns what is complete.
    fn settled(&mut self) -> Result<Vec<RecordBatch>> {
        if self.order.is_some() {
            return Ok(self.complete_groups()?.into_iter().collect());
        }
        if self.options.is_partial && self.stage.is_full() {
            // States need not be complete.
            return self.partial_groups();
        }
        if !self.options.is_partial {
            self.stage.limit()?;
        }
        Ok(Vec::new())
    }

    /// The groups before the last one, to which later rows may belong.
    fn complete_groups(&mut self) -> Result<Option<RecordBatch>> {
        let Some(last) = self.stage.groups.count().checked_sub(1).filter(|last| *last > 0) else {
            return Ok(None);
        };
        let groups = &mut self.stage.groups;
        let count = groups.finish()?;
        let columns = groups.values(0..last)?;
        let rest = groups.states(last..count, &self.stage.plan.states)?;
        let mut next = groups.emptied(&self.stage.plan.keys, 0)?;
        next.merge(&rest)?;
        *groups = next;
        let batch = group_batch(&self.list, columns, last)?;
        result(&self.list, &batch, &mut self.returned).map(Some)
    }

    /// The states of all groups, which are forgotten.
    fn partial_groups(&mut self) -> Result<Vec<RecordBatch>> {
        let groups = self.stage.groups.emptied(&self.stage.plan.keys, 0)?;
        let mut groups = std::mem::replace(&mut self.stage.groups, groups);
        self.partial.batches(&mut groups, &self.stage.plan.states)
    }

    /// The results that were not returned yet.
    ///
    /// # Errors
    /// I/O errors, such as a full disk; a sum that overflows.
    pub fn finish(mut self) -> Result<AggregateBatches> {
        let is_sorted = self.options.is_sorted && !self.list.keys().schema().fields().is_empty();
        let groups = if self.options.is_partial {
            Ordered::Partial(self.partial_groups()?.into_iter())
        } else if is_sorted {
            self.stage.memory_bytes /= 2;
            let mut sorter = sorter(&self.list, &self.options)?;
            self.stage.each_result(&mut |batch| sorter.push(&batch))?;
            let columns: Vec<usize> = (0..self.list.group_schema().fields().len()).collect();
            Ordered::Sorted(Box::new(sorter.finish(&columns)?))
        } else if self.stage.has_spilled() {
            Ordered::Numbered(Box::new(self.stage.in_order(&self.options.threads)?))
        } else {
            let count = self.stage.groups.finish()?;
            Ordered::Memory(Box::new(self.stage.groups), 0..count)
        };
        Ok(AggregateBatches { list: self.list, groups, returned: self.returned })
    }
}

impl std::fmt::Debug for Aggregator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Aggregator").field("rows", &self.rows).finish_non_exhaustive()
    }
}
