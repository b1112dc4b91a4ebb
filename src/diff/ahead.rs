//! The next rows of a table whose rows are in the order of their keys.

use super::key_values::{KeyOrder, KeyValues};
use super::layout::{Layout, Rows};
use super::options::{Batches, Duplicates};
use super::row_text::key_text;
use crate::error::{Error, Result};
use crate::text::escaped;
use arrow::array::RecordBatch;
use std::cmp::Ordering;

/// The next rows of a table. Their order is checked.
pub(super) struct Ahead<'a> {
    /// Batches of keys and values.
    batches: &'a mut Batches<'a>,
    layout: &'a Layout,
    order: &'a KeyOrder,
    key_count: usize,
    duplicates: Duplicates,
    rows: Option<Rows>,
    /// The next of them.
    at: usize,
    /// The last row before them.
    last: Option<(KeyValues, RecordBatch)>,
}

impl<'a> Ahead<'a> {
    pub(super) fn new(
        batches: &'a mut Batches<'a>,
        layout: &'a Layout,
        (order, key_count): (&'a KeyOrder, usize),
        duplicates: Duplicates,
    ) -> Self {
        Self { batches, layout, order, key_count, duplicates, rows: None, at: 0, last: None }
    }

    /// Reads the next batch if all rows were passed. Returns the number of rows that are there; 0
    /// at the end.
    ///
    /// # Errors
    /// Those of the input; rows in another order; duplicate keys.
    pub(super) fn fill(&mut self) -> Result<usize> {
        while self.left() == 0 {
            let Some(batch) = (self.batches)()? else { return Ok(0) };
            if batch.num_rows() == 0 {
                continue;
            }
            let rows = self.layout.rows(batch, self.order)?;
            if let Some(before) = self.rows.take() {
                let row = before.batch.num_rows() - 1;
                let batch = before.batch.slice(row, 1);
                self.last = Some((self.order.keys(&batch)?, batch));
            }
            self.check(&rows)?;
            (self.rows, self.at) = (Some(rows), 0);
        }
        Ok(self.left())
    }

    fn left(&self) -> usize {
        self.rows.as_ref().map_or(0, |rows| rows.batch.num_rows() - self.at)
    }

    /// The rows of which the next is one, and its number.
    pub(super) fn next(&self) -> Option<(&Rows, usize)> {
        self.rows.as_ref().map(|rows| (rows, self.at))
    }

    pub(super) fn pass(&mut self, rows: usize) {
        self.at += rows;
    }

    fn check(&self, rows: &Rows) -> Result<()> {
        if let Some((last, batch)) = &self.last {
            self.judge(rows.keys.compare(0, last, 0), &rows.batch, 0, batch, 0)?;
        }
        let is_refused =
            |order: Ordering| order == Ordering::Less || self.duplicates == Duplicates::Refused;
        let keys = &rows.keys;
        let found = keys.first_not_ascending().filter(|(_, order)| is_refused(*order));
        if let Some((row, order)) = found {
            return self.judge(order, &rows.batch, row, &rows.batch, row - 1);
        }
        // Duplicates may stand before a row that is out of order.
        if self.duplicates == Duplicates::InOrder {
            let is_below = |row: &usize| keys.compare(*row, keys, row - 1) == Ordering::Less;
            if let Some(row) = (1..keys.len()).find(is_below) {
                return self.judge(Ordering::Less, &rows.batch, row, &rows.batch, row - 1);
            }
        }
        Ok(())
    }

    /// # Errors
    /// A row that must not stand after the one before it.
    fn judge(
        &self,
        order: Ordering,
        batch: &RecordBatch,
        row: usize,
        before: &RecordBatch,
        before_row: usize,
    ) -> Result<()> {
        let table = escaped(&self.layout.table);
        let key = key_text(batch, row, self.key_count);
        match (order, self.duplicates) {
            (Ordering::Less, _) => {
                let before = key_text(before, before_row, self.key_count);
                Err(Error::failed(format!(
                    "{table} is not sorted by its key: {key} follows {before}; omit --sorted"
                )))
            }
            (Ordering::Equal, Duplicates::Refused) => Err(Error::failed(format!(
                "{table} has the key {key} more than once; add a column to --key, or match such \
                 rows in order with --duplicates in-order"
            ))),
            _ => Ok(()),
        }
    }
}
