//! A join with a table that does not fit into memory: both sides are divided by their keys into
//! temporary files, and joined part by part.

use super::divided::{Divided, PARTS};
use super::failed;
use super::in_order::InOrder;
use super::options::Resources;
use super::pairs::Write;
use super::plan::JoinPlan;
use crate::error::Result;
use crate::schema::batch_of;
use arrow::array::{ArrayRef, RecordBatch, UInt64Array};
use arrow::datatypes::SchemaRef;
use std::sync::Arc;

/// A join of two sides that are divided.
pub struct SpilledJoin {
    /// The join of the parts, whose stream has a column with the numbers of its rows.
    plan: JoinPlan,
    /// The schemas of the result and of the stream.
    schemas: (SchemaRef, SchemaRef),
    resources: Resources,
    level: usize,
    table: Divided,
    stream: Divided,
    passed_rows: u64,
}

/// Joins a part of both sides.
type JoinPart = fn(&SpilledJoin, usize, Write<'_>, Write<'_>) -> Result<()>;

impl SpilledJoin {
    /// # Errors
    /// I/O errors.
    pub(super) fn try_new(
        plan: JoinPlan,
        resources: Resources,
        level: usize,
        mut table: Divided,
    ) -> Result<Self> {
        table.divide()?;
        let schemas = (plan.schema().clone(), plan.bound().stream_schema.clone());
        let plan = plan.with_row_numbers()?;
        let bound = plan.bound();
        let stream =
            table.other_side(&bound.stream_schema, bound.stream_keys.clone(), &resources)?;
        Ok(Self { plan, schemas, resources, level, table, stream, passed_rows: 0 })
    }

    /// Adds the next batch of the stream.
    ///
    /// # Errors
    /// A full disk.
    pub(super) fn push(&mut self, batch: &RecordBatch) -> Result<()> {
        let schema = &self.plan.bound().stream_schema;
        if batch.num_columns() == schema.fields().len() {
            // Its rows have numbers: it comes from a part that is divided again.
            return self.stream.push(batch);
        }
        let rows = batch.num_rows() as u64;
        let numbers = UInt64Array::from_iter_values(self.passed_rows..self.passed_rows + rows);
        self.passed_rows += rows;
        let numbers: ArrayRef = Arc::new(numbers);
        let columns = batch.columns().iter().cloned().chain([numbers]).collect();
        self.stream.push(&batch_of(schema, columns, batch.num_rows()).map_err(failed)?)
    }

    /// Joins the parts.
    ///
    /// # Errors
    /// I/O errors; those of the joins of the parts, of `write` and `aside`.
    pub(super) fn finish(self, join: JoinPart, aside: Write<'_>, write: Write<'_>) -> Result<()> {
        if self.level > 0 {
            return self.join_parts(join, aside, write);
        }
        let Resources { any_order, .. } = self.resources;
        let number = self.plan.row_number_written();
        let (result, alone) = (self.plan.schema(), &self.plan.bound().stream_schema);
        let mut sorted = InOrder::new(result, number, &self.resources)?;
        let mut sorted_alone = InOrder::new(alone, alone.fields().len() - 1, &self.resources)?;
        let schemas = self.schemas.clone();
        if any_order {
            let mut aside = |batch| aside(sorted_alone.without_number(batch, &schemas.1)?);
            let mut write = |batch| write(sorted.without_number(batch, &schemas.0)?);
            return self.join_parts(join, &mut aside, &mut write);
        }
        let mut to_aside = |batch: RecordBatch| sorted_alone.push(&batch);
        let mut to_result = |batch: RecordBatch| sorted.push(&batch);
        self.join_parts(join, &mut to_aside, &mut to_result)?;
        sorted_alone.finish(&schemas.1, aside)?;
        sorted.finish(&schemas.0, write)
    }

    /// Joins the parts one after another.
    fn join_parts(mut self, join: JoinPart, aside: Write<'_>, write: Write<'_>) -> Result<()> {
        self.stream.divide()?;
        let has_rows = |part: &usize| self.table.has(*part) || self.stream.has(*part);
        (0..PARTS).filter(has_rows).try_for_each(|part| join(&self, part, aside, write))
    }

    /// The join of a part.
    pub(super) fn plan(&self) -> &JoinPlan {
        &self.plan
    }

    pub(super) fn level(&self) -> usize {
        self.level
    }

    /// The resources for the join of a part: half of the memory is for the sort.
    pub(super) fn resources_of_parts(&self) -> Resources {
        let share = if self.level == 0 { 2 } else { 1 };
        let memory_bytes = self.resources.memory_bytes / share;
        Resources { memory_bytes, ..self.resources.clone() }
    }

    /// Calls `take` with the batches of a part of the table.
    ///
    /// # Errors
    /// I/O errors; those of `take`.
    pub(super) fn each_of_table(
        &self,
        part: usize,
        take: impl FnMut(&RecordBatch) -> Result<()>,
    ) -> Result<()> {
        self.table.each(part, take)
    }

    /// Calls `take` with the batches of a part of the stream.
    ///
    /// # Errors
    /// I/O errors; those of `take`.
    pub(super) fn each_of_stream(
        &self,
        part: usize,
        take: impl FnMut(&RecordBatch) -> Result<()>,
    ) -> Result<()> {
        self.stream.each(part, take)
    }
}
