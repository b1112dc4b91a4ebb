//! One run of rows of one row group, decoded batch by batch.
//!
//! Every row group gets a reader of its own, because the reader evaluates a filter over all that it
//! was given before it hands out the first batch. Memory therefore depends on the size of a run,
//! not of the file; pages of the mapping that were read are given back as decoding goes on.

use arrow::array::RecordBatch;
use arrow::error::ArrowError;
use bytes::Bytes;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowPredicateFn, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder, RowFilter,
    RowSelection,
};
use parquet::errors::Result as ParquetResult;
use parquet::file::reader::{ChunkReader, Length};
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use super::cause::{arrow_cause, cause};
use super::file::{ParquetFile, rows};
use crate::error::{Error, Result, guard};
use crate::expression::Predicate;
use crate::io::MappedFile;

/// Rows of one row group of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Run {
    /// The file's place in the scan.
    pub(super) file: usize,
    pub(super) row_group: usize,
    /// Rows from the row group's first on.
    pub(super) rows: Range<usize>,
}

/// What to make of a run.
#[derive(Debug, Clone)]
pub(super) struct Decoding {
    pub(super) columns: ProjectionMask,
    pub(super) predicate: Option<Arc<Predicate>>,
    pub(super) batch_rows: usize,
    /// At most this many rows come out.
    pub(super) most_rows: Option<usize>,
}

/// A run that is being decoded.
pub(super) struct Decoder {
    reader: ParquetRecordBatchReader,
    file: ParquetFile,
    row_group: usize,
    /// The file and row group, for messages.
    what: String,
    /// Rows that have still to come.
    left: usize,
}

impl Decoder {
    /// Starts to decode a run; a predicate is evaluated over all of it now.
    ///
    /// # Errors
    /// Damaged data, an unsupported codec or encoding, or the predicate's own error.
    pub(super) fn start(file: &ParquetFile, run: &Run, decoding: &Decoding) -> Result<Self> {
        let what = format!("{}: row group {}", file.name(), run.row_group);
        let outcome = Outcome::default();
        let builder = builder(file, run, decoding, &outcome);
        let reader = guard(&what, || {
            builder.build().map_err(|error| match outcome.failure() {
                Some(own) => own.with(&what),
                None => failure(file, run.row_group, &cause(&error)).with(&what),
            })
        })?;
        let left = if decoding.predicate.is_some() {
            check_rows(&what, outcome.evaluated.load(Ordering::Relaxed), run.rows.len())?;
            outcome.matched.load(Ordering::Relaxed)
        } else {
            run.rows.len()
        };
        let left = decoding.most_rows.map_or(left, |most| left.min(most));
        Ok(Self { reader, file: file.clone(), row_group: run.row_group, what, left })
    }

    /// The next batch, of `batch_rows` rows unless it is the last.
    ///
    /// # Errors
    /// Damaged data.
    pub(super) fn next_batch(&mut self) -> Result<Option<RecordBatch>> {
        guard(&self.what, || {
            let batch = self.reader.next().transpose();
            let batch = batch.map_err(|error| {
                failure(&self.file, self.row_group, &arrow_cause(&error)).with(&self.what)
            })?;
            let Some(batch) = batch else {
                return check_rows(&self.what, 0, self.left).map(|()| None);
            };
            self.left = self.left.saturating_sub(batch.num_rows());
            Ok(Some(batch))
        })
    }
}

fn failure(file: &ParquetFile, row_group: usize, cause: &str) -> Error {
    Error::failed(match file.column_without_page_header(row_group) {
        None => cause.to_owned(),
        Some(column) => format!(
            "column \"{}\" is encrypted or damaged: it does not begin with a page header",
            crate::text::escaped(&column)
        ),
    })
}

/// A column that ends early ends the reader without an error; rows must not get lost that way.
fn check_rows(what: &str, decoded: usize, expected: usize) -> Result<()> {
    if decoded < expected {
        let missing = expected - decoded;
        return Err(Error::failed(format!("{what}: the last {missing} rows are missing")));
    }
    Ok(())
}

fn builder(
    file: &ParquetFile,
    run: &Run,
    decoding: &Decoding,
    outcome: &Outcome,
) -> ParquetRecordBatchReaderBuilder<Pages> {
    let row_group = file.parquet().row_group(run.row_group);
    let pages = Pages::new(file.mapping().clone());
    let metadata = file.metadata().clone();
    let mut builder = ParquetRecordBatchReaderBuilder::new_with_metadata(pages, metadata)
        .with_row_groups(vec![run.row_group])
        .with_projection(decoding.columns.clone())
        .with_batch_size(decoding.batch_rows);
    let all = rows(row_group) as usize;
    if run.rows != (0..all) {
        let selected = std::iter::once(run.rows.clone());
        builder = builder.with_row_selection(RowSelection::from_consecutive_ranges(selected, all));
    }
    if let Some(predicate) = &decoding.predicate {
        builder =
            builder.with_row_filter(row_filter(file, run, predicate.clone(), outcome.clone()));
    }
    match decoding.most_rows {
        Some(most) => builder.with_limit(most),
        None => builder,
    }
}

fn row_filter(
    file: &ParquetFile,
    run: &Run,
    predicate: Arc<Predicate>,
    outcome: Outcome,
) -> RowFilter {
    let schema = file.parquet().file_metadata().schema_descr();
    let mask = ProjectionMask::roots(schema, predicate.columns().iter().copied());
    let start = run.rows.start;
    let evaluate = move |batch: RecordBatch| {
        // Rows are numbered within the row group, which the message names.
        let first = (start + outcome.evaluated.load(Ordering::Relaxed)) as u64;
        let mask = predicate.evaluate_from(&batch, first).map_err(|error| outcome.fail(error))?;
        outcome.evaluated.fetch_add(mask.len(), Ordering::Relaxed);
        // Counts what is true: a null is neither.
        outcome.matched.fetch_add(mask.true_count(), Ordering::Relaxed);
        Ok(mask)
    };
    RowFilter::new(vec![Box::new(ArrowPredicateFn::new(mask, evaluate))])
}

/// What the predicate did, carried past the reader.
#[derive(Debug, Clone, Default)]
struct Outcome {
    evaluated: Arc<AtomicUsize>,
    matched: Arc<AtomicUsize>,
    /// The reader would keep only an error's text.
    failure: Arc<Mutex<Option<Error>>>,
}

impl Outcome {
    fn fail(&self, error: Error) -> ArrowError {
        let text = error.to_string();
        if let Ok(mut place) = self.failure.lock() {
            *place = Some(error);
        }
        ArrowError::ComputeError(text)
    }

    fn failure(&self) -> Option<Error> {
        self.failure.lock().ok()?.take()
    }
}

/// The mapping as the reader sees it. Pages are handed out in place; once enough were touched, all
/// are given back to the system. What is still in use is faulted in again from the page cache.
struct Pages {
    mapping: MappedFile,
    bytes: Bytes,
    touched_bytes: AtomicUsize,
}

/// Small against what a tool needs anyway, large against the cost of giving back: a system call,
/// and a fault for every page still in use.
const RELEASE_BYTES: usize = 2 << 20;

impl Pages {
    fn new(mapping: MappedFile) -> Self {
        Self { bytes: mapping.bytes(), mapping, touched_bytes: AtomicUsize::new(0) }
    }
}

/// A fault in a file mapping brings in the pages around it, too (Linux: `fault_around_bytes`).
const FAULT_BYTES: usize = 64 << 10;

impl Pages {
    fn touch(&self, bytes: usize) {
        let before = self.touched_bytes.fetch_add(bytes, Ordering::Relaxed);
        if RELEASE_BYTES <= before.saturating_add(bytes) {
            self.touched_bytes.store(0, Ordering::Relaxed);
            self.mapping.release(0..self.mapping.len());
        }
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        self.mapping.release(0..self.mapping.len());
    }
}

impl Length for Pages {
    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }
}

impl ChunkReader for Pages {
    type T = bytes::buf::Reader<Bytes>;

    fn get_read(&self, start: u64) -> ParquetResult<Self::T> {
        // Headers of pages are read this way; most of them only to pass over the page.
        self.touch(FAULT_BYTES);
        self.bytes.get_read(start)
    }

    fn get_bytes(&self, start: u64, length: usize) -> ParquetResult<Bytes> {
        self.touch(length);
        self.bytes.get_bytes(start, length)
    }
}
