//! The sort keys of one pass, and the selection of its rows.

use crate::batch::{Dictionaries, OrderKeys};
use crate::error::Result;
use crate::schema::OrderColumn;
use arrow::array::RecordBatch;
use arrow::datatypes::Schema;
use arrow::row::Rows;
use std::collections::BTreeSet;

/// The order of a pass.
#[derive(Debug)]
pub(super) struct SortKeys {
    keys: OrderKeys,
    /// The columns that the keys come from.
    places: BTreeSet<usize>,
    /// Whether only the first of several rows with equal keys is kept.
    pub(super) unique: bool,
    /// The total number of rows to keep.
    pub(super) limit: Option<u64>,
}

impl SortKeys {
    /// # Errors
    /// A column whose values have no order.
    pub(super) fn try_new(
        schema: &Schema,
        columns: &[OrderColumn],
        unique: bool,
        limit: Option<u64>,
    ) -> Result<Self> {
        let places = columns.iter().filter_map(|column| column.path.first().copied()).collect();
        Ok(Self { keys: OrderKeys::try_new(schema, columns)?, places, unique, limit })
    }

    /// The keys of a batch whose dictionaries were lowered.
    ///
    /// # Errors
    /// Values that cannot be compared after all.
    pub(super) fn of(&self, batch: &RecordBatch, dictionaries: &Dictionaries) -> Result<Rows> {
        let mut columns = batch.columns().to_vec();
        for place in &self.places {
            columns[*place] = dictionaries.resolved(batch, *place)?;
        }
        self.keys.rows(&columns)
    }
}
