//! Several Parquet files as one sequence of record batches.

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow::datatypes::{FieldRef, SchemaRef};
use std::collections::VecDeque;
use std::num::NonZero;
use std::sync::Arc;

use super::adapt::{Dataset, Origin};
use super::ahead::Decoded;
use super::coded::{EncodedColumns, encodings};
use super::columns::ReadOptions;
use super::encryption::KeyFile;
use super::files::{Files, ScanFile};
use super::in_order::InOrder;
use super::plan::Plan;
use super::survey::{Column, survey};
use super::workers::Workers;
use crate::batch::limit::Limit;
use crate::endpoint::NumberList;
use crate::error::{Error, Result};
use crate::expression::Predicate;
use crate::schema::{MergeSchema, MergedZones, Projection};

/// What to read of the files.
#[derive(Debug, Clone, Default)]
pub struct ScanOptions {
    /// The columns, in the order they come out; `a.b` gives the struct `a` holding only `b`. All
    /// without it.
    pub columns: Option<Vec<String>>,
    /// An SQL expression: only rows for which it is true. It may use columns that do not come out.
    pub predicate: Option<String>,
    /// Of each file the row groups, in the order they are read. All without it.
    pub row_groups: Option<NumberList>,
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
    /// Which schemas are read as one.
    pub merge_schema: MergeSchema,
    /// Columns of one name are numbered, `x` and `x_2`, as if the files had them so.
    pub unique_names: bool,
    /// Columns that hold one value in all rows of a file. They come after the columns of the files, or
    /// in the place of the one of the same name.
    pub key_fields: Vec<FieldRef>,
    /// Their values, a row for each file.
    pub key_columns: Vec<ArrayRef>,
    /// How columns of the files are read.
    pub read: ReadOptions,
    /// The keys of encrypted files.
    pub decryption_keys: Option<Arc<KeyFile>>,
    /// The name of a column, the last one, that holds the name of the file.
    pub filename: Option<String>,
}

/// A sequence of record batches from Parquet files.
pub struct Scan {
    schema: SchemaRef,
    files: Arc<Files>,
    plan: Plan,
    workers: Option<Workers>,
    /// Which of the rows that the predicate let pass come out.
    limit: Option<Limit>,
    /// For each column that comes out its place among those that are kept.
    order: Vec<usize>,
    total_rows: Option<u64>,
    zones: MergedZones,
}

impl Scan {
    /// Checks everything that can be checked with the footers that have to be read first: one, or
    /// all where columns are met by name, or dictionaries or runs are to be chosen.
    ///
    /// # Errors
    /// A file that cannot be opened, files of different schemas, a column no file has, an expression
    /// that makes no sense, a row group a file does not have, batches of no rows.
    pub fn try_new(files: Vec<ScanFile>, options: ScanOptions) -> Result<Self> {
        if options.batch_rows == Some(0) {
            return Err(Error::usage("batches of 0 rows would never end; give at least 1"));
        }
        let files = Arc::new(Files::try_new(files, &options)?);
        let known = survey(&files, &options)?;
        let projection = Projection::try_new(&known.schema, options.columns.as_deref())?;
        let predicate = match &options.predicate {
            Some(text) => Some(Arc::new(Predicate::bind(text, &known.schema)?)),
            None => None,
        };
        let asked = predicate.iter().flat_map(|predicate| predicate.columns());
        let mut read = projection.kept().keys().chain(asked);
        if let Some(error) = read.find_map(|column| known.unreadable.get(column)) {
            return Err(error.clone());
        }
        let is_constant = |column: usize| matches!(known.columns[column], Column::Constant(_));
        let (dictionary, runs) = (&options.dictionary, &options.runs);
        let encodings = encodings(&projection, dictionary, runs, &known.counts, is_constant)?;
        let limit = Limit::new(options.skip, options.limit);
        let after = predicate.as_ref().map(|_| limit);
        let wanted = after.as_ref().and_then(Limit::needed);
        let threads = options.threads.map_or(1, NonZero::get);
        let count = encodings.schema.fields().len();
        let (begin, left) = (known.begin, files.len() - known.begin);
        let order = projection.order().map_or_else(|| (0..count).collect(), <[usize]>::to_vec);
        let dataset = Dataset {
            files: Arc::clone(&files),
            merge: options.merge_schema,
            own: known.own,
            schema: known.schema,
            columns: known.columns,
            projection,
            shapes: encodings.shapes,
            predicate: predicate.clone(),
        };
        let plan = Plan {
            sources: InOrder::new(left, threads, move |number| dataset.source(begin + number)),
            predicate: predicate.clone(),
            batch_rows: options.batch_rows,
            threads,
            limit,
            current: None,
            rest: VecDeque::new(),
        };
        Ok(Self {
            schema: encodings.schema,
            files,
            plan,
            workers: Some(Workers::new(threads, predicate.clone(), wanted)),
            limit: after,
            order,
            zones: known.zones,
            total_rows: known.rows.filter(|_| predicate.is_none()).map(|rows| limit.passing(rows)),
        })
    }

    /// The schema of the batches.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// What was ignored in files that were opened since this was asked last.
    pub fn take_notes(&self) -> Vec<String> {
        self.files.take_notes()
    }

    /// How many rows come out altogether, if that is known without reading: without a predicate,
    /// of one file or where all footers were read.
    pub fn total_rows(&self) -> Option<u64> {
        self.total_rows
    }

    /// The columns whose time zones differ between files.
    pub fn merged_zones(&self) -> &MergedZones {
        &self.zones
    }

    /// The next batch, or none at the end. No batch is empty.
    ///
    /// # Errors
    /// A file that cannot be opened or has another schema, damaged data, or an error of the
    /// expression, with the file and row group: the first in the order of rows, after the rows
    /// before it.
    pub fn next_batch(&mut self) -> Result<Option<RecordBatch>> {
        while !self.limit.is_some_and(|limit| limit.is_done()) {
            let plan = &mut self.plan;
            let Some(workers) = &mut self.workers else { return Ok(None) };
            let next = workers.next(|effort| plan.next_run(effort));
            if next.is_err() {
                // What comes after an error is nobody's business.
                self.workers = None;
            }
            let Some(decoded) = next? else { break };
            let mut batch = self.shape(decoded)?;
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

    /// Makes a batch of the columns that were decoded, and of constants.
    fn shape(&self, decoded: Decoded) -> Result<RecordBatch> {
        let Decoded { source, columns, rows } = decoded;
        let column = |place: &usize| -> Result<ArrayRef> {
            match &source.origins[*place] {
                Origin::Decoded(number) => Ok(columns[*number].clone()),
                Origin::Constant(constant) => constant.array(rows),
            }
        };
        let ordered = self.order.iter().map(column);
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let ordered = ordered.collect::<Result<Vec<_>>>()?;
        RecordBatch::try_new_with_options(self.schema.clone(), ordered, &options).map_err(|error| {
            Error::failed(format!("{}: cannot make a batch: {error}", source.file.name()))
        })
    }
}

impl std::fmt::Debug for Scan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scan").field("schema", &self.schema).finish_non_exhaustive()
    }
}
