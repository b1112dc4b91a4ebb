//! Summaries of the columns of a table, in one pass and in memory that does not grow with its rows.
//!
//! - `column`: what is known of a column; `measure`: what the kinds of columns do.
//! - `kinds`: booleans, `numbers`, `texts`, `lengths` of lists; `tally`: distinct and frequent values of all of them.
//! - `values`: values without nulls and encodings, each with its number of rows.
//! - [`ColumnSummary`] (`found`): the result as plain data; `text`, `json`, `stream` render it, all by
//!   `cells`, numbers and times for people by `rounded`.

mod cells;
mod column;
mod failure;
mod found;
mod histogram;
mod json;
mod kinds;
mod lengths;
mod measure;
mod moments;
mod numbers;
mod rounded;
mod stream;
mod tally;
mod text;
mod texts;
mod values;

use crate::error::Result;
use crate::schema::{expand, plain_type};
use crate::threads::Threads;
use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch};
use arrow::compute::nullif;
use arrow::datatypes::{DataType, Fields, Schema};
use column::Column;
use failure::failed;
pub use found::{ColumnSummary, Estimate, Histogram, Lengths, Spread, Top};
pub use json::lines as json_lines;
pub use stream::{batch, schema};
pub use text::lines as text_lines;

/// A summary of some columns of a table.
#[derive(Debug)]
pub struct Summary {
    columns: Vec<Column>,
    threads: Threads,
    rows: u64,
}

/// The fewest values of a batch for which other threads are started: half a millisecond of work.
const LEAST_SHARED: usize = 1 << 16;

impl Summary {
    /// The summary of these columns, and of the fields of structs among them.
    ///
    /// # Errors
    /// None in practice: every type has a summary.
    pub fn try_new(schema: &Schema, columns: &[usize], threads: Threads) -> Result<Self> {
        let mut all = Vec::new();
        for place in columns {
            append(schema.fields(), *place, &mut Vec::new(), "", &mut all)?;
        }
        Ok(Self { columns: all, threads, rows: 0 })
    }

    /// Adds a batch with the schema of the table.
    ///
    /// # Errors
    /// Values that cannot be compared; more distinct values in one batch than can be numbered.
    pub fn add(&mut self, batch: &RecordBatch) -> Result<()> {
        self.rows += batch.num_rows() as u64;
        let arrays = self.columns.iter().map(|column| array_at(batch, &column.path));
        let arrays = arrays.collect::<Result<Vec<_>>>()?;
        let tasks = self.columns.iter_mut().zip(arrays);
        let work = |column: &mut Column, array: ArrayRef| column.add(&array);
        if batch.num_rows() * tasks.len() < LEAST_SHARED {
            for (column, array) in tasks {
                work(column, array)?;
            }
            return Ok(());
        }
        let mut workers = vec![(); self.threads.count()];
        let done = self.threads.each("cannot summarize", &mut workers, tasks, |(), task| {
            let (column, array) = task;
            work(column, array)
        });
        done.map(drop)
    }

    /// The number of rows, and the summary of each column.
    ///
    /// # Errors
    /// None in practice: values were encoded by the same converter.
    pub fn finish(self) -> Result<(u64, Vec<ColumnSummary>)> {
        let found = self.columns.into_iter().map(|column| column.finish(self.rows));
        Ok((self.rows, found.collect::<Result<_>>()?))
    }
}

/// Appends a column and, if it is a struct, its fields.
fn append(
    fields: &Fields,
    place: usize,
    path: &mut Vec<usize>,
    before: &str,
    columns: &mut Vec<Column>,
) -> Result<()> {
    let Some(field) = fields.get(place) else { return Ok(()) };
    let name = format!("{before}{}", field.name());
    path.push(place);
    columns.push(Column::try_new(name.clone(), path.clone(), field)?);
    if let DataType::Struct(inner) = plain_type(field.data_type()) {
        for place in 0..inner.len() {
            append(inner, place, path, &format!("{name}."), columns)?;
        }
    }
    path.pop();
    Ok(())
}

/// The column at a path of fields. A field of a null struct is null.
fn array_at(batch: &RecordBatch, path: &[usize]) -> Result<ArrayRef> {
    let Some((first, inner)) = path.split_first() else {
        return Err(failed("a column without a place"));
    };
    let mut array = batch.column(*first).clone();
    for place in inner {
        array = expand(&array).map_err(failed)?;
        let parent = array.as_struct();
        let mut child = parent.column(*place).clone();
        if let Some(nulls) = parent.nulls().filter(|nulls| nulls.null_count() > 0) {
            child = match child.data_type() {
                // They have no nulls of their own.
                DataType::Null | DataType::Union(..) => child,
                _ => {
                    let is_null = BooleanArray::new(!nulls.inner(), None);
                    nullif(&expand(&child).map_err(failed)?, &is_null).map_err(failed)?
                }
            };
        }
        array = child;
    }
    Ok(array)
}

#[cfg(test)]
mod tests;
