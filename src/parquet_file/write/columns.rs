//! The columns of row groups, encoded in several threads.
//!
//! A column's rows must be encoded in their order, so each leaf column has a queue, and whoever is
//! free takes the next piece of the column that is furthest behind. The thread that fills the queues
//! lends a hand where it would wait otherwise: with one thread there is no other, and what each
//! column is given, in which pieces, never depends on how many there are. Not for cutting rows into
//! row groups, nor for writing these.

use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::{FieldRef, SchemaRef};
use parquet::arrow::arrow_writer::{ArrowColumnChunk, ArrowLeafColumn, compute_leaves};
use parquet::errors::ParquetError;
use parquet::schema::types::SchemaDescriptor;
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::{Builder, JoinHandle};

use super::column_encoder::ColumnEncoder;
use crate::error::{Error, Result, guard};
use crate::parquet_file::cause::cause;

/// The queues of all leaf columns, and the threads that work on them. Dropped, it lets the threads
/// finish the pieces at hand and forgets the others.
pub(super) struct Columns {
    shared: Arc<Shared>,
    schema: SchemaRef,
    /// How many leaf columns each column of the schema has.
    leaves: Vec<usize>,
    threads: Vec<JoinHandle<()>>,
    /// How many threads shall encode, that of the caller among them.
    wanted_threads: usize,
    pieces: u64,
}

struct Shared {
    /// What messages call the output.
    name: String,
    queues: Mutex<Queues>,
    /// Threads wait here for work, the caller for work that was done.
    added: Condvar,
    done: Condvar,
}

struct Queues {
    columns: Vec<Column>,
    idle_threads: usize,
    caller_waits: bool,
    failure: Option<Error>,
    stopped: bool,
}

/// A leaf column: what is to be encoded, and what came of it.
#[derive(Default)]
struct Column {
    tasks: VecDeque<Task>,
    /// Bytes of the pieces that this column is not done with.
    bytes_under_way: usize,
    /// The encoder of its present row group, unless somebody works with it.
    writer: Option<ColumnEncoder>,
    is_at_work: bool,
    /// About how long it is in its present row group as stored.
    stored_bytes: usize,
    /// Of row groups that other columns are not done with.
    chunks: VecDeque<ArrowColumnChunk>,
}

/// A piece of a leaf column.
struct Task {
    /// At the beginning of a row group, its encoder.
    writer: Option<ColumnEncoder>,
    /// None where only the end of a row group is told.
    rows: Option<Rows>,
    piece_bytes: usize,
    ends_row_group: bool,
}

struct Rows {
    field: Arc<FieldRows>,
    /// Which of the field's leaf columns.
    leaf: usize,
    leaves: usize,
}

/// Rows of a column of the schema; what its leaf columns are is found out by whoever needs it first.
struct FieldRows {
    field: FieldRef,
    arrays: Vec<ArrayRef>,
    leaves: OnceLock<Result<Vec<Vec<ArrowLeafColumn>>>>,
}

/// A task that was taken, with the encoder that it needs.
struct Job {
    column: usize,
    writer: Option<ColumnEncoder>,
    task: Task,
}

/// What came of a job.
struct Outcome {
    writer: Option<ColumnEncoder>,
    stored_bytes: usize,
    chunk: Option<ArrowColumnChunk>,
}

impl Columns {
    /// Queues for the leaf columns of a schema. `name` is what messages call the output.
    pub(super) fn new(
        name: &str,
        schema: SchemaRef,
        parquet_schema: &SchemaDescriptor,
        wanted_threads: usize,
    ) -> Self {
        let mut leaves = vec![0; schema.fields().len()];
        for leaf in 0..parquet_schema.num_columns() {
            leaves[parquet_schema.get_column_root_idx(leaf)] += 1;
        }
        let queues = Queues {
            columns: (0..parquet_schema.num_columns()).map(|_| Column::default()).collect(),
            idle_threads: 0,
            caller_waits: false,
            failure: None,
            stopped: false,
        };
        let shared = Shared {
            name: name.to_owned(),
            queues: Mutex::new(queues),
            added: Condvar::new(),
            done: Condvar::new(),
        };
        let shared = Arc::new(shared);
        Self { shared, schema, leaves, threads: Vec::new(), wanted_threads, pieces: 0 }
    }

    /// Adds rows to the present row group, `bytes` large; `writers` begin one, by leaf column.
    pub(super) fn add(
        &mut self,
        writers: Vec<ColumnEncoder>,
        batches: &[RecordBatch],
        bytes: usize,
        ends_row_group: bool,
    ) {
        // What is only one piece needs no help.
        self.pieces += 1;
        if self.pieces == 2 {
            self.start_threads();
        }
        let mut writers = writers.into_iter();
        let mut queues = self.shared.lock();
        let mut columns = queues.columns.iter_mut();
        let fields = self.schema.fields().iter().zip(&self.leaves);
        for (number, (field, leaves)) in fields.enumerate() {
            let leaves = *leaves;
            let arrays = batches.iter().map(|batch| batch.column(number).clone()).collect();
            let rows =
                Arc::new(FieldRows { field: field.clone(), arrays, leaves: OnceLock::new() });
            for (leaf, column) in columns.by_ref().take(leaves).enumerate() {
                column.bytes_under_way += bytes;
                column.tasks.push_back(Task {
                    writer: writers.next(),
                    rows: Some(Rows { field: rows.clone(), leaf, leaves }),
                    piece_bytes: bytes,
                    ends_row_group,
                });
            }
        }
        self.shared.wake_threads(&queues);
    }

    /// Ends the present row group.
    pub(super) fn end_row_group(&mut self) {
        let mut queues = self.shared.lock();
        for column in &mut queues.columns {
            let end = Task { writer: None, rows: None, piece_bytes: 0, ends_row_group: true };
            column.tasks.push_back(end);
        }
        self.shared.wake_threads(&queues);
    }

    /// How many bytes of rows are not encoded yet in all columns.
    pub(super) fn bytes_under_way(&self) -> usize {
        let queues = self.shared.lock();
        queues.columns.iter().map(|column| column.bytes_under_way).max().unwrap_or(0)
    }

    /// About how long the present row group is as stored, when nothing is under way.
    pub(super) fn stored_bytes(&self) -> usize {
        self.shared.lock().columns.iter().map(|column| column.stored_bytes).sum()
    }

    /// The next row group, if all its columns are encoded.
    pub(super) fn take_row_group(&self) -> Option<Vec<ArrowColumnChunk>> {
        let mut queues = self.shared.lock();
        if queues.columns.iter().any(|column| column.chunks.is_empty()) {
            return None;
        }
        queues.columns.iter_mut().map(|column| column.chunks.pop_front()).collect()
    }

    /// Encodes a piece, or waits until another thread has encoded one; false if nothing is left to
    /// do.
    ///
    /// # Errors
    /// A value that Parquet cannot hold, whoever met it.
    pub(super) fn help(&self) -> Result<bool> {
        let mut queues = self.shared.lock();
        if let Some(failure) = &queues.failure {
            return Err(failure.clone());
        }
        if let Some(job) = queues.take() {
            drop(queues);
            drop(self.shared.perform(job));
            return Ok(true);
        }
        if !queues.columns.iter().any(|column| column.is_at_work) {
            return Ok(false);
        }
        queues.caller_waits = true;
        let mut queues = self.shared.done.wait(queues).unwrap_or_else(PoisonError::into_inner);
        queues.caller_waits = false;
        Ok(true)
    }

    /// Lets go of the threads, until there is work for them again.
    pub(super) fn rest(&mut self) {
        self.stop_threads();
        self.shared.lock().stopped = false;
        self.pieces = 0;
    }

    fn stop_threads(&mut self) {
        self.shared.lock().stopped = true;
        self.shared.added.notify_all();
        for thread in self.threads.drain(..) {
            // A panic was caught where it happened.
            let _ = thread.join();
        }
    }

    /// A thread that cannot be had is done without: the caller does its share.
    fn start_threads(&mut self) {
        for _ in 1..self.wanted_threads {
            let shared = self.shared.clone();
            let thread = Builder::new().name("encode".to_owned()).spawn(move || shared.work());
            self.threads.extend(thread);
        }
    }
}

impl Drop for Columns {
    fn drop(&mut self) {
        self.stop_threads();
    }
}

impl Shared {
    /// Nothing panics while the queues are locked, so they are whole.
    fn lock(&self) -> MutexGuard<'_, Queues> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wake_threads(&self, queues: &Queues) {
        match queues.idle_threads {
            0 => {}
            1 => self.added.notify_one(),
            _ => self.added.notify_all(),
        }
    }

    /// What a thread does until it is told to stop.
    fn work(&self) {
        let mut queues = self.lock();
        while !queues.stopped {
            if let Some(job) = queues.take() {
                drop(queues);
                queues = self.perform(job);
            } else {
                queues.idle_threads += 1;
                queues = self.added.wait(queues).unwrap_or_else(PoisonError::into_inner);
                queues.idle_threads -= 1;
            }
        }
    }

    fn perform(&self, job: Job) -> MutexGuard<'_, Queues> {
        let (number, piece_bytes) = (job.column, job.task.piece_bytes);
        let result = guard(&self.name, || {
            job.run().map_err(|error| {
                Error::failed(format!("cannot write {}: {}", self.name, cause(&error)))
            })
        });
        let mut queues = self.lock();
        match result {
            Ok(outcome) => {
                if let Some(column) = queues.columns.get_mut(number) {
                    column.is_at_work = false;
                    column.bytes_under_way -= piece_bytes;
                    column.writer = outcome.writer;
                    column.stored_bytes = outcome.stored_bytes;
                    column.chunks.extend(outcome.chunk);
                }
            }
            Err(error) => {
                queues.failure.get_or_insert(error);
                if let Some(column) = queues.columns.get_mut(number) {
                    column.is_at_work = false;
                }
            }
        }
        if queues.caller_waits {
            self.done.notify_one();
        }
        queues
    }
}

impl Queues {
    /// The next piece of the column that is furthest behind.
    fn take(&mut self) -> Option<Job> {
        if self.failure.is_some() {
            return None;
        }
        let columns = self.columns.iter_mut().enumerate();
        let waiting = columns.filter(|(_, column)| !column.is_at_work && !column.tasks.is_empty());
        // Of equals the first, as one thread alone would do it.
        let (number, column) = waiting.rev().max_by_key(|(_, column)| column.bytes_under_way)?;
        let task = column.tasks.pop_front()?;
        column.is_at_work = true;
        Some(Job { column: number, writer: column.writer.take(), task })
    }
}

impl Job {
    fn run(self) -> Result<Outcome, ParquetError> {
        let Self { writer, task, .. } = self;
        let Some(mut writer) = task.writer.or(writer) else {
            return Err(ParquetError::General("a column has no encoder".to_owned()));
        };
        if let Some(rows) = task.rows {
            rows.encode(&mut writer)?;
        }
        Ok(if task.ends_row_group {
            Outcome { writer: None, stored_bytes: 0, chunk: Some(writer.close()?) }
        } else {
            let stored_bytes = writer.stored_bytes();
            Outcome { writer: Some(writer), stored_bytes, chunk: None }
        })
    }
}

impl Rows {
    fn encode(&self, writer: &mut ColumnEncoder) -> Result<(), ParquetError> {
        let FieldRows { field, arrays, .. } = self.field.as_ref();
        if self.leaves == 1 {
            // Batch after batch: the levels are used while they are in the cache.
            return arrays.iter().try_for_each(|array| writer.write_column(field, array));
        }
        match self.field.leaves() {
            Ok(batches) => batches.iter().try_for_each(|leaves| match leaves.get(self.leaf) {
                Some(leaf) => writer.write_leaf(leaf),
                None => Err(ParquetError::General("a leaf column is missing".to_owned())),
            }),
            Err(error) => Err(ParquetError::General(error.to_string())),
        }
    }
}

impl FieldRows {
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
