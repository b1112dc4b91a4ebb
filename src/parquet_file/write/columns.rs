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
use crate::error::Result;
use crate::threads::Threads;
use crate::threads::crew::{Crew, Queue};
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use parquet::schema::types::SchemaDescriptor;
use std::sync::Arc;

/// The queues of all leaf columns, and the threads that work on them.
pub(crate) struct ColumnCrew {
    crew: Crew<Queues>,
    schema: SchemaRef,
    /// The number of leaf columns of each column of the schema.
    leaves: Vec<usize>,
    pieces: u64,
}

impl ColumnCrew {
    /// Queues for the leaf columns of a schema. `name` is the name of the output in messages.
    pub(crate) fn new(
        name: &str,
        schema: SchemaRef,
        parquet_schema: &SchemaDescriptor,
        encoders: Encoders,
        threads: &Threads,
    ) -> Self {
        let mut leaves = vec![0; schema.fields().len()];
        for leaf in 0..parquet_schema.num_columns() {
            leaves[parquet_schema.get_column_root_idx(leaf)] += 1;
        }
        let (name, queues) = (name.to_owned(), Queues::new(parquet_schema.num_columns()));
        let encode = move |job: Job, _: &_| (job.column, job.run(&name, &encoders));
        let crew = Crew::new("encode", threads, usize::MAX, queues, encode);
        Self { crew, schema, leaves, pieces: 0 }
    }

    /// Adds rows of `bytes` bytes to the current row group.
    pub(crate) fn add(&mut self, batches: &[RecordBatch], bytes: usize, ends_row_group: bool) {
        let mut queues = self.crew.lock();
        let mut column = 0;
        let fields = self.schema.fields().iter().zip(self.leaves.iter().copied());
        for (number, (field, leaves)) in fields.enumerate() {
            let arrays = batches.iter().map(|batch| batch.column(number).clone()).collect();
            let rows = Arc::new(FieldRows::new(field.clone(), arrays));
            for leaf in 0..leaves {
                let rows = Some(Rows { field: rows.clone(), leaf, leaves });
                queues.push(column, Task { rows, piece_bytes: bytes, ends_row_group });
                column += 1;
            }
        }
        self.crew.unlock(queues);
        // A single piece needs no further threads.
        self.pieces += 1;
        if self.pieces > 1 {
            while self.crew.grow() {}
        }
    }

    /// Ends the current row group.
    pub(crate) fn end_row_group(&mut self) {
        let mut queues = self.crew.lock();
        for column in 0..queues.len() {
            queues.push(column, Task { rows: None, piece_bytes: 0, ends_row_group: true });
        }
        self.crew.unlock(queues);
    }

    /// The number of bytes of rows that are not yet encoded in all columns.
    pub(crate) fn bytes_under_way(&self) -> usize {
        self.crew.lock().bytes_under_way()
    }

    /// The approximate stored size of the current row group, when no piece is being encoded.
    pub(crate) fn stored_bytes(&self) -> usize {
        self.crew.lock().stored_bytes()
    }

    /// The next row group, once all its columns are encoded.
    pub(crate) fn take_row_group(&self) -> Option<Vec<ColumnChunk>> {
        self.crew.lock().take_row_group()
    }

    /// Encodes a piece, or waits until another thread has encoded one; false if nothing is left to
    /// do.
    ///
    /// # Errors
    /// A value that Parquet cannot hold, in any thread.
    pub(crate) fn help(&self) -> Result<bool> {
        let queues = self.crew.lock();
        if let Some(failure) = &queues.failure {
            return Err(failure.clone());
        }
        let is_left = queues.has_job() || queues.are_at_work();
        if is_left {
            drop(self.crew.help(queues));
        }
        Ok(is_left)
    }

    /// Ends the threads until there is work for them again.
    pub(crate) fn rest(&mut self) {
        self.crew.rest();
        self.pieces = 0;
    }
}
