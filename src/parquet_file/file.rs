//! One Parquet file that is open for reading: its bytes, and its metadata loaded once.

use super::columns::file_columns::FileColumns;
use super::columns::options::ReadOptions;
use super::encryption::{Encryption, KeyFile};
use super::footer::{self, ReadFooter, with_rows};
use super::int96_unit::finest_int96_unit;
use crate::error::{Error, Result};
use crate::io::RangedBytes;
use crate::text::escaped;
use arrow::datatypes::{SchemaRef, TimeUnit};
use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// Summary files of a directory: the footers of all its files, or only their schema.
const SUMMARY_NAMES: [&str; 2] = ["_metadata", "_common_metadata"];

/// An open Parquet file.
#[derive(Debug, Clone)]
pub struct ParquetFile {
    name: String,
    bytes: Arc<dyn RangedBytes>,
    parquet: Arc<ParquetMetaData>,
    columns: Arc<FileColumns>,
    int96_unit: Option<TimeUnit>,
    options: ReadOptions,
    encryption: Option<Arc<Encryption>>,
}

impl ParquetFile {
    /// Loads the metadata of a file. `name` is the name of the file in messages.
    ///
    /// # Errors
    /// Not a Parquet file; a truncated, encrypted or damaged file. The message names the file.
    pub fn open(file: impl Into<Arc<dyn RangedBytes>>, name: String) -> Result<Self> {
        Self::open_with(file.into(), name, ReadOptions::default(), None, None)
    }

    /// The same with options for reading columns, and the keys of encrypted columns. `int96_unit`
    /// is that of another file of the dataset.
    ///
    /// # Errors
    /// As [`ParquetFile::open`].
    pub fn open_with(
        bytes: Arc<dyn RangedBytes>,
        name: String,
        options: ReadOptions,
        keys: Option<&KeyFile>,
        int96_unit: Option<TimeUnit>,
    ) -> Result<Self> {
        let named = |error: Error| error.with(&name);
        let ReadFooter { metadata, mut oddities, encryption } =
            footer::read(&*bytes, keys).map_err(named)?;
        check_metadata(&metadata).map_err(named)?;
        oddities.unreadable.extend(columns_with_more_rows(&metadata));
        oddities.unreadable.extend(columns_elsewhere(&metadata, &name).map_err(named)?);
        let metadata = with_true_count(&metadata).unwrap_or(metadata);
        // None of the footer is needed again.
        bytes.release(0..bytes.size());
        let int96_unit =
            int96_unit.or_else(|| finest_int96_unit(&bytes, &metadata, encryption.as_ref()));
        let columns = FileColumns::of(metadata.file_metadata(), &oddities, options, int96_unit);
        let (parquet, columns) = (Arc::new(metadata), Arc::new(columns));
        let encryption = encryption.map(Arc::new);
        Ok(Self { name, bytes, parquet, columns, int96_unit, options, encryption })
    }

    /// The Arrow schema: types as `ARROW:schema` declares them if it is present and fits, and the
    /// key-value metadata of the file except `ARROW:schema` itself.
    pub fn schema(&self) -> &SchemaRef {
        &self.columns.schema
    }

    /// The parts of the Arrow schema in the file that are ignored, and why.
    pub fn ignored_hints(&self) -> &[String] {
        &self.columns.ignored
    }

    /// The finest unit that holds all INT96 timestamps that were checked; `None` if there is no
    /// such column.
    pub(crate) fn int96_unit(&self) -> Option<TimeUnit> {
        self.int96_unit
    }

    /// The number of row groups.
    pub fn row_groups(&self) -> usize {
        self.parquet().num_row_groups()
    }

    /// The number of rows in all row groups.
    pub fn rows(&self) -> u64 {
        // The sum over all row groups, since the file was opened.
        self.parquet().file_metadata().num_rows().unsigned_abs()
    }

    /// The name of the file in messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A leaf column that does not begin with a page header, that is, with the field `type` in
    /// Thrift's compact protocol. A plaintext footer may not show that its columns are encrypted.
    pub(crate) fn column_without_page_header(&self, row_group: usize) -> Option<String> {
        const TYPE_FIELD: u8 = 0x15;
        let mut columns = self.parquet().row_group(row_group).columns().iter().enumerate();
        let (_, column) = columns.find(|(leaf, column)| {
            if self.is_encrypted(row_group, *leaf) {
                return false;
            }
            let start = column.dictionary_page_offset().filter(|offset| *offset > 0);
            let start =
                start.map_or(column.data_page_offset(), |d| d.min(column.data_page_offset()));
            let start = u64::try_from(start).unwrap_or(u64::MAX);
            let first = self.bytes.read(start..start.saturating_add(1));
            first.is_ok_and(|first| first[..] != [TYPE_FIELD])
        })?;
        Some(column.column_path().string())
    }

    /// Whether the pages of a column chunk are encrypted and the key is known.
    pub(crate) fn is_encrypted(&self, row_group: usize, leaf: usize) -> bool {
        self.encryption.as_ref().is_some_and(|encryption| encryption.has(row_group, leaf))
    }

    pub(crate) fn encryption(&self) -> Option<&Encryption> {
        self.encryption.as_deref()
    }

    pub(crate) fn bytes(&self) -> &Arc<dyn RangedBytes> {
        &self.bytes
    }

    pub(crate) fn options(&self) -> ReadOptions {
        self.options
    }

    pub(crate) fn columns(&self) -> &FileColumns {
        &self.columns
    }

    pub(crate) fn parquet(&self) -> &Arc<ParquetMetaData> {
        &self.parquet
    }
}

/// The rows of a row group. Negative counts are refused when the file is opened.
pub(crate) fn rows(row_group: &RowGroupMetaData) -> u64 {
    row_group.num_rows().unsigned_abs()
}

/// The range at an offset and of a length that a footer states; `None` for numbers that are no range.
pub(crate) fn range_of(offset: i64, length: i64) -> Option<Range<u64>> {
    let start = u64::try_from(offset).ok()?;
    Some(start..start.checked_add(u64::try_from(length).ok()?)?)
}

/// The metadata with the sum of the row groups as the row count, if the footer states a different
/// count (0 in files of early parquet-rs).
fn with_true_count(claimed: &ParquetMetaData) -> Option<ParquetMetaData> {
    let file = claimed.file_metadata();
    let rows: i64 = claimed.row_groups().iter().map(RowGroupMetaData::num_rows).sum();
    if rows == file.num_rows() {
        return None;
    }
    Some(ParquetMetaData::new(with_rows(file, rows), claimed.row_groups().to_vec()))
}

/// The top-level columns, by index, with more values than their row group has rows: some values
/// would be cut off silently.
fn columns_with_more_rows(metadata: &ParquetMetaData) -> BTreeMap<usize, String> {
    let schema = metadata.file_metadata().schema_descr();
    let mut columns = BTreeMap::new();
    for (number, row_group) in metadata.row_groups().iter().enumerate() {
        let rows = row_group.num_rows();
        for (leaf, chunk) in row_group.columns().iter().enumerate() {
            let is_flat = chunk.column_descr().max_rep_level() == 0;
            let values = chunk.num_values();
            if rows < values && (is_flat || rows == 0) {
                let why =
                    || format!("row group {number} claims {rows} rows but has {values} values");
                columns.entry(schema.get_column_root_idx(leaf)).or_insert_with(why);
            }
        }
    }
    columns
}

/// The top-level columns whose data is in another file, by index, with the reason: a column chunk
/// may name another file (`file_path` of `ColumnChunk` in parquet.thrift), as in summary files.
/// `name` is the name of the file in messages.
///
/// # Errors
/// A summary file: it has no rows of its own.
fn columns_elsewhere(metadata: &ParquetMetaData, name: &str) -> Result<BTreeMap<usize, String>> {
    let schema = metadata.file_metadata().schema_descr();
    let mut elsewhere = BTreeMap::new();
    let mut first = None;
    for (number, row_group) in metadata.row_groups().iter().enumerate() {
        for (leaf, chunk) in row_group.columns().iter().enumerate() {
            // Some writers set an empty path.
            let Some(path) = chunk.file_path().filter(|path| !path.is_empty()) else { continue };
            first.get_or_insert(path);
            elsewhere.entry(schema.get_column_root_idx(leaf)).or_insert_with(|| {
                format!("the data of row group {number} is in another file: {}", escaped(path))
            });
        }
    }
    let is_summary = name.rsplit('/').next().is_some_and(|last| SUMMARY_NAMES.contains(&last));
    match first {
        Some(first) if is_summary => Err(Error::failed(format!(
            "this is a summary file; its rows are in other files (the first is {}): name the \
             directory instead",
            escaped(first)
        ))),
        None if is_summary && metadata.num_row_groups() == 0 => Err(Error::failed(
            "this is a summary file with a schema and no rows: name the directory instead",
        )),
        _ => Ok(elsewhere),
    }
}

/// Checks claims that later code relies on.
fn check_metadata(metadata: &ParquetMetaData) -> Result<()> {
    let leaves = metadata.file_metadata().schema_descr().num_columns();
    let mut rows: i64 = 0;
    for (number, row_group) in metadata.row_groups().iter().enumerate() {
        let sum = rows.checked_add(row_group.num_rows());
        rows = sum.ok_or_else(|| Error::failed("the row groups claim to have 2^63 rows"))?;
        if row_group.num_rows() < 0 {
            let claim = row_group.num_rows();
            return Err(Error::failed(format!("row group {number} claims to have {claim} rows")));
        }
        if row_group.num_columns() != leaves {
            let columns = row_group.num_columns();
            return Err(Error::failed(format!(
                "row group {number} has {columns} columns, but the schema has {leaves}"
            )));
        }
    }
    Ok(())
}
