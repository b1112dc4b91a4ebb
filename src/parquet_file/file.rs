//! One Parquet file that is open for reading: its mapping, and its metadata loaded once.

use arrow::datatypes::SchemaRef;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::file::metadata::{FileMetaData, ParquetMetaData, RowGroupMetaData};
use std::sync::Arc;

use super::cause::cause;
use super::footer;
use super::storable::readable;
use crate::error::{Error, Result, guard};
use crate::io::MappedFile;

/// An open Parquet file.
#[derive(Debug, Clone)]
pub struct ParquetFile {
    name: String,
    mapping: MappedFile,
    metadata: ArrowReaderMetadata,
}

impl ParquetFile {
    /// Loads the metadata of a mapped file; `name` is what messages call it.
    ///
    /// # Errors
    /// What is no Parquet file, or a truncated, encrypted or damaged one, with the file's name.
    pub fn open(mapping: MappedFile, name: String) -> Result<Self> {
        let metadata = load(&mapping).map_err(|error| error.with(&name))?;
        // The footer was read by way of the whole mapping's end; nothing of it is needed again.
        mapping.release(0..mapping.len());
        Ok(Self { name, mapping, metadata })
    }

    /// The schema as Arrow knows it: types as `ARROW:schema` declares them where that is present,
    /// with the file's key-value metadata except `ARROW:schema` itself.
    pub fn schema(&self) -> &SchemaRef {
        self.metadata.schema()
    }

    /// The number of row groups.
    pub fn row_groups(&self) -> usize {
        self.parquet().num_row_groups()
    }

    /// The number of rows in all row groups.
    pub fn rows(&self) -> u64 {
        self.parquet().row_groups().iter().map(rows).sum()
    }

    /// What messages call the file.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A leaf column that does not begin as all pages do, with the field `type` of its header in
    /// Thrift's compact protocol. A footer that is not encrypted hides that its columns are.
    pub(super) fn column_without_page_header(&self, row_group: usize) -> Option<String> {
        const TYPE_FIELD: u8 = 0x15;
        let bytes = self.mapping.bytes();
        let mut columns = self.parquet().row_group(row_group).columns().iter();
        let column = columns.find(|column| {
            let start = column.dictionary_page_offset().filter(|offset| 0 < *offset);
            let start =
                start.map_or(column.data_page_offset(), |d| d.min(column.data_page_offset()));
            let first = usize::try_from(start).ok().and_then(|start| bytes.get(start));
            first != Some(&TYPE_FIELD)
        })?;
        Some(column.column_path().string())
    }

    pub(super) fn mapping(&self) -> &MappedFile {
        &self.mapping
    }

    pub(super) fn metadata(&self) -> &ArrowReaderMetadata {
        &self.metadata
    }

    pub(super) fn parquet(&self) -> &ParquetMetaData {
        self.metadata.metadata()
    }
}

/// The rows of a row group; a file that claims fewer than none was refused when it was opened.
pub(super) fn rows(row_group: &RowGroupMetaData) -> u64 {
    row_group.num_rows().unsigned_abs()
}

fn load(mapping: &MappedFile) -> Result<ArrowReaderMetadata> {
    let bytes = mapping.bytes();
    footer::footer_bytes(&bytes)?;
    let metadata = guard(footer::CANNOT_READ, || {
        ArrowReaderMetadata::load(&bytes, ArrowReaderOptions::new())
            .map_err(|error| footer::unreadable(&error))
    })?;
    check_metadata(&metadata)?;
    corrected(metadata)
}

/// Metadata that the decoder can work with: a true count of rows, and a schema it can give.
fn corrected(metadata: ArrowReaderMetadata) -> Result<ArrowReaderMetadata> {
    let counted = with_true_count(metadata.metadata());
    let schema = readable(metadata.schema());
    if counted.is_none() && schema.is_none() {
        return Ok(metadata);
    }
    let options = match schema {
        Some(schema) => ArrowReaderOptions::new().with_schema(Arc::new(schema)),
        None => ArrowReaderOptions::new(),
    };
    let parquet = counted.map_or_else(|| metadata.metadata().clone(), Arc::new);
    ArrowReaderMetadata::try_new(parquet, options).map_err(|error| Error::failed(cause(&error)))
}

/// The decoder sizes its batches by the footer's count of rows; where that is not the sum over the
/// row groups (0 in files of early parquet-rs) it would end before the first row.
fn with_true_count(claimed: &ParquetMetaData) -> Option<ParquetMetaData> {
    let file = claimed.file_metadata();
    let rows: i64 = claimed.row_groups().iter().map(RowGroupMetaData::num_rows).sum();
    if rows == file.num_rows() {
        return None;
    }
    let corrected = FileMetaData::new(
        file.version(),
        rows,
        file.created_by().map(str::to_owned),
        file.key_value_metadata().cloned(),
        file.schema_descr_ptr(),
        file.column_orders().cloned(),
    );
    Some(ParquetMetaData::new(corrected, claimed.row_groups().to_vec()))
}

/// Claims that code further on takes for granted.
fn check_metadata(metadata: &ArrowReaderMetadata) -> Result<()> {
    let schema = metadata.parquet_schema();
    // Columns are found by their place, in the schema of Parquet as in that of Arrow.
    if schema.root_schema().get_fields().len() != metadata.schema().fields().len() {
        return Err(Error::failed("the schema has a group without columns"));
    }
    let leaves = schema.num_columns();
    let mut rows: i64 = 0;
    for (number, row_group) in metadata.metadata().row_groups().iter().enumerate() {
        let sum = rows.checked_add(row_group.num_rows());
        rows = sum.ok_or_else(|| Error::failed("the row groups claim to have 2^63 rows"))?;
        if row_group.num_rows() < 0 {
            let claim = row_group.num_rows();
            return Err(Error::failed(format!("row group {number} claims to have {claim} rows")));
        }
        if row_group.num_columns() != leaves {
            let columns = row_group.num_columns();
            return Err(Error::failed(format!(
                "row group {number} has {columns} columns where the schema has {leaves}"
            )));
        }
    }
    Ok(())
}
