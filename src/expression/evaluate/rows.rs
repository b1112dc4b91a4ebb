//! The rows that an expression is evaluated for.

use crate::error::{Error, Result};
use arrow::array::{Array, ArrayRef, BooleanArray, RecordBatch};
use arrow::buffer::BooleanBuffer;
use arrow::compute::filter;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The rows to evaluate.
pub(crate) struct Rows {
    /// The schema indices of the columns that the predicate reads, ascending.
    pub(crate) indices: Arc<[usize]>,
    /// These columns; those that are no longer read may have other lengths.
    pub(crate) columns: Vec<ArrayRef>,
    pub(crate) count: usize,
    /// The row numbers within the batch; None if all rows are included.
    pub(crate) numbers: Option<Vec<usize>>,
    /// The number of the batch's first row.
    pub(crate) first: u64,
}

impl Rows {
    /// All rows of a batch whose columns have these indices in the schema.
    pub(crate) fn of_batch(batch: &RecordBatch, indices: &Arc<[usize]>, first: u64) -> Self {
        debug_assert_eq!(batch.num_columns(), indices.len());
        let (indices, columns) = (indices.clone(), batch.columns().to_vec());
        Self { indices, columns, count: batch.num_rows(), numbers: None, first }
    }

    /// A single row, for expressions that read no column.
    pub(crate) fn one() -> Self {
        Self { indices: Arc::new([]), columns: Vec::new(), count: 1, numbers: None, first: 0 }
    }

    /// The column at an index of the schema.
    pub(crate) fn column(&self, index: usize) -> &ArrayRef {
        &self.columns[self.position(index)]
    }

    /// The same rows with one column replaced, and with as many rows as the new array has.
    pub(crate) fn with_column(&self, index: usize, array: ArrayRef) -> Self {
        let count = array.len();
        let mut columns = self.columns.clone();
        columns[self.position(index)] = array;
        Self { indices: self.indices.clone(), columns, count, numbers: None, first: self.first }
    }

    /// A subset of the rows, with only the columns that are read.
    pub(crate) fn narrowed(&self, open: &BooleanBuffer, read: &BTreeSet<usize>) -> Result<Self> {
        let mask = BooleanArray::new(open.clone(), None);
        let mut columns = self.columns.clone();
        for column in read.iter().map(|index| self.position(*index)) {
            columns[column] = filter(&columns[column], &mask)
                .map_err(|error| Error::failed(format!("cannot select rows: {error}")))?;
        }
        let rows = open.set_indices();
        let numbers: Vec<usize> = match &self.numbers {
            Some(known) => rows.map(|row| known[row]).collect(),
            None => rows.collect(),
        };
        let (count, indices) = (numbers.len(), self.indices.clone());
        Ok(Self { indices, columns, count, numbers: Some(numbers), first: self.first })
    }

    fn position(&self, index: usize) -> usize {
        self.indices.partition_point(|known| *known < index)
    }

    /// An error that names the row.
    pub(crate) fn error(&self, row: usize, text: &str, why: impl std::fmt::Display) -> Error {
        let row = self.numbers.as_ref().map_or(row, |numbers| numbers[row]);
        Error::failed(format!("row {}: cannot compute {text}: {why}", self.first + row as u64))
    }
}
