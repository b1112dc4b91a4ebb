//! The dictionary pages of a Parquet file: how large they are, how often their entries are used, and
//! the entries themselves.

use super::dictionary_page::{DictionaryPage, meaning};
use super::page_chunk::what;
use super::pages::damaged;
use super::value::Value;
use super::{open, parquet_type};
use crate::endpoint::Operand;
use crate::error::{Error, Result, guard};
use crate::io::{Input, MappedFile};
use crate::parquet_file::trust::FileTrust;
use crate::parquet_file::{KeyFile, footer};
use parquet::file::metadata::ParquetMetaData;

/// The dictionary of a column chunk.
#[derive(Debug, Clone, PartialEq)]
pub struct Dictionary {
    /// The number of the row group in the file.
    pub row_group: u64,
    /// The column's names from the root, joined by dots.
    pub column: String,
    /// Its type in lower-case words.
    pub type_name: String,
    /// What the page takes in the file, without its header.
    pub stored_bytes: u64,
    /// What it takes once decompressed.
    pub uncompressed_bytes: u64,
    /// What the whole column chunk takes in the file.
    pub chunk_bytes: Option<u64>,
    /// The values in the chunk that are not null; with nulls if their number is not known.
    pub values: u64,
    /// The entries in their order.
    pub entries: Vec<Entry>,
}

/// An entry of a dictionary.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its value.
    pub value: Value,
    /// What it takes, once decompressed.
    pub bytes: u64,
}

/// The dictionaries of a file, row group by row group and column by column.
pub struct Dictionaries {
    path: String,
    operand: Operand,
    file: MappedFile,
    metadata: ParquetMetaData,
    trust: FileTrust,
    /// The next column chunk: its row group, and its place there.
    next: (usize, usize),
    /// The columns of which a chunk has no dictionary.
    without: Vec<String>,
    /// The error of the first damaged column chunk, and how many others are damaged.
    error: Option<Error>,
    more_damaged: u64,
}

impl Dictionaries {
    /// Opens a Parquet file; one that comes through a pipe is kept in a temporary file.
    ///
    /// # Errors
    /// As [`super::report`], and formats without pages. Errors name the operand.
    pub fn open(operand: &Operand, keys: Option<&KeyFile>) -> Result<Self> {
        let named = |error: Error| error.with(operand.name());
        let file = Input::open(operand).and_then(open::parquet).map_err(named)?;
        let metadata = footer::read(&file.bytes(), keys).map_err(named)?.metadata;
        super::pages::no_other_files(&metadata).map_err(named)?;
        Ok(Self {
            path: open::shown_path(operand),
            operand: operand.clone(),
            file,
            trust: FileTrust::of(metadata.file_metadata()),
            metadata,
            next: (0, 0),
            without: Vec::new(),
            error: None,
            more_damaged: 0,
        })
    }

    /// The operand, as the user wrote it.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The columns without a dictionary in a row group so far, each once.
    pub fn without(&self) -> &[String] {
        &self.without
    }

    fn read(&mut self, row_group: usize, place: usize) -> Result<Option<Dictionary>> {
        let metadata = self.metadata.row_group(row_group);
        let chunk = metadata.column(place);
        let (file, rows) = (self.file.bytes(), metadata.num_rows());
        let found = guard("damaged dictionary page", || DictionaryPage::read(&file, chunk, rows));
        self.file.release(0..self.file.len());
        let found = found.map_err(|error| error.with(what(row_group, chunk)))?;
        let column = chunk.column_path().string();
        let Some(page) = found else {
            if self.without.last() != Some(&column) && !self.without.contains(&column) {
                self.without.push(column);
            }
            return Ok(None);
        };
        let nulls = chunk.statistics().and_then(|stated| {
            let nulls = stated.null_count_opt()?;
            let trust = self.trust.column(self.metadata.file_metadata(), chunk, place);
            let values = chunk.num_values().unsigned_abs();
            trust.null_count(nulls, values, stated.min_bytes_opt().is_some()).ok().map(|()| nulls)
        });
        Ok(Some(Dictionary {
            row_group: row_group as u64,
            column,
            type_name: parquet_type::name(meaning(chunk)),
            stored_bytes: page.stored_bytes,
            uncompressed_bytes: page.uncompressed_bytes,
            chunk_bytes: u64::try_from(chunk.compressed_size()).ok(),
            values: chunk.num_values().unsigned_abs().saturating_sub(nulls.unwrap_or(0)),
            entries: page.entries,
        }))
    }
}

impl Iterator for Dictionaries {
    type Item = Result<Dictionary>;

    fn next(&mut self) -> Option<Self::Item> {
        while let Some(row_group) = self.metadata.row_groups().get(self.next.0) {
            let (number, place) = self.next;
            if row_group.num_columns() <= place {
                self.next = (number + 1, 0);
                continue;
            }
            self.next.1 += 1;
            match self.read(number, place) {
                Ok(None) => {}
                Ok(Some(dictionary)) => return Some(Ok(dictionary)),
                // The other column chunks may be whole.
                Err(error) => match &self.error {
                    None => self.error = Some(error),
                    Some(_) => self.more_damaged += 1,
                },
            }
        }
        let error = damaged(self.error.take()?, self.more_damaged);
        Some(Err(error.with(self.operand.name())))
    }
}
