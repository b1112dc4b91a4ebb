//! Several Parquet files as one sequence of record batches.

use super::column_work::Decoded;
use super::common_schema::{Column, common_schema};
use super::encoded::encodings;
use super::options::{ScanFile, ScanOptions};
use super::plan::ScanPlan;
use super::scan_files::Files;
use super::schema_adapter::ScanSchema;
use super::source::Origin;
use super::workers::Workers;
use crate::batch::limit::Limit;
use crate::error::{Error, Result};
use crate::expression::{Condition, Predicate};
use crate::schema::{MergedZones, Projection, batch_of};
use crate::threads::in_order::InOrder;
use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::SchemaRef;
use std::collections::VecDeque;
use std::sync::Arc;

/// A sequence of record batches from Parquet files.
pub struct Scan {
    schema: SchemaRef,
    files: Arc<Files>,
    plan: ScanPlan,
    workers: Option<Workers>,
    /// Which of the rows that match the predicate are output.
    limit: Option<Limit>,
    /// For each output column its index among the kept columns.
    order: Vec<usize>,
    total_rows: Option<u64>,
    zones: MergedZones,
}

impl Scan {
    /// Checks everything that can be checked with the footers that must be read first: one, or all
    /// if columns are matched by name or encodings must be chosen.
    ///
    /// # Errors
    /// A file that cannot be opened, files with different schemas, an unknown column, an invalid
    /// expression, a missing row group, batches of 0 rows.
    pub fn try_new(files: Vec<ScanFile>, options: ScanOptions) -> Result<Self> {
        if options.batch_rows == Some(0) {
            return Err(Error::usage("batches of 0 rows would never end; give at least 1"));
        }
        let condition = options.predicate.as_deref().map(Condition::parse).transpose()?;
        let files = Arc::new(Files::try_new(files, &options, condition.as_ref())?);
        let known = common_schema(&files)?;
        let projection = Projection::try_new(&known.schema, options.columns.as_deref())?;
        let bind = |condition| Predicate::of_condition(condition, &known.schema);
        let predicate = condition.as_ref().map(bind).transpose()?.map(Arc::new);
        let asked = predicate.iter().flat_map(|predicate| predicate.columns());
        let mut read = projection.kept().keys().chain(asked);
        if let Some(error) = read.find_map(|column| known.unreadable.get(column)) {
            return Err(error.clone());
        }
        let is_constant = |column: usize| matches!(known.columns[column], Column::Constant(_));
        let (dictionary, runs) = (&options.dictionary, &options.runs);
        let (schema, output_encodings) =
            encodings(&projection, dictionary, runs, &known.counts, is_constant)?;
        let limit = Limit::new(options.skip, options.limit);
        let after = predicate.as_ref().map(|_| limit);
        let wanted = after.as_ref().and_then(Limit::needed);
        let threads = &options.threads;
        let count = schema.fields().len();
        let (begin, left) = (known.begin, files.len() - known.begin);
        let order = projection.order().map_or_else(|| (0..count).collect(), <[usize]>::to_vec);
        let dataset = ScanSchema {
            files: Arc::clone(&files),
            own: known.own,
            schema: known.schema,
            columns: known.columns,
            projection,
            output_encodings,
            predicate: predicate.clone(),
        };
        let plan = ScanPlan {
            sources: InOrder::new(left, threads, move |number| dataset.source(begin + number)),
            predicate: predicate.clone(),
            batch_rows: options.batch_rows,
            threads: threads.count(),
            limit,
            current: None,
            rest: VecDeque::new(),
        };
        Ok(Self {
            schema,
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

    /// The notes on ignored parts of files opened since the last call.
    pub fn take_notes(&self) -> Vec<String> {
        self.files.take_notes()
    }

    /// The total number of output rows, if it is known without reading: without a predicate, for
    /// one file or if all footers were read.
    pub fn total_rows(&self) -> Option<u64> {
        self.total_rows
    }

    /// The columns whose time zones differ between files.
    pub fn merged_zones(&self) -> &MergedZones {
        &self.zones
    }

    /// The next batch; `None` at the end. No batch is empty.
    ///
    /// # Errors
    /// A file that cannot be opened or has a different schema, damaged data, or an error of the
    /// expression. The message names the file and row group. The first error in the order of rows
    /// is reported, after the rows before it.
    pub fn next_batch(&mut self) -> Result<Option<RecordBatch>> {
        while !self.limit.is_some_and(|limit| limit.is_done()) {
            let plan = &mut self.plan;
            let Some(workers) = &mut self.workers else { return Ok(None) };
            let next = workers.next(|effort| plan.next_range(effort));
            if next.is_err() {
                // Nothing after an error is needed.
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
        // Nothing more is read after a limit: mapped and decoded data can be released.
        self.workers = None;
        Ok(None)
    }

    /// Builds a batch from the decoded columns and the constants.
    fn shape(&self, decoded: Decoded) -> Result<RecordBatch> {
        let Decoded { source, columns, rows } = decoded;
        let column = |place: &usize| -> Result<ArrayRef> {
            match &source.origins[*place] {
                Origin::Decoded(number) => Ok(columns[*number].clone()),
                Origin::Constant(constant) => constant.array(rows),
            }
        };
        let ordered = self.order.iter().map(column);
        batch_of(&self.schema, ordered.collect::<Result<_>>()?, rows).map_err(|error| {
            Error::failed(format!("{}: cannot make a batch: {error}", source.file.name()))
        })
    }
}

impl std::fmt::Debug for Scan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scan").field("schema", &self.schema).finish_non_exhaustive()
    }
}
