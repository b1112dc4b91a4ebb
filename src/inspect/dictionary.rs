//! The dictionary pages of a Parquet file: their sizes, the use of their entries, and the entries
//! themselves.

use super::column_chunks::ColumnChunks;
use super::dictionary_page::{DictionaryPage, Entry, meaning};
use super::page_chunk::what;
use super::{parquet, parquet_type};
use crate::error::{Result, guard};
use crate::options::Operand;
use crate::parquet_file::KeyFile;

/// The dictionary of a column chunk.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Dictionary {
    /// The number of the row group in the file.
    pub(super) row_group: u64,
    /// The column's names from the root, joined by dots.
    pub(super) column: String,
    /// Its type in lower-case words.
    pub(super) type_name: String,
    /// The size of the page in the file, without its header.
    pub(super) stored_bytes: u64,
    /// The decompressed size of the page.
    pub(super) uncompressed_bytes: u64,
    /// The size of the whole column chunk in the file.
    pub(super) chunk_bytes: Option<u64>,
    /// The number of non-null values in the chunk; includes nulls if their number is unknown.
    pub(super) values: u64,
    /// The entries, in order.
    pub(super) entries: Vec<Entry>,
}

/// The dictionaries of a file, row group by row group and column by column.
pub(super) struct Dictionaries {
    chunks: ColumnChunks,
    /// The columns with a chunk that has no dictionary.
    without: Vec<String>,
}

impl Dictionaries {
    /// Opens a Parquet file; one from a pipe is spooled to a temporary file.
    ///
    /// # Errors
    /// Those of [`crate::inspect::Pages::open`].
    pub(super) fn open(operand: &Operand, keys: Option<&KeyFile>) -> Result<Self> {
        Ok(Self { chunks: ColumnChunks::open(operand, keys)?, without: Vec::new() })
    }

    /// The operand, as the user wrote it.
    pub(super) fn path(&self) -> &str {
        &self.chunks.path
    }

    /// The columns that lack a dictionary in some row group so far, each once.
    pub(super) fn without(&self) -> &[String] {
        &self.without
    }

    fn read(&mut self, row_group: usize, place: usize) -> Result<Option<Dictionary>> {
        let ColumnChunks { file: mapped, metadata, trust, .. } = &self.chunks;
        let chunk = metadata.row_group(row_group).column(place);
        let (file, rows) = (mapped.bytes(), metadata.row_group(row_group).num_rows());
        let found = guard("damaged dictionary page", || DictionaryPage::read(&file, chunk, rows));
        mapped.release(0..mapped.len());
        let found = found.map_err(|error| error.with(what(row_group, chunk)))?;
        let column = chunk.column_path().string();
        let Some(page) = found else {
            if self.without.last() != Some(&column) && !self.without.contains(&column) {
                self.without.push(column);
            }
            return Ok(None);
        };
        let values = chunk.num_values().unsigned_abs();
        let trust = trust.column(metadata.file_metadata(), chunk, place);
        let (nulls, _) = parquet::nulls(chunk, Some(values), &trust);
        Ok(Some(Dictionary {
            row_group: row_group as u64,
            column,
            type_name: parquet_type::name(meaning(chunk)),
            stored_bytes: page.stored_bytes,
            uncompressed_bytes: page.uncompressed_bytes,
            chunk_bytes: u64::try_from(chunk.compressed_size()).ok(),
            values: values.saturating_sub(nulls.unwrap_or(0)),
            entries: page.entries,
        }))
    }
}

impl Iterator for Dictionaries {
    type Item = Result<Dictionary>;

    fn next(&mut self) -> Option<Self::Item> {
        while let Some((row_group, place)) = self.chunks.next() {
            match self.read(row_group, place) {
                Ok(None) => {}
                Ok(Some(dictionary)) => return Some(Ok(dictionary)),
                Err(error) => self.chunks.keep(error),
            }
        }
        self.chunks.take_error().map(Err)
    }
}
