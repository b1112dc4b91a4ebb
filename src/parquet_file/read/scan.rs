//! Several Parquet files as one sequence of record batches.

use super::afterwards::Afterwards;
use super::column_work::Decoded;
use super::options::{ScanFile, ScanOptions};
use super::plan::{Choosing, ScanPlan};
use super::scan_files::Files;
use super::scan_head::ScanHead;
use super::schema_adapter::ScanSchema;
use super::source::Origin;
use super::workers::Workers;
use crate::batch::limit::Limit;
use crate::error::{Error, Result};
use crate::explain::{Cause, Tally};
use crate::schema::batch_of;
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
    /// The work on each batch if everything is read.
    afterwards: Option<Afterwards>,
    total_rows: Option<u64>,
}

impl Scan {
    /// Opens the files and begins; see [`ScanHead::open`].
    ///
    /// # Errors
    /// Those of [`ScanHead::open`].
    pub fn try_new(files: Vec<ScanFile>, options: ScanOptions) -> Result<Self> {
        Ok(Self::begin(ScanHead::open(files, options)?))
    }

    /// Begins a scan.
    pub fn begin(head: ScanHead) -> Self {
        let ScanHead { schema, files, known, mut projection, mut predicate, mut output_encodings } =
            head;
        let options = &files.options;
        let total_rows = known.rows.filter(|_| predicate.is_none());
        let mut limit = Limit::new(options.skip, options.limit);
        let total_rows = total_rows.map(|rows| limit.passing(rows));
        let after = (predicate.is_some() || options.no_pushdown).then_some(limit);
        let mut afterwards = None;
        if options.no_pushdown {
            limit = Limit::new(0, None);
            afterwards = predicate.take().map(|predicate| {
                let (encodings, schema) = (&output_encodings, schema.clone());
                let (after, read, encodings) =
                    Afterwards::new(predicate, &projection, encodings, &known.schema, schema);
                (projection, output_encodings) = (read, encodings);
                after
            });
        }
        let wanted = after.as_ref().and_then(Limit::needed);
        let (threads, batch_rows) = (&options.threads, options.batch_rows);
        let count = projection.kept().len();
        (0..known.begin).for_each(|number| files.pass_over(number));
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
        let is_selective = predicate.is_some();
        let plan = ScanPlan {
            sources: InOrder::new(left, threads, move |number| dataset.source(begin + number)),
            is_selective,
            batch_rows,
            threads: threads.count(),
            limit,
            choosing: Choosing {
                files: Arc::clone(&files),
                next_file: begin,
                current: None,
                failed: None,
                passed: 0,
            },
            ahead: VecDeque::new(),
            rest: VecDeque::new(),
        };
        Self {
            schema,
            plan,
            workers: Some(Workers::new(threads, is_selective, wanted)),
            limit: after,
            order,
            afterwards,
            total_rows,
            files,
        }
    }

    /// The schema of the batches.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The notes on ignored parts of files opened since the last call.
    pub fn take_notes(&self) -> Vec<String> {
        self.files.take_notes()
    }

    /// The amounts that were read and pruned, if the options say that it is counted.
    pub fn tally(&self) -> Tally {
        let Some(ledger) = &self.files.ledger else { return Tally::default() };
        let mut tally = ledger.tally();
        let left = (self.files.len() as u64).saturating_sub(tally.total.files);
        tally.total.files += left;
        tally[Cause::Limit].files += left;
        tally
    }

    /// The total number of output rows, if it is known without reading: without a predicate, for
    /// one file or if all footers were read.
    pub fn total_rows(&self) -> Option<u64> {
        self.total_rows
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
        let Decoded { source, columns, rows, row_group, first_row } = decoded;
        let column = |place: &usize| -> Result<ArrayRef> {
            match &source.origins[*place] {
                Origin::Decoded(number) => Ok(columns[*number].clone()),
                Origin::Constant(constant) => constant.array(rows),
            }
        };
        let ordered: Vec<ArrayRef> = self.order.iter().map(column).collect::<Result<_>>()?;
        if let Some(afterwards) = &self.afterwards {
            let what = || format!("{}: row group {row_group}", source.file.name());
            let batch = afterwards.apply(&ordered, rows, first_row as u64);
            return batch.map_err(|error| error.with(what()));
        }
        batch_of(&self.schema, ordered, rows).map_err(|error| {
            Error::failed(format!("{}: cannot make a batch: {error}", source.file.name()))
        })
    }
}

impl std::fmt::Debug for Scan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scan").field("schema", &self.schema).finish_non_exhaustive()
    }
}
