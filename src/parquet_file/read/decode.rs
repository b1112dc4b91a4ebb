//! Decoding some columns of a row range of one row group, batch by batch.
//!
//! Every row range has its own readers, so that row ranges and columns are independent of one
//! another and memory depends on the size of a row range, not of the file.

use super::encoded::claims_too_much;
use super::source::{RowRange, Selected};
use crate::error::{Error, Result, guard};
use crate::parquet_file::cause::{arrow_cause, cause};
use crate::parquet_file::chunk::ChunkPages;
use crate::parquet_file::columns::file_columns::FileColumns;
use crate::parquet_file::columns::options::ReadOptions;
use crate::parquet_file::columns::{ColumnReader, check_keys, converted};
use crate::parquet_file::file::rows;
use crate::parquet_file::footer::Oddities;
use crate::parquet_file::one_chunk::OneChunk;
use crate::parquet_file::page_check::Decoding;
use crate::schema::Kept;
use crate::text::escaped;
use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::{FieldRef, Schema};
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, RowGroups, RowSelection};
use parquet::column::page::PageIterator;
use parquet::errors::Result as ParquetResult;
use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Columns that are being decoded.
pub(crate) struct Decoder {
    reader: ParquetRecordBatchReader,
    columns: ColumnReader,
    range: RowRange,
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
    pub(crate) fn start(
        range: &RowRange,
        columns: &ColumnReader,
        selected: &Selected,
        count: usize,
    ) -> Result<Self> {
        let all = rows(range.source.file.parquet().row_group(range.row_group)) as usize;
        let selection = match selected {
            Selected::All if range.rows.start == 0 && count == all => None,
            Selected::All => {
                let ranges = std::iter::once(range.rows.start..range.rows.start + count);
                Some(RowSelection::from_consecutive_ranges(ranges, all))
            }
            Selected::Some(rows) => Some(rows.clone()),
        };
        // A batch is never larger than the number of rows wanted.
        let batch_rows = range.batch_rows.min(count).max(1);
        let skips = range.rows.start > 0 || matches!(selected, Selected::Some(_));
        let decoding = Decoding { skips, batch_rows, first_page: None };
        let first_row = match selected {
            Selected::All => range.rows.start,
            Selected::Some(rows) => first_selected(rows),
        };
        check_dictionaries(range, columns, first_row)?;
        let chunks = Chunks { range, file_leaves: &columns.file_leaves, decoding, first_row };
        let reader = guarded(range, || {
            ParquetRecordBatchReader::try_new_with_row_groups(
                &columns.levels,
                &chunks,
                batch_rows,
                selection,
            )
        })?;
        Ok(Self { reader, columns: columns.clone(), range: range.clone(), left: count, decoded: 0 })
    }

    /// The next rows: a full batch, fewer only at the end.
    ///
    /// # Errors
    /// Damaged data; a column that ends early; a value that its type cannot hold.
    pub(crate) fn next(&mut self) -> Result<RecordBatch> {
        let what = self.range.what();
        let batch = self.decode(&what);
        batch.map_err(|error| {
            if self.columns.checks.text {
                error
            } else {
                located(&self.range, &self.columns.roots, error)
            }
        })
    }

    fn decode(&mut self, what: &str) -> Result<RecordBatch> {
        guard(what, || {
            let batch = self.reader.next().transpose();
            let batch =
                batch.map_err(|error| failure(&self.range, &arrow_cause(&error)).with(what))?;
            let expected = self.left.min(self.range.batch_rows);
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
        let first_row = self.range.rows.start + self.decoded;
        let named = |error: Error, field: &FieldRef| {
            error.with(format_args!("column \"{}\"", escaped(field.name())))
        };
        let ColumnReader { has_optional_keys, raw, checks, .. } = &self.columns;
        if *has_optional_keys {
            for (array, field) in batch.columns().iter().zip(batch.schema_ref().fields()) {
                check_keys(array, first_row).map_err(|error| named(error, field))?;
            }
        }
        if raw.iter().all(Option::is_none) {
            return Ok(batch);
        }
        let columns = batch.columns().iter().zip(batch.schema_ref().fields()).zip(raw);
        let columns = columns.map(|((array, field), raw)| match raw {
            None => Ok((Arc::clone(array), Arc::clone(field))),
            Some(data_type) => {
                let array = converted(array, data_type, first_row, *checks);
                let array = array.map_err(|error| named(error, field))?;
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
    pub(crate) fn range(&self) -> &RowRange {
        &self.range
    }

    /// The number of rows still to come.
    pub(crate) fn left(&self) -> usize {
        self.left
    }
}

/// The column chunks of a row range, for the reader of the `parquet` crate.
struct Chunks<'a> {
    range: &'a RowRange,
    file_leaves: &'a [usize],
    decoding: Decoding,
    /// The first row that is read.
    first_row: usize,
}

/// The first row of a selection.
pub(crate) fn first_selected(rows: &RowSelection) -> usize {
    let mut before = 0;
    for selector in rows.iter() {
        if !selector.skip && selector.row_count > 0 {
            return before;
        }
        before += selector.row_count;
    }
    before
}

impl RowGroups for Chunks<'_> {
    fn num_rows(&self) -> usize {
        rows(self.range.source.file.parquet().row_group(self.range.row_group)) as usize
    }

    fn column_chunks(&self, leaf: usize) -> ParquetResult<Box<dyn PageIterator>> {
        let (source, row_group) = (&self.range.source, self.range.row_group);
        let leaf = self.file_leaves.get(leaf).copied().unwrap_or(leaf);
        let fetched = self.range.fetched.as_ref();
        let first_page = fetched.and_then(|fetched| fetched.first_page(leaf, self.first_row));
        let decoding = Decoding { first_page, ..self.decoding };
        let pages = ChunkPages::open(&source.file, &source.pages, row_group, leaf, decoding)?;
        Ok(Box::new(OneChunk(Some(Box::new(pages)))))
    }

    fn row_groups(&self) -> Box<dyn Iterator<Item = &RowGroupMetaData> + '_> {
        Box::new(std::iter::once(self.range.source.file.parquet().row_group(self.range.row_group)))
    }

    fn metadata(&self) -> &ParquetMetaData {
        self.range.source.file.parquet()
    }
}

/// Refuses dictionaries that claim more values than they can hold: memory would be allocated for
/// all of them.
fn check_dictionaries(range: &RowRange, columns: &ColumnReader, first_row: usize) -> Result<()> {
    let file = &range.source.file;
    let row_group = file.parquet().row_group(range.row_group);
    let plain = columns.leaves.iter().filter(|leaf| !file.is_encrypted(range.row_group, **leaf));
    let mut chunks = plain.map(|leaf| {
        let fetched = range.fetched.as_ref();
        let first_page = fetched.and_then(|fetched| fetched.first_page(*leaf, first_row));
        (row_group.column(*leaf), first_page.map(|first| first.offset))
    });
    let is_damaged = |(chunk, first): &(&_, _)| claims_too_much(&**file.bytes(), chunk, *first);
    let Some((damaged, _)) = chunks.find(is_damaged) else { return Ok(()) };
    let (what, column) = (range.what(), escaped(&damaged.column_path().string()));
    Err(Error::failed(format!(
        "{what}: column \"{column}\": damaged dictionary: it is too short for its values"
    )))
}

/// Calls the `parquet` crate for a row range, which its errors and panics then name.
pub(crate) fn guarded<T>(range: &RowRange, work: impl FnOnce() -> ParquetResult<T>) -> Result<T> {
    let what = range.what();
    guard(&what, || work().map_err(|error| failure(range, &cause(&error)).with(&what)))
}

fn failure(range: &RowRange, cause: &str) -> Error {
    Error::failed(match range.source.file.column_without_page_header(range.row_group) {
        None => cause.to_owned(),
        Some(column) => format!(
            "column \"{}\" is encrypted or damaged: it does not begin with a page header",
            escaped(&column)
        ),
    })
}

/// Adds the column, row and text to the error if it is about text: the columns of the row range are
/// decoded once more, as bytes.
pub(crate) fn located(range: &RowRange, roots: &[usize], error: Error) -> Error {
    let text = error.to_string().to_ascii_lowercase();
    if !text.contains("utf-8") && !text.contains("utf8") {
        return error;
    }
    roots.iter().find_map(|root| locate(range, *root).err()).unwrap_or(error)
}

fn locate(range: &RowRange, root: usize) -> Result<()> {
    let metadata = range.source.file.parquet().file_metadata();
    let options = ReadOptions { checks_text: true, ..ReadOptions::default() };
    let columns = FileColumns::of(metadata, &Oddities::default(), options, None);
    let column = columns.reader(&BTreeMap::from([(root, Kept::Whole)]))?;
    let mut decoder = Decoder::start(range, &column, &Selected::All, range.rows.len())?;
    while decoder.left() > 0 {
        decoder.next()?;
    }
    Ok(())
}
