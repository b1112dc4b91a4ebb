//! Sorts streams larger than memory.
//!
//! Rows are collected up to the memory limit and sorted: by numbers (`number_places`), or by byte
//! strings (`places`) if their keys have no numbers. They are then written to a temporary file as a
//! sorted run (`crate::spill`), and the runs are merged (`merge`). A stream that fits stays in
//! memory. [`Shuffler`] sorts by random numbers. Equal rows keep their order. Values are not
//! compared here: the keys come from `batch`.

mod bucket;
mod buckets;
mod buffer;
mod gather;
mod keys;
mod merge;
mod number_places;
mod pass;
mod places;
mod shuffle;

use crate::batch::Dictionaries;
use crate::error::{Error, Result};
use crate::schema::{Order, OrderColumn};
use crate::threads::Threads;
use arrow::array::{ArrayRef, RecordBatch, UInt64Array};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
pub(crate) use gather::gather;
use gather::{held_bytes, joined};
use keys::SortKeys;
use pass::{Budget, Pass, Sorted};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

pub use shuffle::{ShuffledBatches, Shuffler};

/// Options for a sort.
#[derive(Debug, Clone)]
pub struct SortOptions {
    /// The order of the rows.
    pub by: Order,
    /// Of the rows that are equal in these columns, only the first is kept.
    pub unique: Vec<String>,
    /// Only this many rows of the result, the first ones, are kept.
    pub limit: Option<u64>,
    /// The approximate amount of memory to use.
    pub memory_bytes: usize,
    /// The directory for temporary files, or `None` for the default.
    pub temporary_directory: Option<PathBuf>,
    /// The threads that sort; the result does not depend on them.
    pub threads: Threads,
}

/// A stream being sorted: all input is read before any output is written.
pub struct Sorter {
    dictionaries: Dictionaries,
    /// Small batches that wait to be merged into a larger one.
    waiting: Vec<RecordBatch>,
    waiting_rows: usize,
    waiting_bytes: usize,
    /// Batches of this many rows or bytes are not small.
    enough: (usize, usize),
    first: Pass,
    /// A separate sort, needed if rows that are equal in some columns are left out.
    second: Option<Pass>,
    limit: Option<u64>,
    rows: u64,
}

/// The sorted rows.
pub struct SortedBatches {
    dictionaries: Dictionaries,
    sorted: Sorted,
    /// The columns of the input that are returned.
    columns: Vec<usize>,
    limit: Option<u64>,
    ready: std::vec::IntoIter<RecordBatch>,
}

/// Smaller batches are merged, because every batch that is written has a fixed cost, and rows are
/// copied faster from few batches than from many. With little memory, the batches are smaller.
const FEW_ROWS: usize = 1 << 16;
const FEW_BYTES: usize = 1 << 22;
const LEAST_ROWS: usize = 1 << 13;
const LEAST_BYTES: usize = 1 << 20;

impl SortOptions {
    /// The positions of the columns that decide the order, ascending; all if one is given by its
    /// number, which would mean another one among fewer.
    ///
    /// # Errors
    /// Unknown columns.
    pub fn columns(&self, schema: &SchemaRef) -> Result<Vec<usize>> {
        if self.by.names().chain(&self.unique).any(|name| name.starts_with('#')) {
            return Ok((0..schema.fields().len()).collect());
        }
        let unique = Order::ascending(&self.unique).bind(schema)?;
        let all = self.by.bind(schema)?.into_iter().chain(unique);
        let tops: BTreeSet<usize> = all.map(|column| column.path[0]).collect();
        Ok(tops.into_iter().collect())
    }

    /// Whether a sort does nothing but count its rows if no column of them is needed: none is left
    /// out because of its values, and no key can be invalid, as text can be.
    ///
    /// # Errors
    /// Unknown columns.
    pub fn only_counts(&self, schema: &SchemaRef) -> Result<bool> {
        let cannot_be_invalid = |column: &OrderColumn| match column.path[..] {
            [place] => {
                let data_type = schema.field(place).data_type();
                data_type.is_primitive() || *data_type == DataType::Boolean
            }
            _ => false,
        };
        Ok(self.unique.is_empty() && self.by.bind(schema)?.iter().all(cannot_be_invalid))
    }
}

impl Sorter {
    /// Returns an empty sorter for batches with this schema.
    ///
    /// # Errors
    /// Columns that do not exist or have no order (usage errors).
    pub fn try_new(schema: &SchemaRef, options: &SortOptions) -> Result<Self> {
        let by = options.by.bind(schema).map_err(|e| e.with("--by"))?;
        let unique = Order::ascending(&options.unique).bind(schema);
        let unique = unique.map_err(|e| e.with("--unique"))?;
        let dictionaries = Dictionaries::try_new(schema)?;
        let limit = options.limit;
        let make = |columns: &[OrderColumn], numbered: bool, unique, limit, share: usize| {
            let logical = if numbered { with_number(schema, "") } else { schema.clone() };
            let keys = SortKeys::try_new(&logical, columns, unique, limit)?;
            let lowered = dictionaries.lowered_schema();
            let lowered = if numbered { with_number(lowered, "") } else { lowered.clone() };
            let memory_bytes = options.memory_bytes / share;
            let directory = options.temporary_directory.clone();
            let budget = Budget { memory_bytes, directory, threads: options.threads.clone() };
            Ok::<Pass, Error>(Pass::new(&lowered, keys, budget))
        };
        let is_unique = |column: &OrderColumn| unique.iter().any(|u| u.path == column.path);
        let leading = by.iter().take_while(|column| is_unique(column)).count();
        let (first, second) = if unique.is_empty() {
            (make(&by, false, false, limit, 1)?, None)
        } else if leading == unique.len() {
            // Of all rows that agree in the first columns of the order, one is left, so the other
            // columns decide nothing.
            (make(&by[..leading], false, true, limit, 1)?, None)
        } else {
            // Rows that are equal in the order are then distinguished by their numbers. Both sorts
            // need memory while the first passes its rows to the second.
            let number = OrderColumn {
                path: vec![schema.fields().len()],
                name: String::new(),
                descending: false,
                nulls_first: false,
            };
            let numbered: Vec<OrderColumn> = by.into_iter().chain([number]).collect();
            let second = make(&numbered, true, false, limit, 2)?;
            (make(&unique, true, true, None, 2)?, Some(second))
        };
        Ok(Self {
            dictionaries,
            waiting: Vec::new(),
            waiting_rows: 0,
            waiting_bytes: 0,
            enough: enough(options.memory_bytes),
            first,
            second,
            limit,
            rows: 0,
        })
    }

    /// Whether no rows are needed, whatever comes.
    pub fn is_done(&self) -> bool {
        self.limit == Some(0)
    }

    /// Adds the next batch of the stream.
    ///
    /// # Errors
    /// I/O errors, such as a full disk; values that cannot be compared.
    pub fn push(&mut self, batch: &RecordBatch) -> Result<()> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        let mut batch = self.dictionaries.lower(batch)?;
        if self.second.is_some() {
            batch = numbered(&batch, self.rows)?;
        }
        self.rows += batch.num_rows() as u64;
        self.waiting_rows += batch.num_rows();
        self.waiting_bytes += held_bytes(&batch);
        self.waiting.push(batch);
        let (rows, bytes) = self.enough;
        let is_enough = self.waiting_rows >= rows || self.waiting_bytes >= bytes;
        if is_enough { self.pass_on() } else { Ok(()) }
    }

    /// Returns the sorted rows, with the columns at these ascending positions.
    ///
    /// # Errors
    /// I/O errors, such as a full disk; values that cannot be compared.
    pub fn finish(mut self, columns: &[usize]) -> Result<SortedBatches> {
        self.pass_on()?;
        let Self { dictionaries, first, second, limit, .. } = self;
        let has_all = columns.len() == dictionaries.lowered_schema().fields().len();
        // The last sort leaves out columns that it alone needed before it copies any row; among
        // them are the numbers of rows.
        let sorted = match second {
            None => first.finish(&dictionaries, Some(columns).filter(|_| !has_all))?,
            Some(mut second) => {
                let mut sorted = first.finish(&dictionaries, None)?;
                while let Some(batch) = sorted.next_batch(&dictionaries)? {
                    second.push(batch, &dictionaries)?;
                }
                drop(sorted);
                second.finish(&dictionaries, Some(columns))?
            }
        };
        let (columns, ready) = (columns.to_vec(), Vec::new().into_iter());
        Ok(SortedBatches { dictionaries, sorted, columns, limit, ready })
    }

    /// Passes on the waiting batches as one, in newly allocated memory: the original stays mapped
    /// from its file, or in one piece with its message, as long as any of it is kept.
    fn pass_on(&mut self) -> Result<()> {
        let waiting = std::mem::take(&mut self.waiting);
        (self.waiting_rows, self.waiting_bytes) = (0, 0);
        let batches = joined(&waiting)?;
        drop(waiting);
        batches.into_iter().try_for_each(|batch| self.first.push(batch, &self.dictionaries))
    }
}

/// The rows and bytes that are enough for a batch in this much memory.
fn enough(memory_bytes: usize) -> (usize, usize) {
    if memory_bytes / 64 < FEW_BYTES { (LEAST_ROWS, LEAST_BYTES) } else { (FEW_ROWS, FEW_BYTES) }
}

impl SortedBatches {
    /// Returns the next batch; `None` at the end.
    ///
    /// # Errors
    /// I/O errors in the temporary file.
    pub fn next_batch(&mut self) -> Result<Option<RecordBatch>> {
        loop {
            if let Some(batch) = self.ready.next() {
                return Ok(Some(batch));
            }
            let Some(batch) = self.sorted.next_batch(&self.dictionaries)? else {
                return Ok(None);
            };
            let batches = self.dictionaries.raise_columns(&batch, &self.columns, self.limit)?;
            self.ready = batches.into_iter();
        }
    }
}

/// The schema with a column for a number of each row after all others.
fn with_number(schema: &SchemaRef, name: &str) -> SchemaRef {
    let number = Arc::new(Field::new(name, DataType::UInt64, false));
    let fields = schema.fields().iter().cloned().chain([number]);
    Arc::new(Schema::new_with_metadata(fields.collect::<Vec<_>>(), schema.metadata().clone()))
}

/// The batch with the numbers of its rows, starting at `first`.
fn numbered(batch: &RecordBatch, first: u64) -> Result<RecordBatch> {
    let numbers = UInt64Array::from_iter_values(first..first + batch.num_rows() as u64);
    let numbers: ArrayRef = Arc::new(numbers);
    let columns = batch.columns().iter().cloned().chain([numbers]).collect();
    RecordBatch::try_new(with_number(batch.schema_ref(), ""), columns)
        .map_err(|e| Error::failed(format!("cannot number rows: {e}")))
}

#[cfg(test)]
mod tests;
