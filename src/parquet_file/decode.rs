//! Decoding some columns of a row range of one row group, batch by batch.
//!
//! Every row range has its own readers, so that row ranges and columns are independent of one
//! another and memory depends on the size of a row range, not of the file.

use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::{DataType, FieldRef, Schema};
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, RowGroups, RowSelection};
use parquet::column::page::PageIterator;
use parquet::errors::Result as ParquetResult;
use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::adapt::{Asked, Origin};
use super::cause::{arrow_cause, cause};
use super::chunk::{ChunkPages, OneChunk};
use super::coded::{Shape, claims_too_much};
use super::columns::{Checks, ColumnReader, check_keys, converted};
use super::file::{ParquetFile, rows};
use super::invalid_text::located;
use super::pages::Pages;
use crate::error::{Error, Result, guard};
use crate::schema::Kept;
use crate::text::escaped;

/// A file that is being read, and the parts of it that are read.
pub(super) struct Source {
    pub(super) file: ParquetFile,
    pub(super) pages: Pages,
    /// Whether its bytes are not counted yet; those that came through a pipe are.
    pub(super) is_unread: bool,
    /// The row groups that are read, in order.
    pub(super) row_groups: Vec<usize>,
    /// The origin of each output column, in the order of the schema of all files.
    pub(super) origins: Vec<Origin>,
    /// The columns that are decoded.
    pub(super) columns: Vec<SourceColumn>,
    /// The output encoding of each decoded column.
    pub(super) shapes: Vec<Shape>,
    /// The plain output type of each decoded column.
    pub(super) types: Vec<DataType>,
    /// The approximate size of the constant columns of a row.
    pub(super) constant_row_bytes: usize,
    /// The columns that a predicate uses.
    pub(super) asked: ColumnReader,
    /// The origins of these columns; `None` if all rows pass.
    pub(super) asked_columns: Option<Vec<Asked>>,
    /// All leaves that are decoded, output or not.
    pub(super) read: Vec<usize>,
}

/// A column that is decoded.
pub(super) struct SourceColumn {
    /// Its index in the file.
    pub(super) root: usize,
    pub(super) reader: ColumnReader,
}

impl SourceColumn {
    /// A complete top-level column.
    ///
    /// # Errors
    /// A column that cannot be read.
    pub(super) fn whole(file: &ParquetFile, root: usize) -> Result<Self> {
        let kept = BTreeMap::from([(root, Kept::Whole)]);
        Ok(Self { root, reader: file.columns().reader(&kept)? })
    }
}

impl Source {
    /// Counts the bytes of a row group, and its share of the other bytes of the file, as read or
    /// skipped.
    pub(super) fn pass(&self, row_group: usize) {
        if self.is_unread {
            let rows_here = rows(self.file.parquet().row_group(row_group)) as f64;
            let share = rows_here / (self.file.rows().max(1) as f64);
            self.file.mapping().pass((share * self.file.mapping().len() as f64) as usize);
        }
    }
}

/// A range of rows of one row group.
#[derive(Clone)]
pub(super) struct Run {
    pub(super) source: Arc<Source>,
    pub(super) row_group: usize,
    /// The rows, numbered from the start of the row group.
    pub(super) rows: Range<usize>,
    pub(super) batch_rows: usize,
    /// The approximate size of a batch.
    pub(super) batch_bytes: usize,
}

impl Run {
    /// The file and row group, for messages.
    pub(super) fn what(&self) -> String {
        format!("{}: row group {}", self.source.file.name(), self.row_group)
    }
}

/// The selected rows of a row range.
#[derive(Clone)]
pub(super) enum Selected {
    /// All of them.
    All,
    /// Those that match a predicate, as a selection that starts at the first row of the row group.
    Some(RowSelection),
}

/// Columns that are being decoded.
pub(super) struct Decoder {
    reader: ParquetRecordBatchReader,
    /// The type that each column is converted to, if it is.
    raw: Vec<Option<DataType>>,
    checks: Checks,
    has_optional_keys: bool,
    roots: Vec<usize>,
    run: Run,
    /// The number of rows still to come.
    left: usize,
    /// The number of rows of the row range decoded so far.
    decoded: usize,
}

impl Decoder {
    /// Starts decoding the first `count` selected rows.
    ///
    /// # Errors
    /// Damaged data, an unsupported codec or encoding.
    pub(super) fn start(
        run: &Run,
        columns: &ColumnReader,
        selected: &Selected,
        count: usize,
    ) -> Result<Self> {
        check_dictionaries(run, columns)?;
        let all = rows(run.source.file.parquet().row_group(run.row_group)) as usize;
        let selection = match selected {
            Selected::All if run.rows.start == 0 && count == all => None,
            Selected::All => {
                let ranges = std::iter::once(run.rows.start..run.rows.start + count);
                Some(RowSelection::from_consecutive_ranges(ranges, all))
            }
            Selected::Some(rows) => Some(rows.clone()),
        };
        let what = run.what();
        // A batch is never larger than the number of rows wanted.
        let batch_rows = run.batch_rows.min(count).max(1);
        let chunks = Chunks { run, file_leaves: &columns.file_leaves };
        let reader = guard(&what, || {
            ParquetRecordBatchReader::try_new_with_row_groups(
                &columns.levels,
                &chunks,
                batch_rows,
                selection,
            )
            .map_err(|error| failure(run, &cause(&error)).with(&what))
        })?;
        Ok(Self {
            reader,
            raw: columns.raw.clone(),
            checks: columns.checks,
            has_optional_keys: columns.has_optional_keys,
            roots: columns.roots.clone(),
            run: run.clone(),
            left: count,
            decoded: 0,
        })
    }

    /// The next rows: a full batch, fewer only at the end.
    ///
    /// # Errors
    /// Damaged data; a column that ends early; a value that its type cannot hold.
    pub(super) fn next(&mut self) -> Result<RecordBatch> {
        let what = self.run.what();
        let batch = self.decode(&what);
        batch.map_err(|error| match self.checks.text {
            true => error,
            false => located(&self.run, &self.roots, error),
        })
    }

    fn decode(&mut self, what: &str) -> Result<RecordBatch> {
        guard(what, || {
            let batch = self.reader.next().transpose();
            let batch =
                batch.map_err(|error| failure(&self.run, &arrow_cause(&error)).with(what))?;
            let expected = self.left.min(self.run.batch_rows);
            // A column that ends early ends the reader without an error; rows must not be lost that
            // way.
            let batch = batch.filter(|batch| expected <= batch.num_rows()).ok_or_else(|| {
                Error::failed(format!("{what}: a column ends before its last row"))
            })?;
            let batch = batch.slice(0, expected);
            let batch = self.converted(batch).map_err(|error| error.with(what))?;
            self.left -= expected;
            self.decoded += expected;
            Ok(batch)
        })
    }

    /// The batch, with the columns that were decoded as bytes converted.
    fn converted(&self, batch: RecordBatch) -> Result<RecordBatch> {
        let first_row = self.run.rows.start + self.decoded;
        if self.has_optional_keys {
            for (array, field) in batch.columns().iter().zip(batch.schema_ref().fields()) {
                check_keys(array, first_row).map_err(|error| {
                    error.with(format_args!("column \"{}\"", escaped(field.name())))
                })?;
            }
        }
        if self.raw.iter().all(Option::is_none) {
            return Ok(batch);
        }
        let columns = batch.columns().iter().zip(batch.schema_ref().fields()).zip(&self.raw);
        let columns = columns.map(|((array, field), raw)| match raw {
            None => Ok((Arc::clone(array), Arc::clone(field))),
            Some(data_type) => {
                let array =
                    converted(array, data_type, first_row, self.checks).map_err(|error| {
                        error.with(format_args!("column \"{}\"", escaped(field.name())))
                    })?;
                let field = field.as_ref().clone().with_data_type(data_type.clone());
                Ok((array, Arc::new(field)))
            }
        });
        let (arrays, fields): (Vec<ArrayRef>, Vec<FieldRef>) =
            columns.collect::<Result<Vec<_>>>()?.into_iter().unzip();
        RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
            .map_err(|error| Error::failed(format!("cannot make a batch: {error}")))
    }

    /// The row range that is being decoded.
    pub(super) fn run(&self) -> &Run {
        &self.run
    }

    /// The number of rows still to come.
    pub(super) fn left(&self) -> usize {
        self.left
    }
}

/// The column chunks of a row range, for the reader of the `parquet` crate.
struct Chunks<'a> {
    run: &'a Run,
    file_leaves: &'a [usize],
}

impl RowGroups for Chunks<'_> {
    fn num_rows(&self) -> usize {
        rows(self.run.source.file.parquet().row_group(self.run.row_group)) as usize
    }

    fn column_chunks(&self, leaf: usize) -> ParquetResult<Box<dyn PageIterator>> {
        let (source, row_group) = (&self.run.source, self.run.row_group);
        let leaf = self.file_leaves.get(leaf).copied().unwrap_or(leaf);
        let pages = ChunkPages::open(&source.file, &source.pages, row_group, leaf)?;
        Ok(Box::new(OneChunk(Some(Box::new(pages)))))
    }

    fn row_groups(&self) -> Box<dyn Iterator<Item = &RowGroupMetaData> + '_> {
        Box::new(std::iter::once(self.run.source.file.parquet().row_group(self.run.row_group)))
    }

    fn metadata(&self) -> &ParquetMetaData {
        self.run.source.file.parquet()
    }
}

/// Refuses dictionaries that claim more values than they can hold: memory would be allocated for
/// all of them.
fn check_dictionaries(run: &Run, columns: &ColumnReader) -> Result<()> {
    let file = &run.source.file;
    let (bytes, row_group) = (file.mapping().bytes(), file.parquet().row_group(run.row_group));
    let plain = columns.leaves.iter().filter(|leaf| !file.is_encrypted(run.row_group, **leaf));
    let mut chunks = plain.map(|leaf| row_group.column(*leaf));
    let damaged = chunks.find(|chunk| claims_too_much(&bytes, chunk));
    damaged.map_or(Ok(()), |chunk| {
        let column = escaped(&chunk.column_path().string());
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
            escaped(&column)
        ),
    })
}
