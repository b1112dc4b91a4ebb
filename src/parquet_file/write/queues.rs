//! The queues of the leaf columns: which column is encoded next, and which row groups are complete.
//!
//! A row group may have tens of thousands of columns, so no operation on one column looks at the
//! others: with a scan per task, 10,000 columns spent half of the time in the scans.

use super::column_chunk::ColumnChunk;
use super::column_encoder::ColumnEncoder;
use super::encoders::Encoders;
use crate::error::{Error, Result, guard};
use crate::parquet_file::cause::cause;
use crate::threads::crew::Queue;
use arrow::array::ArrayRef;
use arrow::datatypes::FieldRef;
use parquet::arrow::arrow_writer::{ArrowLeafColumn, compute_leaves};
use parquet::errors::ParquetError;
use std::cmp::Reverse;
use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, OnceLock};

/// The queues of all leaf columns.
#[derive(Default)]
pub(crate) struct Queues {
    columns: Vec<ColumnQueue>,
    /// The columns that have tasks and no thread, by the number of bytes left to encode. The last
    /// one is next; among equals that is the first column, as with one thread.
    waiting: BTreeSet<(usize, Reverse<usize>)>,
    /// The columns that are being encoded; never more than there are threads.
    at_work: Vec<usize>,
    /// The number of columns with a finished chunk of the next row group.
    finished_columns: usize,
    /// The first failure of a job; no further job is taken.
    pub(crate) failure: Option<Error>,
}

/// The queue of a leaf column, and its encoded chunks.
#[derive(Default)]
struct ColumnQueue {
    tasks: VecDeque<Task>,
    /// The bytes of the pieces that this column has not finished.
    bytes_under_way: usize,
    /// The encoder of the current row group, unless a thread is using it.
    encoder: Option<ColumnEncoder>,
    is_at_work: bool,
    /// The approximate stored size of the column in the current row group.
    stored_bytes: usize,
    /// The finished chunks of row groups that other columns have not finished.
    chunks: VecDeque<ColumnChunk>,
}

/// A piece of a leaf column.
pub(crate) struct Task {
    /// None if the task only ends the row group.
    pub(crate) rows: Option<Rows>,
    pub(crate) piece_bytes: usize,
    pub(crate) ends_row_group: bool,
}

/// The rows of a leaf column in a piece.
pub(crate) struct Rows {
    pub(crate) field: Arc<FieldRows>,
    /// The position of the leaf column in its field.
    pub(crate) leaf: usize,
    pub(crate) leaves: usize,
}

/// Rows of a column of the schema. The first thread that needs its leaf columns computes them.
pub(crate) struct FieldRows {
    field: FieldRef,
    arrays: Vec<ArrayRef>,
    leaves: OnceLock<Result<Vec<Vec<ArrowLeafColumn>>>>,
}

/// A task taken from a queue, with the encoder that it needs.
pub(crate) struct Job {
    pub(crate) column: usize,
    encoder: Option<ColumnEncoder>,
    task: Task,
}

/// The result of a job.
pub(crate) struct EncodedPiece {
    piece_bytes: usize,
    encoder: Option<ColumnEncoder>,
    stored_bytes: usize,
    chunk: Option<ColumnChunk>,
}

impl Queues {
    pub(crate) fn new(columns: usize) -> Self {
        let columns = (0..columns).map(|_| ColumnQueue::default()).collect();
        Self { columns, ..Self::default() }
    }

    pub(crate) fn len(&self) -> usize {
        self.columns.len()
    }

    /// Adds a task to a column.
    pub(crate) fn push(&mut self, number: usize, task: Task) {
        let Some(column) = self.columns.get_mut(number) else { return };
        if !column.is_at_work {
            self.waiting.remove(&(column.bytes_under_way, Reverse(number)));
            self.waiting.insert((column.bytes_under_way + task.piece_bytes, Reverse(number)));
        }
        column.bytes_under_way += task.piece_bytes;
        column.tasks.push_back(task);
    }

    /// Whether any column is being encoded.
    pub(crate) fn are_at_work(&self) -> bool {
        !self.at_work.is_empty()
    }

    /// The number of bytes of rows that are not yet encoded in all columns.
    pub(crate) fn bytes_under_way(&self) -> usize {
        let waiting = self.waiting.last().map_or(0, |(bytes, _)| *bytes);
        let at_work = self.at_work.iter().filter_map(|number| self.columns.get(*number));
        at_work.map(|column| column.bytes_under_way).fold(waiting, usize::max)
    }

    /// The approximate stored size of the current row group, when no piece is being encoded.
    pub(crate) fn stored_bytes(&self) -> usize {
        self.columns.iter().map(|column| column.stored_bytes).sum()
    }

    /// The next row group, once all its columns are encoded.
    pub(crate) fn take_row_group(&mut self) -> Option<Vec<ColumnChunk>> {
        if self.finished_columns < self.columns.len() {
            return None;
        }
        let chunks = self.columns.iter_mut().map(|column| column.chunks.pop_front()).collect();
        let columns = self.columns.iter();
        self.finished_columns = columns.filter(|column| !column.chunks.is_empty()).count();
        chunks
    }
}

impl Queue for Queues {
    type Job = Job;
    /// The column, and the result.
    type Outcome = (usize, Result<EncodedPiece>);

    /// The next task of the column with the most bytes left to encode.
    fn take(&mut self) -> Option<Job> {
        if self.failure.is_some() {
            return None;
        }
        let (_, Reverse(number)) = self.waiting.pop_last()?;
        let column = self.columns.get_mut(number)?;
        let task = column.tasks.pop_front()?;
        column.is_at_work = true;
        self.at_work.push(number);
        Some(Job { column: number, encoder: column.encoder.take(), task })
    }

    fn has_job(&self) -> bool {
        self.failure.is_none() && !self.waiting.is_empty()
    }

    /// Returns a column to the queues, unless its job failed.
    fn put(&mut self, (number, result): (usize, Result<EncodedPiece>)) {
        self.at_work.retain(|other| *other != number);
        let Some(column) = self.columns.get_mut(number) else { return };
        column.is_at_work = false;
        let encoded = match result {
            Ok(encoded) => encoded,
            Err(error) => {
                self.failure.get_or_insert(error);
                return;
            }
        };
        column.bytes_under_way -= encoded.piece_bytes;
        column.encoder = encoded.encoder;
        column.stored_bytes = encoded.stored_bytes;
        if let Some(chunk) = encoded.chunk {
            self.finished_columns += usize::from(column.chunks.is_empty());
            column.chunks.push_back(chunk);
        }
        if !column.tasks.is_empty() {
            self.waiting.insert((column.bytes_under_way, Reverse(number)));
        }
    }
}

impl Job {
    /// Encodes the piece; `encoders` creates the encoder if the piece begins a row group. `name` is
    /// the name of the output in messages.
    pub(crate) fn run(self, name: &str, encoders: &Encoders) -> Result<EncodedPiece> {
        let failed = |error| Error::failed(format!("cannot write {name}: {}", cause(&error)));
        guard(name, || self.encode(encoders).map_err(failed))
    }

    fn encode(self, encoders: &Encoders) -> Result<EncodedPiece, ParquetError> {
        let Self { column, encoder, task: Task { rows, piece_bytes, ends_row_group } } = self;
        let mut encoder = encoder.map_or_else(|| encoders.create(column), Ok)?;
        if let Some(rows) = rows {
            rows.encode(&mut encoder)?;
        }
        Ok(if ends_row_group {
            EncodedPiece {
                piece_bytes,
                encoder: None,
                stored_bytes: 0,
                chunk: Some(encoder.close()?),
            }
        } else {
            let stored_bytes = encoder.stored_bytes();
            EncodedPiece { piece_bytes, encoder: Some(encoder), stored_bytes, chunk: None }
        })
    }
}

impl Rows {
    fn encode(&self, encoder: &mut ColumnEncoder) -> Result<(), ParquetError> {
        let FieldRows { field, arrays, .. } = self.field.as_ref();
        if self.leaves == 1 {
            // One batch at a time, so that the levels are used while they are in the cache.
            return arrays.iter().try_for_each(|array| encoder.write_column(field, array));
        }
        match self.field.leaves() {
            Ok(batches) => batches.iter().try_for_each(|leaves| match leaves.get(self.leaf) {
                Some(leaf) => encoder.write_leaf(leaf),
                None => Err(ParquetError::General("a leaf column is missing".to_owned())),
            }),
            Err(error) => Err(ParquetError::General(error.to_string())),
        }
    }
}

impl FieldRows {
    pub(crate) fn new(field: FieldRef, arrays: Vec<ArrayRef>) -> Self {
        Self { field, arrays, leaves: OnceLock::new() }
    }

    /// The leaf columns of each batch.
    fn leaves(&self) -> &Result<Vec<Vec<ArrowLeafColumn>>> {
        self.leaves.get_or_init(|| {
            let batches = self.arrays.iter().map(|array| compute_leaves(&self.field, array));
            batches
                .collect::<Result<_, ParquetError>>()
                .map_err(|error| Error::failed(cause(&error)))
        })
    }
}
