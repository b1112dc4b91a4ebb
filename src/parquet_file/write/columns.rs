//! Encodes the columns of row groups in several threads.
//!
//! A column's rows must be encoded in order, so each leaf column has a queue, and a free thread
//! takes the next piece of the column with the most bytes left to encode. The thread that fills the
//! queues encodes a piece itself instead of waiting: with one thread there is no other. The pieces
//! that each column gets never depend on the number of threads. Cutting rows into row groups and
//! writing them is done elsewhere.

use super::column_chunk::ColumnChunk;
use super::encoders::Encoders;
use super::queues::{FieldRows, Job, Queues, Rows, Task};
use crate::error::{Error, Result, guard};
use crate::parquet_file::cause::cause;
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use parquet::schema::types::SchemaDescriptor;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};

/// The queues of all leaf columns, and the threads that work on them. When dropped, it lets the
/// threads finish their current pieces and discards the others.
pub(crate) struct Columns {
    shared: Arc<Shared>,
    schema: SchemaRef,
    /// The number of leaf columns of each column of the schema.
    leaves: Vec<usize>,
    threads: Vec<JoinHandle<()>>,
    /// The requested number of encoding threads, including the caller's.
    wanted_threads: usize,
    pieces: u64,
}

struct Shared {
    /// The name of the output in messages.
    name: String,
    encoders: Encoders,
    state: Mutex<State>,
    /// Threads wait for `added` work, the caller for work that is `done`.
    added: Condvar,
    done: Condvar,
}

struct State {
    queues: Queues,
    idle_threads: usize,
    caller_waits: bool,
    failure: Option<Error>,
    stopped: bool,
}

impl Columns {
    /// Queues for the leaf columns of a schema. `name` is the name of the output in messages.
    pub(crate) fn new(
        name: &str,
        schema: SchemaRef,
        parquet_schema: &SchemaDescriptor,
        encoders: Encoders,
        wanted_threads: usize,
    ) -> Self {
        let mut leaves = vec![0; schema.fields().len()];
        for leaf in 0..parquet_schema.num_columns() {
            leaves[parquet_schema.get_column_root_idx(leaf)] += 1;
        }
        let state = State {
            queues: Queues::new(parquet_schema.num_columns()),
            idle_threads: 0,
            caller_waits: false,
            failure: None,
            stopped: false,
        };
        let shared = Shared {
            name: name.to_owned(),
            encoders,
            state: Mutex::new(state),
            added: Condvar::new(),
            done: Condvar::new(),
        };
        let shared = Arc::new(shared);
        Self { shared, schema, leaves, threads: Vec::new(), wanted_threads, pieces: 0 }
    }

    /// Adds rows of `bytes` bytes to the current row group.
    pub(crate) fn add(&mut self, batches: &[RecordBatch], bytes: usize, ends_row_group: bool) {
        // A single piece needs no further threads.
        self.pieces += 1;
        if self.pieces == 2 {
            self.start_threads();
        }
        let mut state = self.shared.lock();
        let mut column = 0;
        let fields = self.schema.fields().iter().zip(&self.leaves);
        for (number, (field, leaves)) in fields.enumerate() {
            let leaves = *leaves;
            let arrays = batches.iter().map(|batch| batch.column(number).clone()).collect();
            let rows = Arc::new(FieldRows::new(field.clone(), arrays));
            for leaf in 0..leaves {
                let rows = Some(Rows { field: rows.clone(), leaf, leaves });
                state.queues.push(column, Task { rows, piece_bytes: bytes, ends_row_group });
                column += 1;
            }
        }
        self.shared.wake_threads(&state);
    }

    /// Ends the current row group.
    pub(crate) fn end_row_group(&mut self) {
        let mut state = self.shared.lock();
        for column in 0..state.queues.len() {
            let end = Task { rows: None, piece_bytes: 0, ends_row_group: true };
            state.queues.push(column, end);
        }
        self.shared.wake_threads(&state);
    }

    /// The number of bytes of rows that are not yet encoded in all columns.
    pub(crate) fn bytes_under_way(&self) -> usize {
        self.shared.lock().queues.bytes_under_way()
    }

    /// The approximate stored size of the current row group, when no piece is being encoded.
    pub(crate) fn stored_bytes(&self) -> usize {
        self.shared.lock().queues.stored_bytes()
    }

    /// The next row group, once all its columns are encoded.
    pub(crate) fn take_row_group(&self) -> Option<Vec<ColumnChunk>> {
        self.shared.lock().queues.take_row_group()
    }

    /// Encodes a piece, or waits until another thread has encoded one; false if nothing is left to
    /// do.
    ///
    /// # Errors
    /// A value that Parquet cannot hold, in any thread.
    pub(crate) fn help(&self) -> Result<bool> {
        let mut state = self.shared.lock();
        if let Some(failure) = &state.failure {
            return Err(failure.clone());
        }
        if let Some(job) = state.take() {
            drop(state);
            drop(self.shared.perform(job));
            return Ok(true);
        }
        if !state.queues.are_at_work() {
            return Ok(false);
        }
        state.caller_waits = true;
        let mut state = self.shared.done.wait(state).unwrap_or_else(PoisonError::into_inner);
        state.caller_waits = false;
        Ok(true)
    }

    /// Stops the threads until there is work for them again.
    pub(crate) fn rest(&mut self) {
        self.stop_threads();
        self.shared.lock().stopped = false;
        self.pieces = 0;
    }

    fn stop_threads(&mut self) {
        self.shared.lock().stopped = true;
        self.shared.added.notify_all();
        for thread in self.threads.drain(..) {
            // A panic is caught in the thread itself.
            let _ = thread.join();
        }
    }

    /// Starts the threads. If one cannot be started, the others and the caller do its work.
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
    /// Locks the queues. Nothing panics while they are locked, so they are consistent.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wake_threads(&self, state: &State) {
        match state.idle_threads {
            0 => {}
            1 => self.added.notify_one(),
            _ => self.added.notify_all(),
        }
    }

    /// Encodes pieces in a thread until it is stopped.
    fn work(&self) {
        let mut state = self.lock();
        while !state.stopped {
            if let Some(job) = state.take() {
                drop(state);
                state = self.perform(job);
            } else {
                state.idle_threads += 1;
                state = self.added.wait(state).unwrap_or_else(PoisonError::into_inner);
                state.idle_threads -= 1;
            }
        }
    }

    fn perform(&self, job: Job) -> MutexGuard<'_, State> {
        let (number, piece_bytes) = (job.column, job.task.piece_bytes);
        let result = guard(&self.name, || {
            job.run(&self.encoders).map_err(|error| {
                Error::failed(format!("cannot write {}: {}", self.name, cause(&error)))
            })
        });
        let mut state = self.lock();
        match result {
            Ok(outcome) => state.queues.put_back(number, piece_bytes, outcome),
            Err(error) => {
                state.failure.get_or_insert(error);
                state.queues.give_up(number);
            }
        }
        if state.caller_waits {
            self.done.notify_one();
        }
        state
    }
}

impl State {
    /// The next job, unless a job has failed.
    fn take(&mut self) -> Option<Job> {
        if self.failure.is_some() { None } else { self.queues.take() }
    }
}
