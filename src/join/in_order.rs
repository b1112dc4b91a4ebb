//! Rows with numbers, put into the order of their numbers.

use super::failed;
use super::options::Resources;
use super::pairs::Write;
use crate::error::Result;
use crate::schema::{Order, batch_of};
use crate::sort::{SortOptions, Sorter};
use crate::threads::Threads;
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

/// Rows with numbers, which are put into that order.
pub(super) struct InOrder {
    sorter: Sorter,
    /// The columns other than the numbers.
    columns: Vec<usize>,
}

impl InOrder {
    pub(super) fn new(schema: &SchemaRef, number: usize, resources: &Resources) -> Result<Self> {
        let options = SortOptions {
            by: Order::ascending(&[schema.field(number).name().clone()]),
            unique: Vec::new(),
            limit: None,
            memory_bytes: resources.memory_bytes / 4,
            temporary_directory: resources.temporary_directory.clone(),
            threads: Threads::one(),
        };
        let columns = (0..schema.fields().len()).filter(|column| *column != number).collect();
        Ok(Self { sorter: Sorter::try_new(schema, &options)?, columns })
    }

    /// # Errors
    /// A full disk.
    pub(super) fn push(&mut self, batch: &RecordBatch) -> Result<()> {
        self.sorter.push(batch)
    }

    /// The batch without the numbers, with this schema.
    pub(super) fn without_number(
        &self,
        batch: RecordBatch,
        schema: &SchemaRef,
    ) -> Result<RecordBatch> {
        let columns = self.columns.iter().map(|column| batch.column(*column).clone()).collect();
        batch_of(schema, columns, batch.num_rows()).map_err(failed)
    }

    /// Writes all rows in the order of their numbers, without the numbers.
    ///
    /// # Errors
    /// I/O errors; those of `write`.
    pub(super) fn finish(self, schema: &SchemaRef, write: Write<'_>) -> Result<()> {
        let mut sorted = self.sorter.finish(&self.columns)?;
        while let Some(batch) = sorted.next_batch()? {
            let (columns, rows) = (batch.columns().to_vec(), batch.num_rows());
            write(batch_of(schema, columns, rows).map_err(failed)?)?;
        }
        Ok(())
    }
}
