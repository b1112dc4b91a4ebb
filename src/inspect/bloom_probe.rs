//! Checks the bloom filters of a Parquet file for a value.

use super::column_chunks::no_other_files;
use super::stored_value::{StoredType, stored};
use super::{open, parquet_type};
use crate::error::{Error, Result};
use crate::io::RangedBytes;
use crate::options::Operand;
use crate::parquet_file::footer::{self, ReadFooter};
use crate::parquet_file::{KeyFile, bloom_filter};
use crate::text::{did_you_mean, escaped, similar};
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData};

/// A value to look up in the bloom filters of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// The column's names from the root, joined by dots.
    pub column: String,
    /// The value, in the notation of the column's type.
    pub value: String,
}

/// The answers of a file's bloom filters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Probed {
    /// The operand, as the user wrote it.
    pub(super) path: String,
    /// The column and value that were looked up.
    pub(super) probe: Probe,
    /// The answers, row group by row group.
    pub(super) row_groups: Vec<ProbedRowGroup>,
}

/// The answer of a column chunk's bloom filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ProbedRowGroup {
    /// The number of rows in the row group.
    pub(super) rows: u64,
    /// The size of the filter without its header; none if the chunk has no readable filter.
    pub(super) filter_bytes: Option<u64>,
    /// Whether the row group may contain the value; none without a filter.
    pub(super) may_contain: Option<bool>,
}

impl Probe {
    /// Splits `COLUMN=VALUE` at its first `=`.
    ///
    /// # Errors
    /// Text without `=`.
    pub fn parse(text: &str) -> Result<Self> {
        let (column, value) = text.split_once('=').ok_or_else(|| {
            Error::usage("--bloom-probe takes a column and a value: COLUMN=VALUE")
        })?;
        Ok(Self { column: column.to_owned(), value: value.to_owned() })
    }

    /// Looks the value up in the filters of a file.
    ///
    /// # Errors
    /// Those of [`open::report`]; a format other than Parquet; an unknown column; a value
    /// of the wrong type; a column without a bloom filter. Errors name the operand.
    pub(super) fn ask(&self, operand: &Operand, keys: Option<&KeyFile>) -> Result<Probed> {
        let found = self.row_groups(&*open::parquet(operand)?, keys);
        let row_groups = found.map_err(|error| error.with(operand.name()))?;
        Ok(Probed { path: open::shown_path(operand), probe: self.clone(), row_groups })
    }

    fn row_groups(
        &self,
        file: &dyn RangedBytes,
        keys: Option<&KeyFile>,
    ) -> Result<Vec<ProbedRowGroup>> {
        let ReadFooter { metadata, encryption, .. } = footer::read(file, keys)?;
        no_other_files(&metadata)?;
        let place = self.place(&metadata)?;
        let column = metadata.file_metadata().schema_descr().column(place);
        let stored_type = StoredType {
            physical: column.physical_type(),
            meaning: parquet_type::meaning(column.self_type()),
            length: usize::try_from(column.type_length()).unwrap_or(0),
        };
        let forms = stored(&self.value, stored_type)
            .map_err(|error| error.with(format_args!("column \"{}\"", escaped(&self.column))))?;
        let mut row_groups = Vec::with_capacity(metadata.num_row_groups());
        for (number, row_group) in metadata.row_groups().iter().enumerate() {
            let rows = u64::try_from(row_group.num_rows()).unwrap_or(0);
            // The filter is encrypted with its column.
            let is_encrypted = encryption.as_ref().is_some_and(|found| found.has(number, place));
            let chunk = row_group.columns().get(place).filter(|_| !is_encrypted);
            row_groups.push(probed(file, chunk, rows, &forms));
        }
        if row_groups.iter().all(|row_group| row_group.may_contain.is_none()) {
            let column = escaped(&self.column);
            return Err(Error::failed(format!("column \"{column}\" has no bloom filter")));
        }
        Ok(row_groups)
    }

    fn place(&self, metadata: &ParquetMetaData) -> Result<usize> {
        let columns = metadata.file_metadata().schema_descr().columns();
        let names: Vec<String> = columns.iter().map(|column| column.path().string()).collect();
        names.iter().position(|name| *name == self.column).ok_or_else(|| {
            let near = similar(&self.column, names.iter().map(String::as_str));
            let hint = did_you_mean(near.into_iter().map(|name| format!("\"{}\"", escaped(name))));
            Error::failed(format!("unknown column \"{}\"{hint}", escaped(&self.column)))
        })
    }
}

fn probed(
    file: &dyn RangedBytes,
    chunk: Option<&ColumnChunkMetaData>,
    rows: u64,
    forms: &[Vec<u8>],
) -> ProbedRowGroup {
    let chunk = chunk.filter(|chunk| chunk.bloom_filter_offset().is_some());
    let filter = chunk.and_then(|chunk| bloom_filter::load(file, chunk));
    /// A block of a split block bloom filter (parquet-format, BloomFilter.md).
    const BLOCK_BYTES: u64 = 32;
    ProbedRowGroup {
        rows,
        filter_bytes: filter.as_ref().map(|filter| BLOCK_BYTES * filter.num_blocks() as u64),
        may_contain: filter
            .as_ref()
            .map(|filter| forms.iter().any(|form| bloom_filter::may_contain(filter, form))),
    }
}
