//! The batches of a table as keys and values.

use super::failed;
use super::key_values::{KeyOrder, KeyValues};
use super::meeting::{Comparison, Values};
use crate::error::{Error, Result};
use crate::schema::{batch_of, expand};
use crate::text::escaped;
use arrow::array::{Array, ArrayRef, RecordBatch};
use arrow::datatypes::SchemaRef;

/// How a batch of a table becomes keys, in the types of both tables, and values, in its own.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    /// The name of the table.
    pub(super) table: String,
    /// The position of each key column among those that are read.
    pub(super) keys: Vec<(usize, Comparison)>,
    /// The position of each other column.
    pub(super) values: Vec<(usize, Comparison)>,
    /// The keys, then the values.
    pub(super) schema: SchemaRef,
}

/// Rows of a table.
pub(super) struct Rows {
    /// The keys, then the values, as the table has them.
    pub(super) batch: RecordBatch,
    pub(super) keys: KeyValues,
    /// The values as they are compared.
    pub(super) values: Vec<Values>,
}

impl Layout {
    /// The keys and values of a batch as it was read.
    ///
    /// # Errors
    /// A key that the type of both tables does not have.
    pub(super) fn keyed(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(self.schema.fields().len());
        for (place, comparison) in &self.keys {
            let key = comparison.values(&expand(batch.column(*place)).map_err(failed)?)?;
            if let Some(row) = key.lost.as_ref().and_then(|lost| lost.set_indices().next()) {
                return Err(self.no_key(batch, *place, row, comparison));
            }
            columns.push(key.array);
        }
        for (place, _) in &self.values {
            columns.push(expand(batch.column(*place)).map_err(failed)?);
        }
        batch_of(&self.schema, columns, batch.num_rows()).map_err(failed)
    }

    /// Rows with their keys and values as they are compared.
    ///
    /// # Errors
    /// Values that Arrow cannot convert.
    pub(super) fn rows(&self, batch: RecordBatch, order: &KeyOrder) -> Result<Rows> {
        let keys = order.keys(&batch)?;
        let values = self.value_columns(&batch)?;
        Ok(Rows { batch, keys, values })
    }

    /// The values as they are compared.
    ///
    /// # Errors
    /// Values that Arrow cannot convert.
    pub(super) fn value_columns(&self, batch: &RecordBatch) -> Result<Vec<Values>> {
        let columns = batch.columns().iter().skip(batch.num_columns() - self.values.len());
        let values = self.values.iter().zip(columns);
        values.map(|((_, comparison), column)| comparison.values(column)).collect()
    }

    fn no_key(&self, batch: &RecordBatch, place: usize, row: usize, to: &Comparison) -> Error {
        let value = super::row_text::value_text(&batch.column(place).slice(row, 1));
        Error::failed(format!(
            "{}: key {} of column \"{}\" does not fit into {}, the type in which the keys of both \
             tables are compared",
            escaped(&self.table),
            value,
            escaped(batch.schema_ref().field(place).name()),
            to.data_type()
        ))
    }
}
