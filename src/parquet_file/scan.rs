//! Several Parquet files of equal schema as one sequence of record batches.

use arrow::array::{Array, ArrayRef, RecordBatch, RecordBatchOptions};
use arrow::datatypes::{Field, Schema, SchemaRef};
use std::collections::VecDeque;
use std::num::NonZero;
use std::sync::Arc;

use super::coded::{EncodedColumns, encodings};
use super::file::ParquetFile;
use super::plan::Plan;
use super::workers::Workers;
use crate::batch::limit::Limit;
use crate::error::{Error, Result};
use crate::expression::Predicate;
use crate::schema::{Projection, conform, unite};

/// What to read of the files.
#[derive(Debug, Clone, Default)]
pub struct ScanOptions {
    /// The columns, in the order they come out; `a.b` gives the struct `a` holding only `b`. All
    /// without it.
    pub columns: Option<Vec<String>>,
    /// An SQL expression: only rows for which it is true. It may use columns that do not come out.
    pub predicate: Option<String>,
    /// For each file the row groups, in the order they are read. All without it.
    pub row_groups: Option<Vec<Vec<usize>>>,
    /// Rows of a batch. Without it as many as make about 2 MiB, at most 65,536.
    pub batch_rows: Option<usize>,
    /// Rows to leave out at the start, counted after the predicate.
    pub skip: u64,
    /// At most this many rows come out.
    pub limit: Option<u64>,
    /// Columns that come out as dictionaries, marked as such.
    pub dictionary: EncodedColumns,
    /// Columns that come out as runs, marked as such.
    pub runs: EncodedColumns,
    /// How many threads decode; one without it. What comes out is the same with any number.
    pub threads: Option<NonZero<usize>>,
}

/// A sequence of record batches from Parquet files.
pub struct Scan {
    schema: SchemaRef,
    plan: Plan,
    workers: Option<Workers>,
    /// Which of the rows that the predicate let pass come out.
    limit: Option<Limit>,
    has_begun: bool,
}

impl Scan {
    /// Checks everything that can be checked before data is read.
    ///
    /// # Errors
    /// Files of different schemas, a column no file has, an expression that makes no sense, a row
    /// group a file does not have, batches of no rows.
    pub fn try_new(files: Vec<ParquetFile>, options: ScanOptions) -> Result<Self> {
        if options.batch_rows == Some(0) {
            return Err(Error::usage("batches of 0 rows would never end; give at least 1"));
        }
        let Some((first, others)) = files.split_first() else {
            return Err(Error::usage("no Parquet file is given"));
        };
        let mut schema = first.schema().as_ref().clone();
        for other in others {
            schema = unite(&schema, other.schema()).map_err(|e| e.with(other.name()))?;
        }
        let projection = Projection::try_new(&schema, options.columns.as_deref())?;
        let predicate = match &options.predicate {
            Some(text) => Some(Arc::new(Predicate::bind(text, &schema)?)),
            None => None,
        };
        let encodings = encodings(&files, &projection, &options.dictionary, &options.runs)?;
        let limit = Limit::new(options.skip, options.limit);
        let after = predicate.as_ref().map(|_| limit);
        let wanted = after.as_ref().and_then(Limit::needed);
        let threads = options.threads.map_or(1, NonZero::get);
        let workers = Workers::new(threads, predicate.clone(), wanted);
        let plan = Plan {
            chosen: choose(&files, options.row_groups)?,
            files,
            shapes: encodings.shapes,
            projection,
            predicate,
            batch_rows: options.batch_rows,
            threads,
            limit,
            next: (0, 0),
            source: None,
            rest: VecDeque::new(),
        };
        Ok(Self {
            schema: encodings.schema,
            plan,
            workers: Some(workers),
            limit: after,
            has_begun: false,
        })
    }

    /// The schema of the batches.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// How many rows come out altogether, if that is known without reading: without a predicate,
    /// and before the first batch.
    pub fn total_rows(&self) -> Option<u64> {
        if self.has_begun { None } else { self.plan.total_rows() }
    }

    /// The next batch, or none at the end. No batch is empty.
    ///
    /// # Errors
    /// Damaged data, or an error of the expression, with the file and row group: the first in the
    /// order of rows, after the rows before it.
    pub fn next_batch(&mut self) -> Result<Option<RecordBatch>> {
        self.has_begun = true;
        while !self.limit.is_some_and(|limit| limit.is_done()) {
            let plan = &mut self.plan;
            let Some(workers) = &mut self.workers else { return Ok(None) };
            let next = workers.next(|| plan.next_run());
            if next.is_err() {
                // What comes after an error is nobody's business.
                self.workers = None;
            }
            let Some((columns, rows)) = next? else { break };
            let mut batch = self.shape(columns, rows)?;
            if let Some(limit) = &mut self.limit {
                batch = limit.apply(batch);
            }
            if batch.num_rows() > 0 {
                return Ok(Some(batch));
            }
        }
        // Nothing more is read after a limit: what is mapped and decoded can go.
        self.workers = None;
        Ok(None)
    }

    /// Makes a batch of columns in the order of the file.
    fn shape(&self, columns: Vec<ArrayRef>, rows: usize) -> Result<RecordBatch> {
        let ordered = match self.plan.projection.order() {
            None => columns,
            Some(order) => order.iter().filter_map(|place| columns.get(*place)).cloned().collect(),
        };
        let schema = self.schema();
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let agrees = |(column, field): (&ArrayRef, &Arc<Field>)| {
            column.data_type() == field.data_type()
                && (field.is_nullable() || !column.is_nullable())
        };
        let is_as_declared = ordered.iter().zip(schema.fields()).all(agrees);
        let declared = match is_as_declared {
            true => schema.clone(),
            // Names of inner fields may differ from file to file.
            false => {
                let own = |(column, field): (&ArrayRef, &Arc<Field>)| {
                    Field::new(field.name(), column.data_type().clone(), true)
                };
                let fields: Vec<Field> = ordered.iter().zip(schema.fields()).map(own).collect();
                Arc::new(Schema::new(fields))
            }
        };
        RecordBatch::try_new_with_options(declared, ordered, &options)
            .map_err(|error| Error::failed(format!("cannot make a batch: {error}")))
            .and_then(|batch| conform(&batch, schema))
    }
}

fn choose(files: &[ParquetFile], asked: Option<Vec<Vec<usize>>>) -> Result<Vec<Vec<usize>>> {
    let Some(asked) = asked else {
        return Ok(files.iter().map(|file| (0..file.row_groups()).collect()).collect());
    };
    if asked.len() != files.len() {
        return Err(Error::usage("the row groups of some files are not given"));
    }
    for (file, list) in files.iter().zip(&asked) {
        if let Some(wrong) = list.iter().find(|number| file.row_groups() <= **number) {
            return Err(Error::failed(format!("{}: no row group {wrong}", file.name())));
        }
    }
    Ok(asked)
}

impl std::fmt::Debug for Scan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scan").field("files", &self.plan.files.len()).finish_non_exhaustive()
    }
}
