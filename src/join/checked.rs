//! The keys of a sorted side of a join.

use super::keys::KeyColumns;
use crate::batch::OrderCheck;
use crate::error::Result;
use arrow::array::RecordBatch;
use arrow::datatypes::Schema;
use arrow::row::Rows;
use std::sync::Arc;

/// The keys of one side, whose order is checked.
pub(super) struct Checked {
    name: String,
    /// The columns by which the side is sorted, for messages.
    by: &'static str,
    columns: KeyColumns,
    order: OrderCheck,
}

impl Checked {
    /// # Errors
    /// Keys whose values have no order (a usage error).
    pub(super) fn try_new(
        name: &str,
        by: &'static str,
        columns: &KeyColumns,
        schema: &Schema,
    ) -> Result<Self> {
        let empty = RecordBatch::new_empty(Arc::new(schema.clone()));
        let keys = columns.of(&empty)?.batch.schema();
        let named = columns
            .places()
            .zip(keys.fields())
            .map(|(place, key)| key.as_ref().clone().with_name(schema.field(place).name()));
        let order = OrderCheck::ascending(&Schema::new(named.collect::<Vec<_>>()))?;
        Ok(Self { name: name.to_owned(), by, columns: columns.clone(), order })
    }

    /// The keys of the next batch.
    ///
    /// # Errors
    /// A key below the one before it.
    pub(super) fn rows(&mut self, batch: &RecordBatch) -> Result<Rows> {
        let keys = self.columns.of(batch)?.batch;
        self.order.check(&keys).map_err(|error| {
            error.with(format!(
                "--sorted: {} is not sorted by {} (sort it with stream-sort, or leave out --sorted)",
                self.name, self.by
            ))
        })
    }
}
