//! Some columns of a run of rows of one row group, decoded batch by batch.
//!
//! Every run gets readers of its own, so that runs and columns are independent of one another and
//! memory depends on the size of a run, not of the file.

use arrow::array::RecordBatch;
use arrow::datatypes::DataType;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder, RowSelection,
};
use std::ops::Range;
use std::sync::Arc;

use super::adapt::{Asked, Origin};
use super::cause::{arrow_cause, cause};
use super::coded::{Shape, claims_too_much};
use super::file::{ParquetFile, rows};
use super::pages::Pages;
use crate::error::{Error, Result, guard};

/// A file that is being read, and what of it.
pub(super) struct Source {
    pub(super) file: ParquetFile,
    pub(super) pages: Pages,
    /// Whether its bytes were not counted before, as those that came through a pipe were.
    pub(super) is_unread: bool,
    /// The row groups that are read, in order.
    pub(super) row_groups: Vec<usize>,
    /// For each column that comes out, in the order of the schema of all files.
    pub(super) origins: Vec<Origin>,
    /// The leaves of each column that is decoded.
    pub(super) columns: Vec<ProjectionMask>,
    /// For each of them the shape in which it comes out.
    pub(super) shapes: Vec<Shape>,
    /// For each of them the plain type that it comes out as.
    pub(super) types: Vec<DataType>,
    /// About what constant columns take of a row.
    pub(super) constant_row_bytes: usize,
    /// The leaves that a predicate asks for.
    pub(super) asked: ProjectionMask,
    /// Its columns; none where all rows pass.
    pub(super) asked_columns: Option<Vec<Asked>>,
    /// All leaves that are decoded, whether they come out or not.
    pub(super) read: Vec<usize>,
}

impl Source {
    /// The bytes of a row group, and its share of the others, count as read or passed over.
    pub(super) fn pass(&self, row_group: usize) {
        if self.is_unread {
            let rows_here = rows(self.file.parquet().row_group(row_group)) as f64;
            let share = rows_here / (self.file.rows().max(1) as f64);
            self.file.mapping().pass((share * self.file.mapping().len() as f64) as usize);
        }
    }
}

/// Rows of one row group.
#[derive(Clone)]
pub(super) struct Run {
    pub(super) source: Arc<Source>,
    pub(super) row_group: usize,
    /// Rows from the row group's first on.
    pub(super) rows: Range<usize>,
    pub(super) batch_rows: usize,
    /// About how large a batch is.
    pub(super) batch_bytes: usize,
}

impl Run {
    /// The file and row group, for messages.
    pub(super) fn what(&self) -> String {
        format!("{}: row group {}", self.source.file.name(), self.row_group)
    }
}

/// Which rows of a run come out.
#[derive(Clone)]
pub(super) enum Selected {
    /// All of them.
    All,
    /// Those that a predicate let pass, as a mask from the row group's first row on, and how many
    /// they are.
    Some(RowSelection, usize),
}

/// Columns that are being decoded.
pub(super) struct Decoder {
    reader: ParquetRecordBatchReader,
    run: Run,
    /// Rows that have still to come.
    left: usize,
}

impl Decoder {
    /// Starts to decode the first `count` of the selected rows.
    ///
    /// # Errors
    /// Damaged data, an unsupported codec or encoding.
    pub(super) fn start(
        run: &Run,
        columns: ProjectionMask,
        selected: &Selected,
        count: usize,
    ) -> Result<Self> {
        let file = &run.source.file;
        check_dictionaries(run, &columns)?;
        let (pages, metadata) = (run.source.pages.clone(), file.metadata().clone());
        let mut builder = ParquetRecordBatchReaderBuilder::new_with_metadata(pages, metadata)
            .with_row_groups(vec![run.row_group])
            .with_projection(columns)
            .with_batch_size(run.batch_rows);
        let all = rows(file.parquet().row_group(run.row_group)) as usize;
        match selected {
            Selected::All if run.rows.start == 0 && count == all => {}
            Selected::All => {
                let ranges = std::iter::once(run.rows.start..run.rows.start + count);
                let selection = RowSelection::from_consecutive_ranges(ranges, all);
                builder = builder.with_row_selection(selection);
            }
            Selected::Some(rows, matched) => {
                builder = builder.with_row_selection(rows.clone());
                if count < *matched {
                    builder = builder.with_limit(count);
                }
            }
        }
        let what = run.what();
        let reader = guard(&what, || {
            builder.build().map_err(|error| failure(run, &cause(&error)).with(&what))
        })?;
        Ok(Self { reader, run: run.clone(), left: count })
    }

    /// The next rows: as many as a batch has, fewer only at the end.
    ///
    /// # Errors
    /// Damaged data; a column that ends early.
    pub(super) fn next(&mut self) -> Result<RecordBatch> {
        let what = self.run.what();
        guard(&what, || {
            let batch = self.reader.next().transpose();
            let batch =
                batch.map_err(|error| failure(&self.run, &arrow_cause(&error)).with(&what))?;
            let decoded = batch.as_ref().map_or(0, RecordBatch::num_rows);
            let expected = self.left.min(self.run.batch_rows);
            self.left = self.left.saturating_sub(decoded);
            match batch {
                Some(batch) if decoded == expected => Ok(batch),
                // A column that ends early ends the reader without an error; rows must not get lost
                // that way.
                _ => Err(Error::failed(format!("{what}: a column ends before its last row"))),
            }
        })
    }

    /// What is being decoded.
    pub(super) fn run(&self) -> &Run {
        &self.run
    }

    /// How many rows have still to come.
    pub(super) fn left(&self) -> usize {
        self.left
    }
}

/// Refuses dictionaries that would be given memory for more values than they can hold.
fn check_dictionaries(run: &Run, columns: &ProjectionMask) -> Result<()> {
    let file = &run.source.file;
    let (bytes, chunks) = (file.mapping().bytes(), file.parquet().row_group(run.row_group));
    let mut chunks = chunks.columns().iter().enumerate();
    let damaged =
        chunks.find(|(leaf, chunk)| columns.leaf_included(*leaf) && claims_too_much(&bytes, chunk));
    damaged.map_or(Ok(()), |(_, chunk)| {
        let column = crate::text::escaped(&chunk.column_path().string());
        let what = run.what();
        Err(Error::failed(format!(
            "{what}: column \"{column}\": damaged dictionary: it is too short for its values"
        )))
    })
}

pub(super) fn failure(run: &Run, cause: &str) -> Error {
    Error::failed(match run.source.file.column_without_page_header(run.row_group) {
        None => cause.to_owned(),
        Some(column) => format!(
            "column \"{}\" is encrypted or damaged: it does not begin with a page header",
            crate::text::escaped(&column)
        ),
    })
}
